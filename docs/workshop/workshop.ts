/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The page on which a person judges a sampler: one program that is the page and, in a worker, the
 * judge.
 *
 * @module
 */

import { headline } from "../../src/report/summary.ts";
import { keptTheme, theme } from "../site/theme.ts";
import { editorIn } from "./editor.ts";
import { type PythonFiles, pythonFiles, pythonRuntime } from "./python_runtime.ts";
import type { Start } from "./starts.ts";
import { fileNames, type SourceLanguage, type Trial, type TrialNews, tried } from "./trial.ts";

type Tried = Extract<TrialNews, { kind: "report" }>;

/** A trial with what Python needs, as the page sends it. */
interface Order extends Trial {
  readonly python: PythonFiles | null;
}

/** Seconds without news after which the page stops a sampler. */
const patience = 60;

const words = {
  typescript: "Export a sampler: a name, what its network returns, and prepare. Types may be " +
    'imported from "ulaspec"; anything else has to stand in the text.',
  python: "A target for plain Python: the standard library and the module ulaspec are there, " +
    "PyTorch and NumPy aren't. Python starts again in each run, which takes some seconds, and the " +
    "profile is quick.",
} satisfies Readonly<Record<SourceLanguage, string>>;

function page(): void {
  const byId = <T extends HTMLElement = HTMLElement>(id: string): T =>
    document.getElementById(id) as T;
  const starts: readonly Start[] = JSON.parse(byId("starts").textContent ?? "[]");
  const drafts = new Map<SourceLanguage, string>();
  let language: SourceLanguage = "typescript";
  let worker: Worker | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let last: Tried | null = null;
  const editor = editorIn(byId("editor"), () => void run());

  function choose(chosen: SourceLanguage): void {
    drafts.set(language, editor.text());
    language = chosen;
    const own = starts.filter((start) => start.language === language);
    const list = byId<HTMLSelectElement>("start");
    list.replaceChildren(...own.map(({ title }, i) => new Option(title, String(i))));
    editor.show(drafts.get(language) || own[0]!.text, language);
    byId("about").textContent = words[language];
  }

  function begin(): void {
    const own = starts.filter((start) => start.language === language);
    editor.show(own[Number(byId<HTMLSelectElement>("start").value)]!.text, language);
  }

  function say(text: string, verdict = ""): void {
    byId("verdict-words").dataset["verdict"] = verdict;
    byId("verdict-words").textContent = text;
  }

  function busy(on: boolean): void {
    byId("verdict").setAttribute("aria-busy", String(on));
    byId<HTMLButtonElement>("judge").disabled = on;
    byId("stop").hidden = !on;
    byId("progress").hidden = !on;
  }

  function end(): void {
    clearTimeout(waiting);
    worker?.terminate();
    worker = null;
    busy(false);
  }

  async function run(): Promise<void> {
    end();
    busy(true);
    byId("files").hidden = true;
    byId("report").hidden = true;
    byId<HTMLProgressElement>("progress").value = 0;
    say(language === "python" ? "Starting Python …" : "Judging …");
    const order: Order = {
      language,
      source: editor.text(),
      python: language === "python" ? await pythonFiles(document) : null,
    };
    const url = URL.createObjectURL(
      new Blob([byId("program").textContent ?? ""], { type: "text/javascript" }),
    );
    worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.onmessage = ({ data }: MessageEvent<TrialNews>) => hear(data);
    worker.onerror = (event) => hear({ kind: "failed", message: event.message });
    worker.postMessage(order);
    wait();
  }

  function wait(): void {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      end();
      say(`Not run: the sampler gave no answer for ${patience} s.`, "not run");
    }, 1000 * patience);
  }

  function hear(news: TrialNews): void {
    if (news.kind === "progress") {
      wait();
      say(`Judging: ${news.done} of ${news.total} clauses …`);
      byId<HTMLProgressElement>("progress").value = news.done / news.total;
      return;
    }
    end();
    if (news.kind === "failed") return say(news.message, "not run");
    last = news;
    const { mark, words } = headline(news.report);
    say(`${mark} ${news.report.target.name} ${words}`, news.report.verdict);
    byId("files").hidden = false;
    byId("save-repro").hidden = news.repro === null;
    const frame = byId<HTMLIFrameElement>("report");
    frame.hidden = false;
    frame.onload = () => {
      const height = frame.contentDocument?.documentElement.scrollHeight ?? 800;
      frame.style.height = `${height + 16}px`;
      colour(frame);
    };
    frame.srcdoc = news.page;
  }

  /** The report has no button for its colours: they are those of the page. */
  function colour(frame: HTMLIFrameElement): void {
    const chosen = document.documentElement.dataset["theme"];
    const root = frame.contentDocument?.documentElement;
    if (root && chosen) root.style.colorScheme = chosen;
  }

  function save(name: string, text: string, type: string): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  byId("judge").addEventListener("click", () => void run());
  byId("stop").addEventListener("click", () => {
    end();
    say("Stopped.");
  });
  byId("start").addEventListener("change", begin);
  for (const input of document.querySelectorAll<HTMLInputElement>("[name=language]")) {
    input.addEventListener("change", () => choose(input.value as SourceLanguage));
  }
  byId("save-report").addEventListener(
    "click",
    () => last && save("report.html", last.page, "text/html"),
  );
  byId("save-repro").addEventListener("click", () => {
    const ending = language === "python" ? "py" : "ts";
    if (last?.repro) save(`repro.${ending}`, last.repro, "text/plain");
  });
  byId("save-source").addEventListener(
    "click",
    () => save(fileNames[language], editor.text(), "text/plain"),
  );
  const kept = keptTheme();
  if (kept !== null) document.documentElement.dataset["theme"] = kept;
  theme(byId("theme"));
  choose("typescript");
}

/** Answers the page's orders for as long as the worker lives. */
function serve(scope: {
  onmessage: ((event: { readonly data: Order }) => void) | null;
  postMessage(news: TrialNews): void;
}): void {
  scope.onmessage = async ({ data }) => {
    try {
      const python = data.python === null ? null : pythonRuntime(data.python);
      scope.postMessage(await tried(data, python, (news) => scope.postMessage(news)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      scope.postMessage({ kind: "failed", message });
    }
  };
}

if (typeof document === "undefined") serve(globalThis as unknown as Parameters<typeof serve>[0]);
else page();
