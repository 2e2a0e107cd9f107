/** Decompression of pages, never to more than the page says: what it says has been bounded before. */

import * as zlib from 'node:zlib';

import { ZSTDDecoder } from 'zstddec';

import { lz4Hadoop, lz4Raw, snappy } from './lz-blocks.js';

type Decompress = (compressed: Uint8Array, size: number) => Uint8Array | Promise<Uint8Array>;

interface Codec {
  readonly name: string;
  readonly decompress?: Decompress;
}

type Inflate = (input: Uint8Array, options: zlib.ZlibOptions) => Uint8Array;

/** Node.js has Zstandard since 22.15. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Inflate };

/** By the number of the format. */
const CODECS: readonly Codec[] = [
  { name: 'no codec', decompress: (bytes) => bytes },
  { name: 'Snappy', decompress: snappy },
  { name: 'gzip', decompress: bounded(zlib.gunzipSync) },
  { name: 'LZO' },
  { name: 'Brotli', decompress: bounded(zlib.brotliDecompressSync) },
  { name: 'LZ4 (Hadoop)', decompress: lz4Hadoop },
  { name: 'Zstandard', decompress: zstdDecompressSync ? bounded(zstdDecompressSync) : zstd },
  { name: 'LZ4', decompress: lz4Raw },
];

export async function decompressed(
  codec: number,
  compressed: Uint8Array,
  size: number,
): Promise<Uint8Array> {
  const { name, decompress } = CODECS[codec] ?? { name: `codec ${codec}` };
  if (decompress === undefined) {
    throw new Error(`${name} is not read; write it with Zstandard, Snappy, gzip, LZ4 or Brotli`);
  }
  if (size === 0 && compressed.length === 0) return compressed;
  let bytes: Uint8Array;
  try {
    bytes = await decompress(compressed, size);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
  if (bytes.length === size) return bytes;
  throw new Error(`${name}: decompresses to ${bytes.length} bytes, not to ${size}`);
}

/** One array of the right size is made at once; one byte more would need another, which is refused. */
function bounded(inflate: Inflate): Decompress {
  return (compressed, size) =>
    inflate(compressed, { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) });
}

const decoder = new ZSTDDecoder();

async function zstd(compressed: Uint8Array, size: number): Promise<Uint8Array> {
  await decoder.init();
  // 0 would have it believe what the bytes claim.
  return decoder.decode(compressed, Math.max(1, size));
}
