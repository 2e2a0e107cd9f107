// Reads a .safetensors file into what `Ranker.open` takes from memory.
import { readFileSync } from 'node:fs';

const ARRAYS = { F32: Float32Array, I64: BigInt64Array, I8: Int8Array };

export function readSafetensors(path) {
  const file = readFileSync(path);
  const headerEnd = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...header } = JSON.parse(file.toString('utf8', 8, headerEnd));
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    const bytes = Uint8Array.from(file.subarray(headerEnd + offsets[0], headerEnd + offsets[1]));
    tensors[name] = { shape, values: new ARRAYS[dtype](bytes.buffer) };
  }
  return { tensors, metadata };
}
