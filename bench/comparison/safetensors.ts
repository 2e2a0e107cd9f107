/** Reads a .safetensors file into what `Ranker.open` takes from memory. */

import { readFileSync } from 'node:fs';

import type { WeightTensor } from '../../lib/index.js';

const ARRAYS = { F32: Float32Array, I64: BigInt64Array, I8: Int8Array } as const;

interface HeaderEntry {
  readonly dtype: keyof typeof ARRAYS;
  readonly shape: number[];
  readonly data_offsets: readonly [number, number];
}

export interface Weights {
  readonly tensors: Readonly<Record<string, WeightTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function readSafetensors(path: string): Weights {
  const file = readFileSync(path);
  const headerEnd = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...header } = JSON.parse(file.toString('utf8', 8, headerEnd));
  const tensors: Record<string, WeightTensor> = {};
  for (const [name, entry] of Object.entries(header as Record<string, HeaderEntry>)) {
    const [begin, end] = entry.data_offsets;
    const bytes = Uint8Array.from(file.subarray(headerEnd + begin, headerEnd + end));
    tensors[name] = { shape: entry.shape, values: new ARRAYS[entry.dtype](bytes.buffer) };
  }
  return { tensors, metadata };
}
