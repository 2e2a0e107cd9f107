/** The files of a folder of Taobao-MM data: whole, in shards, or folders of parts as Spark writes them. */

import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { codedError } from '../../support/errors.js';
import { fileError } from '../../support/file-errors.js';

export interface DataPaths {
  readonly samples: readonly string[];
  readonly users: readonly string[];
  readonly items: readonly string[];
}

/** As files of this format are named. */
const PARQUET = /\.(?:parquet|parq|pq)$/i;

/** Folders of parts may lie in folders of partitions, `date=…`, a few deep. */
const MAX_DEPTH = 16;

/** The folder that a path means now, wherever its links lead while the files are read. */
export function folderAt(data: string): string {
  try {
    return realpathSync(data);
  } catch (cause) {
    throw fileError(data, cause);
  }
}

/** @param split `test` or `train`, as file names begin; every split if there is none. */
export function dataPaths(data: string, split?: string): DataPaths {
  const folder = folderAt(data);
  return {
    samples: parquetFiles(data, folder, `${split ?? '*'}_samples*`),
    users: parquetFiles(data, folder, `${split ?? '*'}_user_features*`),
    items: parquetFiles(data, folder, 'item_features*'),
  };
}

/** Of the files, and of all that lies in folders, of this name. */
function parquetFiles(data: string, folder: string, name: string): string[] {
  const parts = name.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`, 's');
  const found = entriesOf(folder)
    .filter((entry) => pattern.test(entry))
    .flatMap((entry) => filesBelow(join(folder, entry), 0));
  if (found.length > 0) return found;
  throw codedError('ERR_KLEIO_FILE', `${data}: no file is named ${name}.parquet`);
}

/** What begins with `_` or `.` is no data: marks of success, checksums, what is being written. */
function filesBelow(path: string, depth: number): string[] {
  if (depth > MAX_DEPTH) {
    throw codedError('ERR_KLEIO_FILE', `${path}: lies more than ${MAX_DEPTH} folders deep`);
  }
  if (isFolder(path)) {
    return entriesOf(path)
      .filter((entry) => !/^[_.]/.test(entry))
      .flatMap((entry) => filesBelow(join(path, entry), depth + 1));
  }
  return PARQUET.test(path) ? [path] : [];
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    throw fileError(folder, cause);
  }
}

/** What is a link to nothing is found out where it is opened. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
