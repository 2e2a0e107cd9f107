/** Asks the product what a case asks. */
import { EmbeddingTable, History, type Kept, type SearchOptions } from 'kleio';
import { testDevice } from './device.js';
import type { SearchCase } from './search-case.js';

/** A table and a history as the case's calls make them. */
export class Subject {
  readonly table: EmbeddingTable;
  readonly history: History;
  readonly #case: SearchCase;

  constructor(searchCase: SearchCase) {
    this.#case = searchCase;
    const { values, dim, dtype, ids, capacity, steps } = searchCase;
    this.table = EmbeddingTable.from(values, {
      dim,
      dtype,
      device: testDevice,
      ...(ids && { ids }),
    });
    this.history = new History(this.table, capacity === undefined ? {} : { capacity });
    for (const step of steps) {
      if (step.call === 'clear') this.history.clear();
      else {
        const { call: _, behaviours, ...columns } = step;
        this.history.append(behaviours, columns);
      }
    }
  }

  /** Targets [start, end) on the calling thread. */
  searchSync(start: number, end: number, threads: number): Kept {
    return this.history.searchSync(this.#targets(start, end), { ...this.#options(), threads });
  }

  search(threads: number): Promise<Kept> {
    const { targets } = this.#case;
    return this.history.search(targets, { ...this.#options(), threads });
  }

  searchCategories(categories: BigInt64Array, threads: number): Kept {
    const { by: _, minScore: __, ...options } = this.#options();
    return this.history.searchSync(undefined, { ...options, by: 'category', categories, threads });
  }

  close(): void {
    this.history.close();
    this.table.close();
  }

  #targets(start: number, end: number): SearchCase['targets'] {
    const { targets, dim } = this.#case;
    const byName = targets instanceof Int32Array || targets instanceof BigInt64Array;
    const length = byName ? 1 : dim;
    return targets.slice(start * length, end * length);
  }

  #options(): SearchOptions {
    const { k, by, distinct, minScore, since, exclude } = this.#case.query;
    return {
      k,
      by,
      ...(distinct && { distinct }),
      ...(minScore !== undefined && { minScore }),
      ...(since !== undefined && { since }),
      ...(exclude && { exclude: this.#excluded(exclude) }),
    };
  }

  /** By id where the table has ids. */
  #excluded(rows: ReadonlySet<number>): Int32Array | BigInt64Array {
    const { ids } = this.#case;
    if (ids) return BigInt64Array.from(rows, (row) => ids[row] as bigint);
    return Int32Array.from(rows);
  }
}
