/** A parquet file of any size, row by row. It is opened once and must not change while it is open. */

import { codedError, isCoded } from '../../support/errors.js';
import { OpenedFile } from '../../support/opened-file.js';
import type { Progress } from '../../text/progress.js';
import { ColumnRows } from './column-rows.js';
import { type Columns, type FileMetadata, readMetadata } from './file-metadata.js';
import { PageBudget } from './page-budget.js';
import { Row } from './row.js';
import type { RowGroup } from './row-groups.js';

/** Rows between two steps of a progress bar. */
const ROWS_PER_STEP = 256;

export class ParquetFile {
  readonly #file: OpenedFile;
  readonly #metadata: FileMetadata;

  private constructor(file: OpenedFile, metadata: FileMetadata) {
    this.#file = file;
    this.#metadata = metadata;
  }

  /** Every column must be there, and of its kind. */
  static async open(path: string, columns: Columns): Promise<ParquetFile> {
    const file = new OpenedFile(path);
    try {
      return new ParquetFile(file, await metadataOf(file, columns));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get path(): string {
    return this.#file.path;
  }

  get rows(): number {
    return this.#metadata.rows;
  }

  /** The row that comes is the same object every time. */
  async *read(progress?: Progress): AsyncGenerator<Row> {
    let first = 0;
    try {
      const budget = new PageBudget(this.#metadata.mostDictionaryValues);
      for (const group of this.#metadata.groups) {
        yield* this.#groupRows(group, first, budget, progress);
        first += group.rows;
      }
    } catch (error) {
      throw await faultOf(this.#file, error);
    }
    await this.#file.requireUnchanged();
  }

  close(): void {
    this.#file.close();
  }

  async *#groupRows(
    { index, rows, chunks }: RowGroup,
    first: number,
    budget: PageBudget,
    progress: Progress | undefined,
  ): AsyncGenerator<Row> {
    const columns = chunks.map((chunk) => new ColumnRows(this.#file, chunk, budget));
    const row = new Row(this.path, columns);
    for (let number = 0; number < rows; ++number) {
      row.number = first + number;
      for (const column of columns) {
        try {
          column.beginRow();
          // Awaited only where a page ends: most rows are had at once.
          while (!column.readRow()) await column.turnPage();
        } catch (error) {
          throw placed(column, index, row.number, error);
        }
      }
      yield row;
      if ((number + 1) % ROWS_PER_STEP === 0) progress?.step(ROWS_PER_STEP);
    }
    for (const column of columns) {
      try {
        column.finish();
      } catch (error) {
        throw placed(column, index, first + rows, error);
      }
    }
  }
}

async function metadataOf(file: OpenedFile, columns: Columns): Promise<FileMetadata> {
  try {
    await file.settled();
    return await readMetadata(file, columns);
  } catch (error) {
    throw await faultOf(file, error);
  }
}

/** A change of the file, whatever else then seems to be wrong. What has a code names the file itself. */
async function faultOf(file: OpenedFile, cause: unknown): Promise<Error> {
  await file.requireUnchanged();
  if (isCoded(cause)) return cause;
  return codedError('ERR_KLEIO_FORMAT', `${file.path}: ${(cause as Error).message}`, { cause });
}

function placed(column: ColumnRows, group: number, row: number, cause: unknown): Error {
  if (isCoded(cause)) return cause;
  const page = Math.max(0, column.pages - 1);
  const place = `column ${column.name}, row ${row} (row group ${group}, page ${page})`;
  return new Error(`${place}: ${(cause as Error).message}`, { cause });
}
