/** Files that the package writes: whole or not at all, through the binary's one door. */

import { codedError } from '../support/errors.js';
import { Buffer } from '../support/node-builtins.js';
import { absolutePath } from '../support/paths.js';
import { binding } from './binary.js';
import type { WritablePath } from './contract/native-file.js';

/** Replaces what lies at the path, which must be a regular file or nothing. Throws ERR_KLEIO_FILE. */
export function writeNewFile(path: string, text: string): void {
  binding().writeFile(writablePath(path), new Uint8Array(Buffer.from(text)));
}

/**
 * The absolute path of a file to write. Node.js's permission model does not see what a binary writes, so it
 * is asked first. Throws ERR_KLEIO_FILE.
 */
export function writablePath(given: string | URL): WritablePath {
  const path = absolutePath(given);
  // Undefined where the model is off.
  const { permission } = process as Partial<NodeJS.Process>;
  if (permission === undefined || permission.has('fs.write', path)) return path as WritablePath;
  throw codedError(
    'ERR_KLEIO_FILE',
    `${path}: Node.js's permission model is on; start it with --allow-fs-write=${path}`,
  );
}
