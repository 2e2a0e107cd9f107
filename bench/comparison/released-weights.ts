/** The released model out of its file, as `Ranker.open` takes one from memory. */

import { readFileSync } from 'node:fs';

import type { WeightTensor } from '../../lib/index.js';
import {
  parseSafetensorsHeader,
  SAFETENSORS_LENGTH_BYTES,
  safetensorsHeaderBytes,
} from '../../lib/tables/safetensors.js';

const ARRAYS = { F32: Float32Array, I64: BigInt64Array, I8: Int8Array } as const;

export interface Weights {
  readonly tensors: Readonly<Record<string, WeightTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function releasedWeights(path: string): Weights {
  const file = readFileSync(path);
  const headerEnd = SAFETENSORS_LENGTH_BYTES + safetensorsHeaderBytes(path, file, file.length);
  const header = file.subarray(SAFETENSORS_LENGTH_BYTES, headerEnd);
  const { tensors, metadata } = parseSafetensorsHeader(path, header, file.length);
  const inMemory = [...tensors].map(([name, { element, shape, offset, byteLength }]) => {
    // Copied, so that the elements are aligned.
    const bytes = Uint8Array.from(file.subarray(offset, offset + byteLength));
    const values = new ARRAYS[element as keyof typeof ARRAYS](bytes.buffer);
    return [name, { shape, values }] as const;
  });
  return { tensors: Object.fromEntries(inMemory), metadata };
}
