/** The text of a request, from a file, a pipe or standard input, each opened and read once. */

import { isUtf8 } from 'node:buffer';
import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import { codedError } from '../../support/errors.js';
import { fileError } from '../../support/file-errors.js';
import { withoutByteOrderMark } from '../../support/json-reader.js';
import { RequestJson } from './request-json.js';

/** A million behaviours, items and categories; what is longer was not meant. */
const MOST_BYTES = 64 * 2 ** 20;

/** What messages call the file. */
export const requestName = (path: string): string => (path === '-' ? 'standard input' : path);

/** @param path `-` for standard input. Pipes are read to their end, which may have to be waited for. */
export async function requestText(path: string): Promise<RequestJson> {
  const name = requestName(path);
  const bytes = await (path === '-' ? readStandardInput(name) : readFile(path));
  if (bytes.length === 0) throw codedError('ERR_KLEIO_FORMAT', `${name}: is empty, not JSON`);
  if (isUtf8(bytes)) return new RequestJson(name, withoutByteOrderMark(bytes));
  throw codedError('ERR_KLEIO_FORMAT', `${name}: is not JSON: not a text in UTF-8`);
}

async function readStandardInput(name: string): Promise<Uint8Array> {
  // As a stream, a folder would be empty.
  if (fstatSync(process.stdin.fd).isDirectory()) throw isFolder(name);
  return read(name, process.stdin);
}

async function readFile(path: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const stat = await handle.stat();
    if (stat.isDirectory()) throw isFolder(path);
    if (stat.size > MOST_BYTES) throw tooLong(path);
    return await read(path, handle.createReadStream({ autoClose: false }));
  } catch (cause) {
    throw fileError(path, cause);
  } finally {
    await handle?.close();
  }
}

async function read(name: string, stream: Readable): Promise<Uint8Array> {
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
