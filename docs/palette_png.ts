/**
 * Smaller PNG files: a screenshot has few colours, so a palette of 256 is enough.
 *
 * @module
 */

import { decode, encode } from "fast-png";

/**
 * Writes a picture with a palette: the most frequent colours, every other colour as the nearest of
 * them.
 *
 * @param png 8 bits a channel, RGB or RGBA (opaque), as browsers make screenshots
 * @throws {RangeError} if it is another kind of picture
 */
export function withPalette(png: Uint8Array): Uint8Array {
  const { width, height, depth, channels, data } = decode(png);
  if (depth !== 8 || channels < 3) {
    throw new RangeError(
      `Cannot read the picture: found ${channels} × ${depth} bits a pixel, wanted 3 × 8 or 4 × 8`,
    );
  }
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => {
    const at = i * channels;
    return data[at]! << 16 | data[at + 1]! << 8 | data[at + 2]!;
  });
  const counts = new Map<number, number>();
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1);
  const palette = chosen([...counts].sort((a, b) => b[1] - a[1]).map(([color]) => color));
  const known = new Map(palette.map((color, i) => [color, i]));
  const indices = Uint8Array.from(pixels, (color) => {
    const index = known.get(color) ?? nearest(color, palette);
    known.set(color, index);
    return index;
  });
  return encode(
    { width, height, depth: 8, channels: 1, data: indices, palette: palette.map(partsOf) },
    { zlib: { level: 9 } },
  );
}

/**
 * Up to 256 colours of those given, the most frequent first: those of whole areas as they are, and
 * of the others none that is nearly the same as another.
 */
function chosen(frequent: readonly number[]): readonly number[] {
  if (frequent.length <= 256) return frequent;
  for (let apart = 4;; apart += 2) {
    const palette = frequent.slice(0, 64);
    const fits = frequent.slice(64).every((color) => {
      const near = distance(color, palette[nearest(color, palette)]!) <= apart;
      if (!near) palette.push(color);
      return palette.length <= 256;
    });
    if (fits) return palette;
  }
}

function nearest(color: number, palette: readonly number[]): number {
  let best = 0, least = Infinity;
  for (const [i, other] of palette.entries()) {
    const apart = distance(color, other);
    if (apart < least) [best, least] = [i, apart];
  }
  return best;
}

/** The largest difference of a channel. */
function distance(a: number, b: number): number {
  return Math.max(
    Math.abs((a >> 16) - (b >> 16)),
    Math.abs((a >> 8 & 255) - (b >> 8 & 255)),
    Math.abs((a & 255) - (b & 255)),
  );
}

/** Red, green and blue of 0xrrggbb. */
function partsOf(color: number): number[] {
  return [color >> 16, color >> 8 & 255, color & 255];
}
