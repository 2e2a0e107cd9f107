/** A parquet file of any size, row by row. It is opened once and must not change while it is open. */

import { type CodedError, codedError } from '../../support/errors.js';
import type { Progress } from '../../text/progress.js';
import { ColumnRows } from './column-rows.js';
import { FileBytes } from './file-bytes.js';
import { type Columns, type FileMetadata, readMetadata } from './file-metadata.js';
import { PageBudget } from './page-budget.js';
import { Row } from './row.js';
import type { RowGroup } from './row-groups.js';

/** Rows between two steps of a progress bar. */
const ROWS_PER_STEP = 256;

export class ParquetFile {
  readonly path: string;
  readonly #bytes: FileBytes;
  readonly #metadata: FileMetadata;

  private constructor(path: string, bytes: FileBytes, metadata: FileMetadata) {
    this.path = path;
    this.#bytes = bytes;
    this.#metadata = metadata;
  }

  /** Every column must be there, and of its kind. */
  static async open(path: string, columns: Columns): Promise<ParquetFile> {
    let bytes: FileBytes | undefined;
    try {
      bytes = await FileBytes.open(path);
      return new ParquetFile(path, bytes, await readMetadata(bytes, columns));
    } catch (error) {
      const fault = await named(path, bytes, error);
      await bytes?.close();
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
      const budget = new PageBudget(this.#metadata.mostDictionaryValues);
      for (const group of this.#metadata.groups) {
        yield* this.#groupRows(group, first, budget, progress);
        first += group.rows;
      }
    } catch (error) {
      throw await named(this.path, this.#bytes, error);
    }
    if (await this.#bytes.hasChanged()) throw changed(this.path);
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }

  async *#groupRows(
    { index, rows, chunks }: RowGroup,
    first: number,
    budget: PageBudget,
    progress: Progress | undefined,
  ): AsyncGenerator<Row> {
    const columns = chunks.map((chunk) => new ColumnRows(this.#bytes, chunk, budget));
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

async function named(path: string, bytes: FileBytes | undefined, cause: unknown): Promise<Error> {
  if (bytes !== undefined && (await bytes.hasChanged())) return changed(path);
  if (isRefusal(cause)) return cause;
  return codedError('ERR_KLEIO_FORMAT', `${path}: ${(cause as Error).message}`, { cause });
}

function changed(path: string): Error {
  return codedError('ERR_KLEIO_FILE', `${path}: was changed while it was read`);
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
