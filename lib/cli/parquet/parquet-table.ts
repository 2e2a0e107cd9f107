/** The files of one table, one after the other, all of them opened at once so that each is one state of it. */

import type { Progress } from '../../text/progress.js';
import type { Columns } from './file-metadata.js';
import { ParquetFile } from './parquet-file.js';
import type { Row } from './row.js';

export class ParquetTable {
  readonly #files: readonly ParquetFile[];
  readonly #paths: string;

  private constructor(files: readonly ParquetFile[], paths: string) {
    this.#files = files;
    this.#paths = paths;
  }

  /** Every file must have every column. */
  static async open(paths: readonly string[], columns: Columns): Promise<ParquetTable> {
    const files: ParquetFile[] = [];
    try {
      for (const path of paths) files.push(await ParquetFile.open(path, columns));
      const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
      return new ParquetTable(files, `${paths[0]}${more}`);
    } catch (error) {
      closeAll(files);
      throw error;
    }
  }

  /** As an error names it. */
  get name(): string {
    return this.#paths;
  }

  get rows(): number {
    return this.#files.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** All rows; the one that comes is good until the next. */
  async *read(progress?: Progress): AsyncGenerator<Row> {
    for (const file of this.#files) {
      progress?.start(`reading ${file.path}`, file.rows);
      yield* file.read(progress);
    }
  }

  [Symbol.dispose](): void {
    closeAll(this.#files);
  }
}

function closeAll(files: readonly ParquetFile[]): void {
  for (const file of files) file.close();
}
