/** A parquet file of any size, row by row. It is opened once and must not change while it is open. */

import { type CodedError, codedError } from '../../support/errors.js';
import { OpenedFile } from '../../support/opened-file.js';
import { absolutePath } from '../../support/paths.js';
import type { Progress } from '../../text/progress.js';
import { ColumnRows } from './column-rows.js';
import { type Columns, type FileMetadata, type RowGroup, readMetadata } from './file-metadata.js';
import { PageBudget } from './page-budget.js';
import { Row } from './row.js';

/** Rows between two steps of a progress bar. */
const ROWS_PER_STEP = 256;

export class ParquetFile {
  readonly path: string;
  readonly #file: OpenedFile;
  readonly #metadata: FileMetadata;

  private constructor(path: string, file: OpenedFile, metadata: FileMetadata) {
    this.path = path;
    this.#file = file;
    this.#metadata = metadata;
  }

  /** Every column must be there, and of its kind. */
  static async open(path: string, columns: Columns): Promise<ParquetFile> {
    const file = new OpenedFile(absolutePath(path));
    try {
      await file.settled();
      return new ParquetFile(path, file, await readMetadata(file, columns));
    } catch (error) {
      const fault = await named(path, file, error);
      file.close();
      throw fault;
    }
  }

  get rows(): number {
    return this.#metadata.rows;
  }

  /** The row that comes is the same object every time. */
  async *read(progress?: Progress): AsyncGenerator<Row> {
    let first = 0;
    try {
      for (const [index, group] of this.#metadata.groups.entries()) {
        yield* this.#groupRows(index, group, first, progress);
        first += group.rows;
      }
    } catch (error) {
      throw await named(this.path, this.#file, error);
    }
    await this.#file.requireUnchanged();
  }

  close(): void {
    this.#file.close();
  }

  async *#groupRows(
    index: number,
    { rows, chunks }: RowGroup,
    first: number,
    progress: Progress | undefined,
  ): AsyncGenerator<Row> {
    const budget = new PageBudget();
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

/** Where the file was changed, that is what went wrong, whatever else then seemed to be. */
async function named(path: string, file: OpenedFile, cause: unknown): Promise<Error> {
  try {
    await file.requireUnchanged();
  } catch (change) {
    return change as Error;
  }
  if (isRefusal(cause)) return cause;
  return codedError('ERR_KLEIO_FORMAT', `${path}: ${(cause as Error).message}`, { cause });
}

/** What the system says names the file itself. */
function isRefusal(error: unknown): error is CodedError {
  return (error as Partial<CodedError>).code === 'ERR_KLEIO_FILE';
}

function placed(column: ColumnRows, group: number, row: number, cause: unknown): Error {
  if (isRefusal(cause)) return cause;
  const page = Math.max(0, column.pages - 1);
  const place = `column ${column.name}, row ${row} (row group ${group}, page ${page})`;
  return new Error(`${place}: ${(cause as Error).message}`, { cause });
}
