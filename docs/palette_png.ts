/**
 * Smaller PNG files: a screenshot has few colours, so a palette of 256 is enough.
 *
 * @module
 */

import { deflateSync, inflateSync } from "node:zlib";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Writes a picture with a palette: the most frequent colours, every other colour as the nearest of
 * them.
 *
 * @param png 8 bits a channel, RGB or RGBA (opaque), not interlaced, as browsers make screenshots
 * @throws {RangeError} if it is another kind of picture
 */
export function withPalette(png: Uint8Array): Uint8Array {
  const { width, height, pixels } = decoded(png);
  const counts = new Map<number, number>();
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1);
  const frequent = [...counts].sort((a, b) => b[1] - a[1]);
  const palette = chosen(frequent);
  const known = new Map(palette.map((color, i) => [color, i]));
  const indexOf = (color: number): number => {
    const index = known.get(color) ?? nearest(color, palette);
    known.set(color, index);
    return index;
  };
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows[y * (width + 1) + 1 + x] = indexOf(pixels[y * width + x]!);
    }
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits
  header.setUint8(9, 3); // palette
  const colors = palette.flatMap((color) => [color >> 16, color >> 8 & 255, color & 255]);
  return joined([
    Uint8Array.from(signature),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("PLTE", Uint8Array.from(colors)),
    chunk("IDAT", new Uint8Array(deflateSync(rows, { level: 9, memLevel: 9 }))),
    chunk("IEND", new Uint8Array()),
  ]);
}

/**
 * Up to 256 colours, the most frequent first: those of whole areas as they are, and of the others
 * none that is nearly the same as another.
 */
function chosen(frequent: readonly (readonly [number, number])[]): number[] {
  if (frequent.length <= 256) return frequent.map(([color]) => color);
  for (let apart = 4;; apart += 2) {
    const palette = frequent.slice(0, 64).map(([color]) => color);
    const fits = frequent.slice(64).every(([color]) => {
      const near = distance(color, palette[nearest(color, palette)]!) <= apart;
      if (!near) palette.push(color);
      return palette.length <= 256;
    });
    if (fits) return palette;
  }
}

function nearest(color: number, palette: readonly number[]): number {
  let best = 0, least = Infinity;
  for (let i = 0; i < palette.length; i++) {
    const apart = distance(color, palette[i]!);
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

/** The pixels of a picture as 0xrrggbb, row by row. */
export function decoded(
  png: Uint8Array,
): { readonly width: number; readonly height: number; readonly pixels: Uint32Array } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const data: Uint8Array[] = [];
  let palette = new Uint8Array();
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    const body = png.subarray(at + 8, at + 8 + length);
    if (name === "IDAT") data.push(body);
    if (name === "PLTE") palette = body.slice();
    at += 12 + length;
  }
  const width = view.getUint32(16), height = view.getUint32(20);
  const [bits, kind, interlaced] = [png[24], png[25]!, png[28]];
  const channels = ({ 2: 3, 3: 1, 6: 4 } as Readonly<Record<number, number>>)[kind];
  if (bits !== 8 || channels === undefined || interlaced !== 0) {
    throw new RangeError(
      `Cannot read the picture: found ${bits} bits of colour type ${kind}, wanted 8 bits of RGB, RGBA or a palette`,
    );
  }
  const raw = inflateSync(joined(data));
  const stride = width * channels;
  const lines = new Uint8Array(height * stride);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const left = i >= channels ? lines[at - channels]! : 0;
      const up = y > 0 ? lines[at - stride]! : 0;
      const corner = y > 0 && i >= channels ? lines[at - stride - channels]! : 0;
      lines[at] = raw[y * (stride + 1) + 1 + i]! + predicted(filter, left, up, corner);
    }
    for (let x = 0; x < width; x++) {
      const at = y * stride + x * channels;
      const [source, place] = kind === 3 ? [palette, 3 * lines[at]!] : [lines, at];
      pixels[y * width + x] = source[place]! << 16 | source[place + 1]! << 8 | source[place + 2]!;
    }
  }
  return { width, height, pixels };
}

/** What a filter of PNG adds to a byte. */
function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const guess = left + up - corner;
      const [toLeft, toUp, toCorner] = [left, up, corner].map((v) => Math.abs(guess - v));
      return toLeft! <= toUp! && toLeft! <= toCorner! ? left : toUp! <= toCorner! ? up : corner;
    }
    default:
      return 0;
  }
}

function chunk(name: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, checksum(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

/** CRC-32. */
function checksum(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
