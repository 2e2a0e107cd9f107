/** What the system says of a file, as an error with a code that names the file. */

import { codedError } from '../support/errors.js';

/** Errors that are none of the system's stay what they are. */
export function fileError(name: string, cause: unknown): unknown {
  const { code, syscall, message } = Object(cause) as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return cause;
  // Node.js says: ENOENT: no such file or directory, open '/a/b'.
  const [reason] = String(message).split(`, ${syscall}`);
  return codedError('ERR_KLEIO_FILE', `${name}: ${reason}`, { cause });
}
