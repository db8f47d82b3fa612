import { assert, assertEquals } from "@std/assert";
import { notRun } from "../run/verdicts/not_run.ts";
import { faceOf, formats } from "./formats.ts";
import { plainLine, plainText, plainTexts } from "./plain_text.ts";

const unfit = [
  ...Array.from({ length: 32 }, (_, code) => code).filter((code) => code !== 9 && code !== 10),
  ...Array.from({ length: 33 }, (_, i) => 0x7f + i),
  ...[
    0x61c,
    0x200b,
    0x200e,
    0x200f,
    0x2028,
    0x202a,
    0x202e,
    0x2066,
    0x2069,
    0xfeff,
    0xd800,
    0xdfff,
  ],
].map((code) => String.fromCharCode(code));

Deno.test("control characters, bidi marks and halves of characters are written out", () => {
  for (const character of unfit) {
    assertEquals(
      plainText(`a${character}b`),
      `a\\u{${character.charCodeAt(0).toString(16)}}b`,
    );
  }
});

Deno.test("what people write stays as it is", () => {
  const text = "ε²∇E ≤ ½ — “naïve”\t漢字 🙂 العربية\n× ← ✓";
  assertEquals(plainText(text), text);
  assertEquals(plainLine("one\r\ntwo"), "one\\ntwo");
  assertEquals(plainText(plainText("\x1b[31m")), "\\u{1b}[31m");
});

Deno.test("an endless text has an end that says how much is left out", () => {
  const text = plainText("x".repeat(1_000_000));
  assert(text.length < 21_000);
  assert(text.endsWith("… (980000 characters more)"));
});

Deno.test("texts and keys are made plain wherever they are in a value", () => {
  assertEquals(plainTexts({ "a\x07": ["\u202e", 1, null, true] }), {
    "a\\u{7}": ["\\u{202e}", 1, null, true],
  });
});

Deno.test("no face of a report lets such characters through", async () => {
  const hostile = `evil${unfit.join("-")}`;
  const fault = { kind: "throws", found: hostile, wanted: hostile };
  const run = { seed: 1, profile: "quick", elapsedMs: 0 } as const;
  const report = { ...notRun(hostile, fault, run), remarks: [hostile] };
  for (const format of formats) {
    const face = await faceOf(format);
    const text = face(report, { color: false, width: 80 });
    assertEquals(unfit.filter((character) => text.includes(character)), [], format);
  }
});
