/** The header of a file of tensors, .safetensors or .npy: told apart by their content. */

import type { OpenedFile } from '../support/opened-file.js';
import { isNpy, NPY_EMBEDDINGS, NPY_IDS, NPY_MAX_HEADER, parseNpyHeader } from './npy.js';
import {
  parseSafetensorsHeader,
  SAFETENSORS_LENGTH_BYTES,
  type SafetensorsHeader,
  safetensorsHeaderBytes,
  type Tensor,
} from './safetensors.js';
import { isShardIndex } from './shard-index.js';
import { malformed } from './tensor-shape.js';

/** Of a .safetensors file, or the one array of a .npy file. */
export async function readTensorHeader(file: OpenedFile): Promise<SafetensorsHeader | Tensor> {
  const start = await startOf(file);
  const { path, size } = file;
  if (isNpy(start)) return parseNpyHeader(path, start, size, NPY_EMBEDDINGS);
  if (isShardIndex(start)) throw malformed(path, 'is JSON, perhaps an index of other files');
  const headerBytes = safetensorsHeaderBytes(path, start, size);
  const header = await file.read(SAFETENSORS_LENGTH_BYTES, headerBytes);
  return parseSafetensorsHeader(path, header, size);
}

/** Of ids in a .npy file of their own. */
export async function readIdsHeader(file: OpenedFile): Promise<Tensor> {
  const start = await startOf(file);
  const { path, size } = file;
  if (isNpy(start)) return parseNpyHeader(path, start, size, NPY_IDS);
  throw malformed(path, 'is no .npy file; ids in a .safetensors file are named by names.ids');
}

/** Whether it names other files that hold the tensors. */
export async function isIndexOfShards(file: OpenedFile): Promise<boolean> {
  return isShardIndex(await startOf(file));
}

async function startOf(file: OpenedFile): Promise<Uint8Array> {
  await file.settled();
  return file.read(0, Math.min(file.size, NPY_MAX_HEADER));
}
