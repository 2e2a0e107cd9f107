/** A row of a parquet file, until the next one is read. */

import { codedError } from '../../support/errors.js';
import type { ColumnRows } from './column-rows.js';

export class Row {
  /** In its file, from 0. */
  number = 0;
  readonly #path: string;
  readonly #columns = new Map<string, ColumnRows>();

  constructor(path: string, columns: readonly ColumnRows[]) {
    this.#path = path;
    for (const column of columns) this.#columns.set(column.name, column);
  }

  /** Whether the column of kind `id` has a value. */
  has(column: string): boolean {
    return this.#columns.get(column)!.single !== null;
  }

  /** Of a column of kind `id` that every row must have. */
  id(column: string): bigint {
    const id = this.#columns.get(column)!.single;
    if (id === null) throw this.fault(column, 'must be a 64-bit integer; got null');
    return id;
  }

  /** Of a column of kind `id` that a row may leave out: 0 then. */
  idOrUnknown(column: string): bigint {
    return this.#columns.get(column)!.single ?? 0n;
  }

  /** Of a column of kind `ids`: nulls are 0, and a list that is not there is empty. */
  ids(column: string): BigInt64Array {
    return this.#columns.get(column)!.list;
  }

  /** Of a column of kind `numbers`, without nulls; empty where there is no list. */
  numbers(column: string): BigInt64Array {
    const { list, hasNull } = this.#columns.get(column)!;
    if (hasNull) throw this.fault(column, 'must be a list without nulls; got one with null');
    return list;
  }

  /** An error that names file, column and row. */
  fault(column: string, sentence: string): Error {
    const place = `${this.#path}: column ${column}, row ${this.number}`;
    return codedError('ERR_KLEIO_FORMAT', `${place}: ${sentence}`);
  }
}
