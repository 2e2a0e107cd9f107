/** Paths as callers give them: a string or a file: URL, made absolute when the call is made. */

import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

import { codedError, mustBe } from './errors.js';

const EXPECTED = 'a path or a file: URL';

/**
 * The absolute path behind an argument; what the process does to its working directory afterwards changes
 * nothing. Not normalised: the system takes `..` behind a symbolic link another way than a text would.
 */
export function absolutePath(path: string | URL): string {
  if (isUrl(path)) return pathOfUrl(path);
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'path', EXPECTED, path);
  }
  return isAbsolute(path) ? path : `${workingDirectory(path)}/${path}`;
}

/** Of whatever realm: a URL's class says nothing. */
export function isUrl(value: unknown): value is URL {
  if (Object.prototype.toString.call(value) !== '[object URL]') return false;
  return typeof (value as URL).href === 'string';
}

function pathOfUrl({ href }: URL): string {
  let path: string;
  try {
    path = fileURLToPath(href);
  } catch {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'path', EXPECTED, href);
  }
  if (!path.includes('\0')) return path;
  throw mustBe('ERR_KLEIO_ARGUMENT', 'path', EXPECTED, href);
}

function workingDirectory(path: string): string {
  try {
    return process.cwd();
  } catch (cause) {
    const what = 'is relative to a working directory that is gone';
    throw codedError('ERR_KLEIO_FILE', `${path}: ${what}`, { cause });
  }
}
