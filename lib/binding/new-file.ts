/** Files that the package writes: whole or not at all, through the binary's one door. */

import { absolutePath } from '../support/paths.js';
import { binding } from './binary.js';

/** Replaces what lies at the path, which must be a regular file or nothing. Throws ERR_KLEIO_FILE. */
export function writeNewFile(path: string, text: string): void {
  binding().writeFile(absolutePath(path), new Uint8Array(Buffer.from(text)));
}
