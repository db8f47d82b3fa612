/**
 * The known defects of what is returned and reported, and of the number format.
 *
 * @module
 */

import type { Entries } from "./defect.ts";

/** In the order of the catalogue. */
export const resultDefects: Entries<"result" | "report" | "precision"> = {
  "result": [
    {
      id: "update-lost",
      title: "The new actions are computed and never assigned",
      symptom: "Nothing moves: the initial actions are returned.",
      fix: "Assign the clipped actions to the variable that the loop goes on with.",
      change: { result: "a" },
      // Drift and noise both vanish, as with a step size of zero.
      clause: "schedule/constant",
    },
    {
      id: "caller-overwritten",
      title: "The caller's initial actions are changed",
      symptom:
        "After the call the initial actions are the final ones; a second call goes on there.",
      fix: "Copy the initial actions before the first step.",
      change: { callersArray: "overwritten" },
      clause: "start/caller-unchanged",
      experiment: "io_inplace",
    },
    {
      id: "returns-best",
      title: "The point of least energy along the chain is returned",
      symptom: "The returned actions are too good: they are not samples any more.",
      fix: "Return the point after the last step.",
      change: { returns: "best" },
      clause: "result/last-point",
      experiment: "io_best",
    },
    {
      id: "returns-mean",
      title: "The mean of the chain is returned",
      symptom: "The returned actions lag behind and vary too little.",
      fix: "Return the point after the last step.",
      change: { returns: "mean" },
      clause: "result/last-point",
      experiment: "io_mean",
    },
    {
      id: "returns-point-before-last",
      title: "The point before the last step is returned",
      symptom: "The last step has no effect.",
      fix: "Return the actions after the loop, not those that the last gradient was taken at.",
      change: { returns: "before-last" },
      clause: "result/last-point",
      experiment: "io_prev",
    },
    {
      id: "returns-sorted",
      title: "The returned rows are sorted by energy",
      symptom: "Row r of the result belongs to another start and to another observation.",
      fix: "Return the rows in the order in which they came.",
      change: { returns: "sorted" },
      clause: "result/last-point",
      experiment: "io_sorted",
    },
  ],
  "report": [
    {
      id: "outputs-after-step",
      title: "The reported outputs are those after each step",
      symptom: "The reported energies are one step ahead, and the first one is missing.",
      fix: "Report the outputs that were computed together with the gradient.",
      change: { reportedOutputs: "after" },
      clause: "chain/outputs",
      experiment: "r_energy_post",
    },
    {
      id: "outputs-negated",
      title: "The reported outputs have the wrong sign",
      symptom: "A plot of the reported energies rises while the chain descends.",
      fix: "Report what the network returned, without turning its sign.",
      change: { reportedOutputs: "negated" },
      clause: "chain/outputs",
      experiment: "r_energy_neg",
    },
    {
      id: "outputs-without-exp",
      title: "With apply_exp the reported outputs are not exponentiated",
      symptom: "The reported outputs are the same with and without apply_exp.",
      fix: "Report exp(f) when apply_exp is set.",
      change: { reportedOutputs: "without-exp" },
      clause: "chain/outputs-exp",
      experiment: "exp_energy_raw",
    },
    {
      id: "actions-before-step",
      title: "The reported actions are those before each step",
      symptom: "The reported chain starts at the initial actions and lacks the final ones.",
      fix: "Report the actions after each step.",
      change: { reportedActions: "before" },
      clause: "chain/actions",
      experiment: "r_actions_pre",
    },
    {
      id: "grad-norm-clipped",
      title: "The reported gradient norms are those after the gradient clip",
      symptom: "With a gradient clip no reported norm exceeds it, however steep the energy.",
      fix: "Compute the norm before the gradient is clipped.",
      change: { reportedNorm: "clipped" },
      clause: "chain/grad-norms",
      experiment: "r_gnorm_clipped",
    },
    {
      id: "grad-norm-euclidean",
      title: "The reported gradient norms are Euclidean, whatever is asked for",
      symptom: "The reported norms are too large when the largest component is asked for.",
      fix: "Use the order that is asked for.",
      change: { reportedNorm: "euclidean" },
      clause: "chain/grad-norms",
      experiment: "r_gnorm_l2",
    },
    {
      id: "grad-norm-over-rows",
      title: "The reported gradient norms are taken over the rows instead of the axes",
      symptom: "The reported norms grow with the number of rows.",
      fix: "Take the norm over the last dimension, one value per row.",
      change: { reportedNorm: "over-rows" },
      clause: "chain/grad-norms",
      experiment: "r_gnorm_axis0",
    },
  ],
  "precision": [
    {
      id: "float16",
      title: "The chain is computed in float16",
      symptom: "Steps differ from the rule in the fourth digit; tiny steps get lost.",
      fix: "Compute in float32 or float64.",
      change: { precision: "float16" },
      clause: "steps/precision",
      experiment: "x_half",
    },
  ],
};
