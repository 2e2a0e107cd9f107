/** A table that grows, beside a plain model of it: what every call on the one must give, the other says. */
import { EmbeddingTable, History, type SearchOptions } from 'kleio';
import { expect } from 'vitest';
import { type Dtype, type Elements, elementsOf, numbersOf } from '../oracle/float-formats.js';
import { type Behaviour, searchEmbeddings, vectorAt } from '../oracle/search.js';
import { expectSameBits } from './bitwise.js';
import { expectError } from './coded-errors.js';
import { testDevice } from './device.js';
import { drawEmbeddings, FAMILY_NAMES } from './embeddings.js';
import type { Random } from './random.js';

export type Duplicates = 'error' | 'first' | 'last';

/** So few that many come again. */
const drawId = (random: Random, ids: number): bigint => BigInt(random.integer(-3, ids)) * 97n;

export class GrowingTable {
  readonly table: EmbeddingTable;
  readonly #random: Random;
  readonly #dtype: Dtype;
  readonly #dim: number;
  readonly #ids: number;
  #values: Elements;
  /** Undefined: rows have no ids. */
  readonly #rowOf: Map<bigint, number> | undefined;
  #led = 0;
  readonly #histories: { readonly history: History; readonly behaviours: Behaviour[] }[] = [];

  /** @param ids how many different ones there may be; 0: rows have none. */
  constructor(random: Random, dtype: Dtype, { dim = 8, rows = 20, ids = 0 } = {}) {
    this.#random = random;
    this.#dtype = dtype;
    this.#dim = dim;
    this.#ids = ids;
    this.#values = this.#draw(rows);
    const given =
      ids === 0 ? undefined : BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 97n);
    this.#rowOf = given && new Map([...given].map((id, row) => [id, row]));
    this.#led = rows;
    const options = { dim, dtype, device: testDevice };
    this.table = EmbeddingTable.from(this.#values, given ? { ...options, ids: given } : options);
  }

  get rows(): number {
    return this.#values.length / this.#dim;
  }

  #draw(rows: number): Elements {
    const family = this.#random.pick(FAMILY_NAMES);
    const drawn = drawEmbeddings(family, Math.max(rows, 1), this.#dim, this.#dtype, this.#random);
    return elementsOf(drawn.subarray(0, rows * this.#dim), this.#dtype);
  }

  /** Appends some rows, as the model does; where that refuses them, the table must too. */
  append(count: number, duplicates: Duplicates): void {
    const values = this.#draw(count);
    const first = this.rows;
    if (this.#rowOf === undefined) {
      expect(this.table.append(values)).toBe(first);
    } else {
      const ids = BigInt64Array.from({ length: count }, () => drawId(this.#random, this.#ids));
      const unique = new Set(ids).size === count && ids.every((id) => !this.#rowOf?.has(id));
      if (duplicates === 'error' && !unique) {
        expectError(() => this.table.append(values, { ids }), 'ERR_KLEIO_DUPLICATE_ID');
        this.check();
        return;
      }
      expect(this.table.append(values, { ids, duplicates })).toBe(first);
      for (const [index, id] of ids.entries()) {
        if (duplicates === 'first' && this.#rowOf.has(id)) continue;
        this.#rowOf.set(id, first + index);
      }
    }
    const grown = new (this.#values.constructor as typeof Int8Array)(
      this.#values.length + values.length,
    );
    grown.set(this.#values);
    grown.set(values, this.#values.length);
    this.#values = grown;
    this.#led += count;
  }

  /** Rows, ids and embeddings, of some rows. */
  check(): void {
    const { rows } = this;
    expect(this.table.rows).toBe(rows);
    expect(this.table.byteLength).toBe(this.#values.byteLength);
    const asked = Int32Array.from({ length: 30 }, () => this.#random.integer(-1, rows - 1));
    expect(this.table.read(asked)).toEqual(this.#rowsOf(asked));
    if (this.#rowOf === undefined) return;
    const leading = new Set(this.#rowOf.values());
    expect(this.table.duplicates).toBe(this.#led - leading.size);
    const ids = BigInt64Array.from({ length: 60 }, () => drawId(this.#random, this.#ids * 2));
    const found = Int32Array.from(ids, (id) => this.#rowOf?.get(id) ?? -1);
    expect(this.table.rowsOf(ids)).toEqual(found);
    expect(this.table.read(ids)).toEqual(this.#rowsOf(found));
  }

  #rowsOf(rows: Int32Array): Elements {
    const values = this.#values.slice(0, 0);
    const read = new (values.constructor as typeof Int8Array)(rows.length * this.#dim);
    for (const [place, row] of rows.entries()) {
      if (row < 0) continue;
      read.set(this.#values.subarray(row * this.#dim, (row + 1) * this.#dim), place * this.#dim);
    }
    return read;
  }

  /** A new history, or more behaviours for one that is there. */
  appendBehaviours(count: number): void {
    if (this.#histories.length < 3 && this.#random.chance(0.3)) {
      this.#histories.push({ history: new History(this.table), behaviours: [] });
    }
    if (this.#histories.length === 0) return;
    const { history, behaviours } = this.#random.pick(this.#histories);
    if (this.#rowOf !== undefined && this.#random.chance(0.5)) {
      const ids = BigInt64Array.from({ length: count }, () => drawId(this.#random, this.#ids * 2));
      history.append(ids);
      for (const id of ids) behaviours.push({ row: this.#rowOf.get(id) ?? -1 });
      return;
    }
    const rows = Int32Array.from({ length: count }, () => this.#random.integer(-1, this.rows - 1));
    history.append(rows);
    for (const row of rows) behaviours.push({ row });
  }

  /** Starts a search; ends when it has found what there was when it started. */
  async search(): Promise<void> {
    if (this.#histories.length === 0) return;
    const { history, behaviours } = this.#random.pick(this.#histories);
    const rows = Int32Array.from({ length: 3 }, () => this.#random.integer(-1, this.rows - 1));
    const matrix = { numbers: numbersOf(this.#values, this.#dtype), dim: this.#dim };
    const by = this.#random.pick(['cosine', 'dot'] as const);
    const exclude = Int32Array.of(this.#random.integer(0, this.rows - 1));
    const options: SearchOptions = { k: this.#random.integer(1, 25), by, exclude };
    const expected = searchEmbeddings(
      matrix,
      [...behaviours],
      Array.from(rows, (row) => (row < 0 ? undefined : vectorAt(matrix, row))),
      { k: options.k, by, exclude: new Set(exclude) },
    );
    expectSameBits(await history.search(rows, options), expected, `${this.rows} rows`);
  }

  close(): void {
    for (const { history } of this.#histories) history.close();
    this.table.close();
  }
}
