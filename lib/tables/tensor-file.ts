/** The header of a file of tensors, .safetensors or .npy: told apart by their content. */

import type { OpenedFile } from '../support/opened-file.js';
import { isNpy, NPY_MAX_HEADER, parseNpyHeader } from './npy.js';
import {
  parseSafetensorsHeader,
  SAFETENSORS_LENGTH_BYTES,
  type SafetensorsHeader,
  safetensorsHeaderBytes,
  type Tensor,
} from './safetensors.js';

/** Of a .safetensors file, or the one array of a .npy file. */
export async function readTensorHeader(file: OpenedFile): Promise<SafetensorsHeader | Tensor> {
  await file.settled();
  const { path, size } = file;
  const start = await file.read(0, Math.min(size, NPY_MAX_HEADER));
  if (isNpy(start)) return parseNpyHeader(path, start, size);
  const headerBytes = safetensorsHeaderBytes(path, start, size);
  const header = await file.read(SAFETENSORS_LENGTH_BYTES, headerBytes);
  return parseSafetensorsHeader(path, header, size);
}
