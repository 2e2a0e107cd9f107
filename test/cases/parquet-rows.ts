/** What the command line's reader says of parquet files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Columns } from '../../lib/cli/parquet/file-metadata.js';
import { ParquetFile } from '../../lib/cli/parquet/parquet-file.js';

export type Read = Record<string, bigint | null | readonly bigint[]>;

/** All rows, null where a row has no value. */
export async function readParquet(path: string, columns: Columns): Promise<Read[]> {
  const file = await ParquetFile.open(path, columns);
  try {
    const rows: Read[] = [];
    for await (const row of file.read()) {
      const values = Object.entries(columns).map(([name, kind]) => {
        if (kind === 'id') return [name, row.has(name) ? row.id(name) : null];
        return [name, [...(kind === 'ids' ? row.ids(name) : row.numbers(name))]];
      });
      rows.push(Object.fromEntries(values));
    }
    return rows;
  } finally {
    file.close();
  }
}

/** The rows of these bytes as a file of their own. */
export async function readBytes(bytes: Uint8Array, columns: Columns): Promise<Read[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-parquet-'));
  try {
    const path = join(folder, 'table.parquet');
    writeFileSync(path, bytes);
    return await readParquet(path, columns);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
