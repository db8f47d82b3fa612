/**
 * The traces of the official code as modules, in the order of their names: whoever imports this
 * module needs no permission to read files.
 *
 * @module
 */

import type { TraceFile } from "../trace_file.ts";
import applyExp from "./apply-exp.json" with { type: "json" };
import asymmetricBox from "./asymmetric-box.json" with { type: "json" };
import bufferedBounds from "./buffered-bounds.json" with { type: "json" };
import clipAfterNoise from "./clip-after-noise.json" with { type: "json" };
import d4rlConfigQuadratic from "./d4rl-config-quadratic.json" with { type: "json" };
import defaultCoupled2d from "./default-coupled-2d.json" with { type: "json" };
import defaultQuadratic1d from "./default-quadratic-1d.json" with { type: "json" };
import defaultQuadratic2d from "./default-quadratic-2d.json" with { type: "json" };
import degenerateAxis from "./degenerate-axis.json" with { type: "json" };
import deltaClipWide from "./delta-clip-wide.json" with { type: "json" };
import deltaClipZero from "./delta-clip-zero.json" with { type: "json" };
import doubleWell from "./double-well.json" with { type: "json" };
import exponential from "./exponential.json" with { type: "json" };
import exponentialFrozenGraph from "./exponential-frozen-graph.json" with { type: "json" };
import exponentialSlow from "./exponential-slow.json" with { type: "json" };
import flatNoiseOnly from "./flat-noise-only.json" with { type: "json" };
import gradClipOneAxis from "./grad-clip-one-axis.json" with { type: "json" };
import gradClipSmall from "./grad-clip-small.json" with { type: "json" };
import gradNorm1 from "./grad-norm-1.json" with { type: "json" };
import gradNorm2 from "./grad-norm-2.json" with { type: "json" };
import hundredStepsQuadratic from "./hundred-steps-quadratic.json" with { type: "json" };
import infiniteGradient from "./infinite-gradient.json" with { type: "json" };
import linearClipPerAxis from "./linear-clip-per-axis.json" with { type: "json" };
import linearClipSaturated from "./linear-clip-saturated.json" with { type: "json" };
import linearNoClip from "./linear-no-clip.json" with { type: "json" };
import logcoshConvex from "./logcosh-convex.json" with { type: "json" };
import manyRows from "./many-rows.json" with { type: "json" };
import nanGradient from "./nan-gradient.json" with { type: "json" };
import narrowBox from "./narrow-box.json" with { type: "json" };
import noiseHalf from "./noise-half.json" with { type: "json" };
import noiseOff from "./noise-off.json" with { type: "json" };
import observationCentred from "./observation-centred.json" with { type: "json" };
import oneStep from "./one-step.json" with { type: "json" };
import pixelBox from "./pixel-box.json" with { type: "json" };
import positionClipActive from "./position-clip-active.json" with { type: "json" };
import powerHalf from "./power-half.json" with { type: "json" };
import powerOne from "./power-one.json" with { type: "json" };
import powerThree from "./power-three.json" with { type: "json" };
import quartic from "./quartic.json" with { type: "json" };
import rugged from "./rugged.json" with { type: "json" };
import scheduleRising from "./schedule-rising.json" with { type: "json" };
import secondChainConstantStep from "./second-chain-constant-step.json" with { type: "json" };
import singleRow from "./single-row.json" with { type: "json" };
import softplusCoupled from "./softplus-coupled.json" with { type: "json" };
import startOutsideBox from "./start-outside-box.json" with { type: "json" };
import steep1e6 from "./steep-1e6.json" with { type: "json" };
import tanhNetwork from "./tanh-network.json" with { type: "json" };
import tanhNetwork4d from "./tanh-network-4d.json" with { type: "json" };
import threeSteps from "./three-steps.json" with { type: "json" };
import twoSteps from "./two-steps.json" with { type: "json" };

/**
 * What each trace file holds, by the name of the file. The tests hold every one against the schema,
 * which would be most of the time that loading takes.
 */
export const traceFiles = {
  "apply-exp": applyExp,
  "asymmetric-box": asymmetricBox,
  "buffered-bounds": bufferedBounds,
  "clip-after-noise": clipAfterNoise,
  "d4rl-config-quadratic": d4rlConfigQuadratic,
  "default-coupled-2d": defaultCoupled2d,
  "default-quadratic-1d": defaultQuadratic1d,
  "default-quadratic-2d": defaultQuadratic2d,
  "degenerate-axis": degenerateAxis,
  "delta-clip-wide": deltaClipWide,
  "delta-clip-zero": deltaClipZero,
  "double-well": doubleWell,
  "exponential": exponential,
  "exponential-frozen-graph": exponentialFrozenGraph,
  "exponential-slow": exponentialSlow,
  "flat-noise-only": flatNoiseOnly,
  "grad-clip-one-axis": gradClipOneAxis,
  "grad-clip-small": gradClipSmall,
  "grad-norm-1": gradNorm1,
  "grad-norm-2": gradNorm2,
  "hundred-steps-quadratic": hundredStepsQuadratic,
  "infinite-gradient": infiniteGradient,
  "linear-clip-per-axis": linearClipPerAxis,
  "linear-clip-saturated": linearClipSaturated,
  "linear-no-clip": linearNoClip,
  "logcosh-convex": logcoshConvex,
  "many-rows": manyRows,
  "nan-gradient": nanGradient,
  "narrow-box": narrowBox,
  "noise-half": noiseHalf,
  "noise-off": noiseOff,
  "observation-centred": observationCentred,
  "one-step": oneStep,
  "pixel-box": pixelBox,
  "position-clip-active": positionClipActive,
  "power-half": powerHalf,
  "power-one": powerOne,
  "power-three": powerThree,
  "quartic": quartic,
  "rugged": rugged,
  "schedule-rising": scheduleRising,
  "second-chain-constant-step": secondChainConstantStep,
  "single-row": singleRow,
  "softplus-coupled": softplusCoupled,
  "start-outside-box": startOutsideBox,
  "steep-1e6": steep1e6,
  "tanh-network": tanhNetwork,
  "tanh-network-4d": tanhNetwork4d,
  "three-steps": threeSteps,
  "two-steps": twoSteps,
} as unknown as Readonly<Record<string, TraceFile>>;
