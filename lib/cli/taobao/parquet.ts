/** Rows of parquet files of any size, a page of each column in memory at a time. */

import { type FileHandle, open } from 'node:fs/promises';

import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
} from 'hyparquet';
import type { Progress } from '../../text/progress.js';
import { columnPages } from './column-pages.js';

export type Row = Readonly<Record<string, unknown>>;

/** Rows between two steps of a progress bar. */
const ROWS_PER_STEP = 256;

/** The first `most` rows of the files, with the columns asked for. Every one of them must exist. */
export async function* fieldRows(
  paths: readonly string[],
  columns: readonly string[],
  most: number,
  progress?: Progress,
): AsyncGenerator<Row> {
  let left = most;
  for (const path of paths) {
    const metadata = await metadataOf(path);
    requireColumns(path, columns, metadata);
    progress?.start(`reading ${path}`, Math.min(left, Number(metadata.num_rows)));
    let unreported = 0;
    for await (const row of fileRows(path, columns, metadata)) {
      if (left === 0) return;
      left -= 1;
      yield row;
      if (++unreported === ROWS_PER_STEP) {
        progress?.step(unreported);
        unreported = 0;
      }
    }
  }
}

/** Rows of the files together. */
export async function countRows(paths: readonly string[]): Promise<number> {
  let rows = 0;
  for (const path of paths) rows += Number((await metadataOf(path)).num_rows);
  return rows;
}

async function metadataOf(path: string): Promise<FileMetaData> {
  const file: AsyncBuffer = await asyncBufferFromFile(path);
  try {
    return await parquetMetadataAsync(file);
  } catch (error) {
    throw named(path, error);
  }
}

async function* fileRows(
  path: string,
  columns: readonly string[],
  metadata: FileMetaData,
): AsyncGenerator<Row> {
  const file = await open(path);
  try {
    for (const group of metadata.row_groups) yield* groupRows(file, columns, metadata, group);
  } catch (error) {
    throw named(path, error);
  } finally {
    await file.close();
  }
}

async function* groupRows(
  file: FileHandle,
  columns: readonly string[],
  metadata: FileMetaData,
  group: FileMetaData['row_groups'][number],
): AsyncGenerator<Row> {
  const cursors = columns.map((name) => {
    const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
    if (chunk === undefined) throw new Error(`a row group has no column ${name}`);
    return new Cursor(columnPages(file, metadata, chunk));
  });
  for (let row = 0; row < Number(group.num_rows); ++row) {
    const fields: Record<string, unknown> = {};
    for (const [index, name] of columns.entries()) {
      const cursor = cursors[index]!;
      // Awaited only where a page ends: most rows are had at once.
      if (cursor.exhausted && !(await cursor.turnPage())) {
        throw new Error(`column ${name} ends after ${row} of ${group.num_rows} rows`);
      }
      fields[name] = cursor.take();
    }
    yield fields;
  }
}

/** The rows of a column one by one. */
class Cursor {
  readonly #pages: AsyncGenerator<ArrayLike<unknown>>;
  #page: ArrayLike<unknown> = [];
  #next = 0;

  constructor(pages: AsyncGenerator<ArrayLike<unknown>>) {
    this.#pages = pages;
  }

  get exhausted(): boolean {
    return this.#next >= this.#page.length;
  }

  /** To the next page with rows; false if there is none. */
  async turnPage(): Promise<boolean> {
    do {
      const { value, done } = await this.#pages.next();
      if (done) return false;
      this.#page = value;
      this.#next = 0;
    } while (this.exhausted);
    return true;
  }

  /** A list without the nesting that optional levels give it. */
  take(): unknown {
    const value = this.#page[this.#next++];
    return Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : value;
  }
}

function requireColumns(path: string, columns: readonly string[], { schema }: FileMetaData): void {
  const there = new Set(schema.map(({ name }) => name));
  const missing = columns.filter((column) => !there.has(column));
  if (missing.length > 0) throw new Error(`${path}: has no column ${missing.join(', ')}`);
}

function named(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${path}: ${reason}`, { cause });
}
