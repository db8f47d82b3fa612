/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The playground: one program that is the page and, in a worker, the judge.
 *
 * @module
 */

import { defects, factors } from "../../src/defects/defects.ts";
import { problemFromText } from "../../src/report/page/seen_step.ts";
import type { Report } from "../../src/report/report.ts";
import { choices, settingsFields } from "./controls.ts";
import { type Answer, type Question, serve, type WorkerScope } from "./judging.ts";
import { keptTheme, theme } from "../site/theme.ts";
import { type RunPair, runPairOf } from "./run_pair.ts";
import {
  energyFault,
  firstSetup,
  fromFragment,
  presets,
  problemOf,
  type Setup,
  toFragment,
} from "./setup.ts";
import { chainsAt, curves, type Ground, groundOf, size } from "./stage.ts";
import { stepClock } from "./step_clock.ts";
import { ledgerHtml, momentWords, toldWords, verdictHtml, verdictWords } from "./page_text.ts";

type Judgement = Extract<Answer, { kind: "report" }>;

function page(): void {
  const byId = <T extends HTMLElement = HTMLElement>(id: string): T =>
    document.getElementById(id) as T;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const judgements = new Map<string | null, Judgement>();
  let setup = fromFragment(location.hash);
  let pair: RunPair | null = null;
  let ground: Ground | null = null;
  let moment = setup.step;
  let playing: number | null = null;
  let worker: Worker | null = null;
  let newest = 0;

  // --- the picture

  function smallestProblem() {
    const report = judgements.get(setup.defect)?.report;
    return report && firstViolation(report)?.counterexample?.problem;
  }

  async function stage(): Promise<void> {
    const turn = ++newest;
    const smallest = setup.stage === "smallest" ? smallestProblem() : undefined;
    if (setup.stage === "own" && energyFault(setup.energy, setup.axes) !== null) return;
    const problem = smallest ? problemFromText(smallest) : problemOf(setup);
    const made = await runPairOf(problem, setup.defect);
    if (turn !== newest) return;
    pair = made;
    ground = groundOf(made, rowOf(made));
    for (const side of ["expected", "actual"] as const) {
      byId(`figure-${side}`).innerHTML =
        `<svg viewBox="0 0 ${size.width} ${size.height}" aria-hidden="true" focusable="false">` +
        `${ground.drawn.markup}<g></g></svg>`;
    }
    const scrub = byId<HTMLInputElement>("scrub");
    scrub.max = String(lastStep());
    moment = Math.min(moment, lastStep());
    notice();
    draw();
  }

  const rowOf = (pair: RunPair) => Math.min(setup.row, pair.problem.initial.length - 1);
  const lastStep = () =>
    pair ? Math.max(pair.expected.points.length, pair.actual.points.length) - 1 : 0;

  function draw(): void {
    if (!pair || !ground) return;
    const { expected, actual } = pair, row = rowOf(pair);
    for (const side of ["expected", "actual"] as const) {
      const group = byId(`figure-${side}`).querySelector("g")!;
      group.innerHTML = chainsAt(pair, ground, side, moment, row).markup;
    }
    for (const [id, what] of [["sizes", "stepSizes"], ["energies", "energies"]] as const) {
      byId(id).innerHTML = curves([
        { side: "expected", values: expected[what] },
        { side: "actual", values: actual[what] },
      ], moment).markup;
    }
    const k = Math.floor(moment);
    byId<HTMLInputElement>("scrub").value = String(k);
    byId("moment").textContent = momentWords(k, lastStep());
    byId("ledger").innerHTML = ledgerHtml(pair, k, row, setup.defect !== null);
  }

  function notice(): void {
    if (!pair) return;
    const place = byId("notice");
    const button = (id: string, text: string) =>
      ` <button type="button" class="plain" id="${id}">${text}</button>`;
    const { fault } = pair.actual;
    if (setup.stage === "smallest" && smallestProblem()) {
      place.textContent = "The smallest problem on which the clause breaks. ";
      place.insertAdjacentHTML("beforeend", button("own", "Back to my settings"));
    } else if (fault !== null) {
      place.textContent = `The defective sampler gives no result. ${fault}. `;
    } else if (setup.defect !== null && pair.differ === "no") {
      place.textContent = "In this setting both samplers walk alike: the defect shows elsewhere. ";
      if (smallestProblem()) {
        place.insertAdjacentHTML("beforeend", button("smallest", "Show the smallest problem"));
      }
    } else {
      place.hidden = true;
      return;
    }
    place.hidden = false;
    byId("own")?.addEventListener("click", () => change({ stage: "own", step: 0 }));
    byId("smallest")?.addEventListener("click", () => change({ stage: "smallest", step: 0 }));
  }

  // --- moving through the steps

  function go(step: number): void {
    pause();
    moment = Math.min(Math.max(Math.round(step), 0), lastStep());
    setup = { ...setup, step: moment };
    draw();
    remember();
    if (pair) byId("told").textContent = toldWords(pair, moment, rowOf(pair));
  }

  function play(): void {
    if (moment >= lastStep()) moment = 0;
    // A chain takes five seconds at most, and a step a third of a second.
    const clock = stepClock(
      Math.min(330, 5000 / Math.max(lastStep(), 1)),
      () => calm.matches,
    );
    const frame = (now: number) => {
      moment = (calm.matches ? Math.floor(moment) : moment) + clock(now);
      if (moment >= lastStep()) {
        go(lastStep());
        return;
      }
      draw();
      playing = requestAnimationFrame(frame);
    };
    playing = requestAnimationFrame(frame);
    playButton();
  }

  function pause(): void {
    if (playing !== null) cancelAnimationFrame(playing);
    playing = null;
    playButton();
  }

  function playButton(): void {
    const button = byId("play");
    const running = playing !== null;
    button.setAttribute("aria-label", running ? "Pause" : "Play");
    button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${
      running ? "M4.5 3v10M11.5 3v10" : "M4 2.5 13 8l-9 5.5z"
    }"/></svg>`;
  }

  const toggle = () => playing === null ? play() : go(Math.floor(moment));

  // --- the verdict

  function judge(): void {
    worker?.terminate();
    worker = null;
    const defect = setup.defect;
    const known = judgements.get(defect);
    if (known) return show(known);
    const place = byId("verdict");
    place.setAttribute("aria-busy", "true");
    byId("verdict-words").dataset["verdict"] = "";
    byId("verdict-words").textContent = "Judging …";
    byId("verdict-details").innerHTML = "";
    const text = byId("program").textContent ?? "";
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.kind === "progress") return;
      worker?.terminate();
      worker = null;
      if (data.kind === "failed") {
        place.setAttribute("aria-busy", "false");
        byId("verdict-words").textContent = `Cannot judge: ${data.message}`;
        return;
      }
      judgements.set(defect, data);
      show(data);
      if (setup.stage === "smallest") void stage();
      else notice();
    };
    worker.postMessage({ defect } satisfies Question);
  }

  function show({ report }: Judgement): void {
    const words = byId("verdict-words");
    byId("verdict").setAttribute("aria-busy", "false");
    words.dataset["verdict"] = report.verdict;
    words.textContent = verdictWords(report);
    const details = byId("verdict-details");
    details.innerHTML = verdictHtml(report, setup.defect);
    details.querySelector("[data-show=smallest]")?.addEventListener("click", () => {
      change({ stage: "smallest", step: 0, row: 0 });
      byId("stage").scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
    });
  }

  // --- what a person chooses

  function change(part: Partial<Setup>): void {
    const before = setup;
    setup = { ...setup, ...part };
    if (part.step !== undefined) moment = part.step;
    remember();
    title();
    if (part.step === undefined || part.stage !== undefined) pause();
    if (before.defect !== setup.defect) judge();
    void stage();
  }

  function remember(): void {
    const fragment = toFragment(setup);
    // A page without an address of its own, as in a preview, has no history to write.
    try {
      history.replaceState(null, "", fragment === "" ? location.pathname : `#${fragment}`);
    } catch { /* The link is not kept up to date there. */ }
  }

  function title(): void {
    const found = defects.find(({ id }) => id === setup.defect);
    byId("actual-title").textContent = found ? found.title : "The same rule";
  }

  function list(): void {
    const words = byId<HTMLInputElement>("search").value;
    const found = choices(words);
    byId("defect-count").textContent = words.trim() === ""
      ? `${defects.length} known`
      : `${found.length} of ${defects.length}`;
    const place = byId("defects");
    place.replaceChildren();
    const option = (id: string | null, text: string) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "radio";
      input.name = "defect";
      input.value = id ?? "";
      input.checked = setup.defect === id;
      input.addEventListener("change", () => change({ defect: id, stage: "own" }));
      label.append(input, text);
      return label;
    };
    if (words.trim() === "") place.append(option(null, "None: the rule itself"));
    let factor: string | null = null;
    for (const defect of found) {
      if (defect.factor !== factor) {
        factor = defect.factor;
        const heading = document.createElement("h3");
        const text: string = factors[defect.factor];
        heading.textContent = text[0]!.toUpperCase() + text.slice(1);
        place.append(heading);
      }
      place.append(option(defect.id, defect.title));
    }
    if (found.length === 0) {
      place.insertAdjacentHTML("beforeend", `<p class="none">No defect has these words.</p>`);
    }
  }

  function form(): void {
    const preset = byId<HTMLSelectElement>("preset");
    preset.innerHTML =
      [1, 2].map((axes) =>
        `<optgroup label="${axes === 1 ? "One axis" : "Two axes"}">${
          presets.map((p, i) => p.axes === axes ? `<option value="${i}">${p.title}</option>` : "")
            .join("")
        }</optgroup>`
      ).join("") + `<option value="own" hidden>A formula of your own</option>`;
    preset.addEventListener("change", () => {
      const { title: _, ...chosen } = presets[Number(preset.value)]!;
      change({ ...chosen, stage: "own", step: 0 });
      fill();
    });
    const formula = byId<HTMLInputElement>("energy");
    formula.addEventListener("input", () => {
      const axes = /\ba2\b/.test(formula.value) ? 2 : setup.axes;
      const fault = energyFault(formula.value, axes);
      showFault(fault);
      if (fault !== null) return;
      const added = axes > setup.axes;
      change({
        energy: formula.value,
        stage: "own",
        ...(added ? { axes, low: [setup.low[0]!, -1], high: [setup.high[0]!, 1] } : {}),
      });
      if (added) fields();
      choosePreset();
    });
    byId("reset").addEventListener("click", () => {
      const { energy, axes, low, high, defect, seed } = setup;
      change({ ...firstSetup, energy, axes, low, high, defect, seed });
      fields();
    });
    byId("redraw").addEventListener("click", () => change({ seed: setup.seed + 1, stage: "own" }));
    byId("share").addEventListener("click", async () => {
      remember();
      const button = byId("share");
      try {
        await navigator.clipboard.writeText(location.href);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Copy it from the address bar";
      }
      setTimeout(() => button.textContent = "Copy link", 2000);
    });
    fill();
  }

  function showFault(fault: string | null): void {
    const place = byId("energy-fault"), formula = byId("energy");
    place.hidden = fault === null;
    formula.setAttribute("aria-invalid", String(fault !== null));
    if (fault === null) return;
    const [said, ...picture] = fault.split("\n");
    const sentence = document.createElement("span");
    sentence.className = "said";
    sentence.textContent = said!;
    place.replaceChildren(sentence, "\n" + picture.join("\n"));
  }

  function fill(): void {
    byId<HTMLInputElement>("energy").value = setup.energy;
    showFault(energyFault(setup.energy, setup.axes));
    choosePreset();
    fields();
  }

  function choosePreset(): void {
    const at = presets.findIndex((p) => p.energy === setup.energy && p.axes === setup.axes);
    byId<HTMLSelectElement>("preset").value = at < 0 ? "own" : String(at);
  }

  function fields(): void {
    const place = byId("fields");
    place.replaceChildren();
    for (const field of settingsFields(setup)) {
      const box = document.createElement("div");
      box.className = field.kind === "switch" ? "field check" : "field";
      const label = document.createElement("label");
      label.htmlFor = `field-${field.id}`;
      label.textContent = field.label;
      let input: HTMLInputElement | HTMLSelectElement;
      if (field.kind === "choice") {
        input = document.createElement("select");
        for (const [value, text] of field.options) input.add(new Option(text, value));
        input.value = field.value;
      } else {
        input = document.createElement("input");
        input.type = field.kind === "switch" ? "checkbox" : "text";
        if (field.kind === "switch") input.checked = field.value === "true";
        else {
          input.inputMode = "decimal";
          input.value = field.value;
        }
      }
      input.id = `field-${field.id}`;
      input.addEventListener(field.kind === "number" ? "input" : "change", () => {
        const text = input instanceof HTMLInputElement && input.type === "checkbox"
          ? String(input.checked)
          : input.value;
        const part = field.read(text);
        input.setAttribute("aria-invalid", String(part === null));
        if (part === null) return;
        change({ ...part, stage: "own" });
        if (field.id === "schedule") fields();
      });
      box.append(...(field.kind === "switch" ? [input, label] : [label, input]));
      if (field.range !== "") {
        const range = document.createElement("small");
        range.id = `range-${field.id}`;
        range.textContent = field.range;
        input.setAttribute("aria-describedby", range.id);
        box.append(range);
      }
      place.append(box);
    }
  }

  byId("back").addEventListener("click", () => go(Math.ceil(moment) - 1));
  byId("forward").addEventListener("click", () => go(Math.floor(moment) + 1));
  byId("play").addEventListener("click", toggle);
  byId("scrub").addEventListener(
    "input",
    () => go(Number(byId<HTMLInputElement>("scrub").value)),
  );
  byId("search").addEventListener("input", list);
  byId("ledger").addEventListener("change", (event) => {
    change({ row: Number((event.target as HTMLSelectElement).value) });
    byId("ledger").querySelector("select")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, select, textarea, button, a, summary")) return;
    const moves: Readonly<Record<string, () => void>> = {
      " ": toggle,
      ArrowLeft: () => go(Math.ceil(moment) - 1),
      ArrowRight: () => go(Math.floor(moment) + 1),
      Home: () => go(0),
      End: () => go(lastStep()),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
  addEventListener("hashchange", () => {
    setup = fromFragment(location.hash);
    moment = setup.step;
    title();
    list();
    fill();
    judge();
    void stage();
  });

  const kept = keptTheme();
  if (kept !== null) document.documentElement.dataset["theme"] = kept;
  theme(byId("theme"));
  title();
  list();
  const chosen = byId("defects").querySelector<HTMLElement>(":checked")?.parentElement;
  if (chosen) {
    byId("defects").scrollTop = chosen.offsetTop - byId("defects").clientHeight / 2;
  }
  form();
  playButton();
  judge();
  const opened = location.hash === "";
  void stage().then(() => opened && !calm.matches && play());
}

function firstViolation(report: Report) {
  return report.clauses.find((clause) => clause.verdict === "violated" && clause.counterexample);
}

if (typeof document === "undefined") serve(globalThis as unknown as WorkerScope);
else page();
