/** Bytes as they are, in the formats of codecs that not every Node.js can compress to. */

const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** One segment, its size in four bytes. */
const ZSTD_DESCRIPTOR = 0xa0;
const ZSTD_BLOCK = 128 * 1024;

export function storedZstd(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [
    Uint8Array.of(...ZSTD_MAGIC, ZSTD_DESCRIPTOR, ...littleEndian(bytes.length)),
  ];
  let start = 0;
  do {
    const block = bytes.subarray(start, start + ZSTD_BLOCK);
    start += ZSTD_BLOCK;
    const isLast = start >= bytes.length ? 1 : 0;
    parts.push(Uint8Array.from(littleEndian((block.length << 3) | isLast).slice(0, 3)), block);
  } while (start < bytes.length);
  return Uint8Array.from(Buffer.concat(parts));
}

/** One sequence without a copy. */
export function storedLz4(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 15) return Uint8Array.of(bytes.length << 4, ...bytes);
  const more = bytes.length - 15;
  const length = [...new Array(Math.floor(more / 255)).fill(255), more % 255];
  return Uint8Array.from(Buffer.concat([Uint8Array.of(0xf0, ...length), bytes]));
}

/** Two frames of a block each. */
export function hadoopLz4(bytes: Uint8Array): Uint8Array {
  const half = Math.ceil(bytes.length / 2);
  const frames = [bytes.subarray(0, half), bytes.subarray(half)]
    .filter((part) => part.length > 0)
    .flatMap((part) => {
      const block = storedLz4(part);
      return [
        ...littleEndian(part.length).reverse(),
        ...littleEndian(block.length).reverse(),
        ...block,
      ];
    });
  return Uint8Array.from(frames);
}

const littleEndian = (value: number): number[] =>
  [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
