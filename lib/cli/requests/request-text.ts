/** The text of a request, from a file, a pipe or standard input, each opened and read once. */

import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';

import { codedError } from '../../support/errors.js';
import { fileError } from '../../support/file-errors.js';
import { withoutByteOrderMark } from '../../support/json-reader.js';
import { RequestJson } from './request-json.js';

/** A million behaviours, items and categories; what is longer was not meant. */
const MOST_BYTES = 64 * 2 ** 20;

const MOST_AT_ONCE = 2 ** 20;

/** What messages call the file. */
export const requestName = (path: string): string => (path === '-' ? 'standard input' : path);

/** @param path `-` for standard input. Pipes are read to their end, which may have to be waited for. */
export async function requestText(path: string): Promise<RequestJson> {
  const name = requestName(path);
  const bytes = path === '-' ? await readStandardInput(name) : readFile(path);
  if (bytes.length === 0) throw codedError('ERR_KLEIO_FORMAT', `${name}: is empty, not JSON`);
  if (isUtf8(bytes)) return new RequestJson(name, withoutByteOrderMark(bytes));
  throw codedError('ERR_KLEIO_FORMAT', `${name}: is not JSON: not a text in UTF-8`);
}

async function readStandardInput(name: string): Promise<Uint8Array> {
  const { fd } = process.stdin;
  const stat = fstatSync(fd);
  // What a pipe will bring may have to be waited for without keeping the process.
  if (stat.isFIFO() || stat.isSocket() || isatty(fd)) return readStream(name, process.stdin);
  try {
    return readDescriptor(name, fd);
  } catch (cause) {
    throw fileError(name, cause);
  }
}

function readFile(path: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    return readDescriptor(path, descriptor);
  } catch (cause) {
    throw fileError(path, cause);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Here and now: where the system gives the pool of Node.js no thread, it ends the process. */
function readDescriptor(name: string, descriptor: number): Uint8Array {
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) throw isFolder(name);
  if (stat.size > MOST_BYTES) throw tooLong(name);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.alloc(MOST_AT_ONCE);
    const count = readSync(descriptor, chunk);
    if (count === 0) return Buffer.concat(chunks, length);
    length += count;
    if (length > MOST_BYTES) throw tooLong(name);
    chunks.push(chunk.subarray(0, count));
  }
}

async function readStream(name: string, stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > MOST_BYTES) throw tooLong(name);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw fileError(name, cause);
  }
  return Buffer.concat(chunks, length);
}

const isFolder = (name: string) => codedError('ERR_KLEIO_FILE', `${name}: is a directory`);

const tooLong = (name: string) =>
  codedError('ERR_KLEIO_FORMAT', `${name}: must be at most ${MOST_BYTES / 2 ** 20} MiB`);
