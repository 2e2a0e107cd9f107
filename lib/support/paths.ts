/** Paths as callers give them: a string or a file: URL, made absolute when the call is made. */

import { codedError, mustBe, reading } from './errors.js';
import { isObject } from './handles.js';
import { path as paths, url } from './node-builtins.js';

const EXPECTED = 'a path or a file: URL';

/**
 * The absolute path behind an argument; what the process does to its working directory afterwards changes
 * nothing. Not normalised: the system takes `..` behind a symbolic link another way than a text would.
 */
export function absolutePath(given: string | URL, name = 'path'): string {
  const path = typeof given === 'string' ? given : reading(name, () => pathOfUrl(given, name));
  if (path === '' || path.includes('\0')) {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, EXPECTED, given);
  }
  return paths.isAbsolute(path) ? path : `${workingDirectory(path)}/${path}`;
}

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

function pathOfUrl(given: URL, name: string): string {
  if (!isUrl(given)) throw mustBe('ERR_KLEIO_ARGUMENT', name, EXPECTED, given);
  const { href } = given;
  try {
    return url.fileURLToPath(href);
  } catch {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, EXPECTED, href);
  }
}

function workingDirectory(path: string): string {
  try {
    return process.cwd();
  } catch (cause) {
    const what = 'is relative to a working directory that is gone';
    throw codedError('ERR_KLEIO_FILE', `${path}: ${what}`, { cause });
  }
}
