/** The header of a file of tensors, .safetensors or .npy: told apart by their content. */

import type { FileHandle } from 'node:fs/promises';

import { codedError, isCoded, mustBe, reading, thrownText } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { fs, url } from '../support/node-builtins.js';
import { isNpy, NPY_MAX_HEADER, parseNpyHeader } from './npy.js';
import {
  parseSafetensorsHeader,
  SAFETENSORS_LENGTH_BYTES,
  type SafetensorsHeader,
  safetensorsHeaderBytes,
  type Tensor,
} from './safetensors.js';

export interface TensorFile {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Of a .safetensors file, or the one array of a .npy file. */
  readonly header: SafetensorsHeader | Tensor;
}

export function plainPath(path: string | URL): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path;
  return reading('path', () => {
    if (!isUrl(path)) throw mustBe('ERR_KLEIO_ARGUMENT', 'path', EXPECTED_PATH, path);
    return pathOf(path.href);
  });
}

function pathOf(href: string): string {
  try {
    return url.fileURLToPath(href);
  } catch {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'path', EXPECTED_PATH, href);
  }
}

const EXPECTED_PATH = 'a path or a file: URL';

/** As Node.js tells a URL: every realm may have a class of its own. */
export function isUrl(value: unknown): value is URL {
  if (!isObject(value)) return false;
  const { href, protocol, auth, path } = value as Partial<Record<string, unknown>>;
  return (
    typeof href === 'string' &&
    typeof protocol === 'string' &&
    auth === undefined &&
    path === undefined
  );
}

export async function readTensorFile(path: string): Promise<TensorFile> {
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait for its writer, so the kind of file is asked first.
    if (!(await fs.promises.stat(path)).isFile()) {
      throw codedError('ERR_KLEIO_FILE', `${path}: is not a regular file`);
    }
    handle = await fs.promises.open(path, 'r');
    const { size } = await handle.stat();
    return { size, header: await parseHeader(path, handle, size) };
  } catch (cause) {
    // Of any class: realms, the permission model and the system have their own.
    if (isCoded(cause)) throw cause;
    throw codedError('ERR_KLEIO_FILE', `${path}: ${thrownText(cause)}`, { cause });
  } finally {
    await handle?.close();
  }
}

async function parseHeader(
  path: string,
  handle: FileHandle,
  size: number,
): Promise<TensorFile['header']> {
  const start = await readBytes(path, handle, 0, Math.min(size, NPY_MAX_HEADER));
  if (isNpy(start)) return parseNpyHeader(path, start, size);
  const headerBytes = safetensorsHeaderBytes(path, start, size);
  const header = await readBytes(path, handle, SAFETENSORS_LENGTH_BYTES, headerBytes);
  return parseSafetensorsHeader(path, header, size);
}

async function readBytes(
  path: string,
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) {
      throw codedError('ERR_KLEIO_FORMAT', `${path}: ends at byte ${position + filled}`);
    }
    filled += bytesRead;
  }
  return bytes;
}
