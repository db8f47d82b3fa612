import { assert, assertEquals, assertThrows } from "@std/assert";
import { convertIndexedToRgb, decode, encode } from "fast-png";
import { withPalette } from "./palette_png.ts";

/** A picture of 0xrrggbb pixels. */
function png(width: number, pixels: readonly number[]): Uint8Array {
  const data = Uint8Array.from(pixels.flatMap((c) => [c >> 16, c >> 8 & 255, c & 255]));
  return encode({ width, height: pixels.length / width, channels: 3, data });
}

/** The pixels of a picture with a palette, as 0xrrggbb. */
function pixelsOf(file: Uint8Array): number[] {
  const rgb = convertIndexedToRgb(decode(file));
  return Array.from(
    { length: rgb.length / 3 },
    (_, i) => rgb[3 * i]! << 16 | rgb[3 * i + 1]! << 8 | rgb[3 * i + 2]!,
  );
}

Deno.test("few colours come back as they were", () => {
  const pixels = [0xff0000, 0x00ff00, 0x0000ff, 0x123456, 0xfdfdfb, 0x000000];
  const file = withPalette(png(3, pixels));
  assertEquals([decode(file).width, decode(file).height], [3, 2]);
  assertEquals(pixelsOf(file), pixels);
});

Deno.test("many colours become their nearest ones", () => {
  const pixels = Array.from({ length: 120 * 120 }, (_, i) => i % 120 << 16 | (i / 120 | 0) << 8);
  const found = pixelsOf(withPalette(png(120, pixels)));
  assert(new Set(found).size <= 256);
  pixels.forEach((color, i) => {
    assert(Math.abs((color >> 16) - (found[i]! >> 16)) <= 16);
    assert(Math.abs((color >> 8 & 255) - (found[i]! >> 8 & 255)) <= 16);
  });
});

Deno.test("a picture of another kind is refused", () => {
  const grey = encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) });
  assertThrows(() => withPalette(grey), RangeError, "found 1 × 8 bits a pixel");
});

Deno.test("the pictures of the documentation are small and can be read", async () => {
  const folder = new URL("images/", import.meta.url);
  for (const name of ["report-fail", "report-pass", "report-dark", "report-narrow"]) {
    const picture = await Deno.readFile(new URL(`${name}.png`, folder));
    assert(picture.length < 150_000, name);
    assert(decode(picture).width >= 720, name);
  }
});
