/** How the command line ends when it cannot go on: one sentence on standard error, status 1, no stack. */

import { fileError } from '../support/file-errors.js';

export function fail(error: unknown): void {
  const { path } = Object(error) as NodeJS.ErrnoException;
  const { message = String(error) } = Object(fileError(path ?? 'the system', error)) as Error;
  // Whatever a user can cause has a code; the rest is for us to hear of.
  const coded = message.startsWith('ERR_KLEIO_') ? message : `ERR_KLEIO_INTERNAL: ${message}`;
  process.stderr.write(`kleio: ${coded}\n`);
  process.exitCode = 1;
}

/** Whoever reads through a pipe may stop early, as `head` does; a full disk is a failure. */
export function failWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  fail(fileError('standard output', error));
  process.exit();
}
