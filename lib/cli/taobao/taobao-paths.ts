/** The files of a folder of Taobao-MM data, whole or in shards. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface DataPaths {
  readonly samples: readonly string[];
  readonly users: readonly string[];
  readonly items: readonly string[];
}

/** @param split `test` or `train`, as file names begin. */
export function dataPaths(data: string, split: string): DataPaths {
  return {
    samples: parquetFiles(data, `${split}_samples`),
    users: parquetFiles(data, `${split}_user_features`),
    items: parquetFiles(data, 'item_features'),
  };
}

function parquetFiles(data: string, start: string): string[] {
  const files = readdirSync(data).sort();
  const found = files.filter((file) => file.startsWith(start) && file.endsWith('.parquet'));
  if (found.length > 0) return found.map((file) => join(data, file));
  throw new Error(`${data}: no file is named ${start}*.parquet`);
}
