/** The released model out of its file, as `Ranker.open` takes one from memory. */

import type { WeightTensor } from '../../lib/index.js';
import { readTensorFile } from '../../test/cases/tensor-files.js';

const ARRAYS = { F32: Float32Array, I64: BigInt64Array, I8: Int8Array } as const;

export interface Weights {
  readonly tensors: Readonly<Record<string, WeightTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function releasedWeights(path: string): Weights {
  const { tensors, metadata } = readTensorFile(path);
  const inMemory = [...tensors].map(([name, { dtype, shape, bytes }]) => {
    const values = new ARRAYS[dtype as keyof typeof ARRAYS](bytes.buffer as ArrayBuffer);
    return [name, { shape, values }] as const;
  });
  return { tensors: Object.fromEntries(inMemory), metadata };
}
