import { assert, assertEquals, assertThrows } from "@std/assert";
import { deflateSync } from "node:zlib";
import { decoded, withPalette } from "./palette_png.ts";

/** A picture of RGB pixels as browsers write it, with one filter for all rows. */
function png(width: number, pixels: readonly number[], filter: number, kind = 2): Uint8Array {
  const height = pixels.length / width;
  const bytes = pixels.flatMap((color) => [color >> 16, color >> 8 & 255, color & 255]);
  const stride = 3 * width;
  const rows: number[] = [];
  for (let y = 0; y < height; y++) {
    rows.push(filter);
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const left = i >= 3 ? bytes[at - 3]! : 0, up = y > 0 ? bytes[at - stride]! : 0;
      rows.push(bytes[at]! - (filter === 1 ? left : filter === 2 ? up : 0) & 255);
    }
  }
  const part = (name: string, body: Uint8Array) => [
    ...new Uint8Array(new Uint32Array([body.length]).buffer).reverse(),
    ...new TextEncoder().encode(name),
    ...body,
    0,
    0,
    0,
    0,
  ];
  const header = Uint8Array.from([0, 0, 0, width, 0, 0, 0, height, 8, kind, 0, 0, 0]);
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...part("IHDR", header),
    ...part("IDAT", new Uint8Array(deflateSync(Uint8Array.from(rows)))),
    ...part("IEND", new Uint8Array()),
  ]);
}

Deno.test("few colours come back as they were", () => {
  const pixels = [0xff0000, 0x00ff00, 0x0000ff, 0x123456, 0xfdfdfb, 0x000000];
  for (const filter of [0, 1, 2]) {
    const { width, height, pixels: found } = decoded(withPalette(png(3, pixels, filter)));
    assertEquals([width, height], [3, 2]);
    assertEquals([...found], pixels);
  }
});

Deno.test("many colours become their nearest ones", () => {
  const pixels = Array.from(
    { length: 120 * 120 },
    (_, i) => (i % 120) << 16 | ((i / 120) | 0) << 8,
  );
  const found = decoded(withPalette(png(120, pixels, 0))).pixels;
  assert(new Set(found).size <= 256);
  pixels.forEach((color, i) => {
    assert(Math.abs((color >> 16) - (found[i]! >> 16)) <= 16);
    assert(Math.abs((color >> 8 & 255) - (found[i]! >> 8 & 255)) <= 16);
  });
});

Deno.test("a picture of another kind is refused", () => {
  assertThrows(() => decoded(png(1, [0], 0, 0)), RangeError, "found 8 bits of colour type 0");
});

Deno.test("the pictures of the documentation are small and can be read", async () => {
  const folder = new URL("images/", import.meta.url);
  for (const name of ["report-fail", "report-pass", "report-dark", "report-narrow"]) {
    const picture = await Deno.readFile(new URL(`${name}.png`, folder));
    assert(picture.length < 150_000, name);
    assert(decoded(picture).width >= 720, name);
  }
});
