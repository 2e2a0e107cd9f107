/** What the system says of a file, as an error with a code that names the file. */

import { codedError } from './errors.js';

/** Errors that are none of the system's stay what they are. */
export function fileError(name: string, cause: unknown): unknown {
  const reason = systemReason(cause);
  return reason === undefined
    ? cause
    : codedError('ERR_KLEIO_FILE', `${name}: ${reason}`, { cause });
}

/** Node.js says: ENOENT: no such file or directory, open '/a/b'. This is what stands before the call. */
export function systemReason(error: unknown): string | undefined {
  const { code, syscall, message } = Object(error) as NodeJS.ErrnoException;
  return syscall === undefined || code === undefined
    ? undefined
    : String(message).split(`, ${syscall}`)[0];
}
