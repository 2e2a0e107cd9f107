/** Rows of parquet files, one row group in memory at a time. */

import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';

import type { Progress } from './progress.js';

export type Row = Readonly<Record<string, unknown>>;

/** The first `most` rows of the files, with the columns asked for. Every one of them must exist. */
export async function* fieldRows(
  paths: readonly string[],
  columns: readonly string[],
  most: number,
  progress?: Progress,
): AsyncGenerator<Row> {
  let left = most;
  for (const path of paths) {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    requireColumns(path, columns, new Set(metadata.schema.map(({ name }) => name)));
    progress?.start(`reading ${path}`, Math.min(left, Number(metadata.num_rows)));
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const rowEnd = rowStart + Math.min(left, Number(num_rows));
      if (rowEnd === rowStart) return;
      const rows = await parquetReadObjects({
        file,
        metadata,
        columns: [...columns],
        rowStart,
        rowEnd,
      });
      yield* rows;
      progress?.step(rows.length);
      left -= rows.length;
      rowStart += Number(num_rows);
    }
  }
}

function requireColumns(
  path: string,
  columns: readonly string[],
  there: ReadonlySet<string>,
): void {
  const missing = columns.filter((column) => !there.has(column));
  if (missing.length > 0) throw new Error(`${path}: has no column ${missing.join(', ')}`);
}
