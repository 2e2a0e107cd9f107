/**
 * A history of the product beside one that only remembers: what happens to a history, in any order, and the questions
 * about it.
 */
import {
  type BehaviourField,
  EmbeddingTable,
  type ExtendableKept,
  History,
  type Kept,
  type SearchOptions,
} from 'kleio';
import { expect } from 'vitest';
import { type Dtype, type Elements, elementsOf, numbersOf } from '../oracle/float-formats.js';
import {
  type Found,
  type Remembered,
  RememberedHistory,
  type RememberedQuery,
} from '../oracle/remembered.js';
import { type Matrix, vectorAt } from '../oracle/search.js';
import { testDevice } from './device.js';
import type { Random } from './random.js';
import { expectColumns, expectKept, sequenceOf } from './told-behaviours.js';

const FIELDS = ['rows', 'ids', 'times', 'categories', 'sequences'] as const;
/** Ids beyond the table's: their behaviours have no embedding. */
const STRANGERS = [900n, 901n, 902n];
const NOBODY = 5n;
const CATEGORIES = [0n, 7n, -3n];

/** A search that is asked again, and what it should find now. */
interface Again {
  readonly kept: ExtendableKept<BehaviourField>;
  readonly expectedNow: () => Found[][];
}

export class HistoryLife {
  readonly #random: Random;
  readonly #dtype: Dtype;
  #dim: number;
  readonly #hasTimes: boolean;
  readonly #hasCategories: boolean;
  readonly #ids: bigint[] = [];
  #values: number[] = [];
  #table: EmbeddingTable;
  #history: History;
  #model: RememberedHistory;
  #again: Again | undefined;
  #nextId = 1000n;
  readonly #running: Promise<void>[] = [];

  constructor(random: Random, dtype: Dtype) {
    this.#random = random;
    this.#dtype = dtype;
    this.#dim = random.pick([1, 3, 8, 20]);
    this.#hasTimes = random.chance(0.7);
    this.#hasCategories = random.chance(0.5);
    const items = random.pick([random.integer(1, 40), random.integer(100, 400)]);
    for (let item = 0; item < items; ++item) this.#addItem();
    this.#table = this.#tableOfItems();
    const capacity = random.pick([random.integer(1, 20), 100, 5000]);
    this.#history = new History(this.#table, { capacity });
    this.#model = new RememberedHistory(capacity);
  }

  async step(): Promise<void> {
    const random = this.#random;
    const happening = random.pick([
      () => this.#append(random.pick([1, 1, random.integer(0, 12), random.integer(0, 300)])),
      () => this.#append(random.integer(0, 30)),
      () => this.#growTable(random.pick([1, random.integer(0, 30)])),
      () => this.#remove(),
      () => this.#remove(),
      () => this.#searchLater(),
      () => this.#searchLater(),
      () => this.#searchNow(),
      () => this.#read(),
      () => this.#has(),
      () => (random.chance(0.1) ? this.#clear() : undefined),
      () => this.#saveAndRestore(random.chance(0.5)),
      () => (random.chance(0.3) ? this.#moveOnto() : undefined),
      () => this.#searchToAskAgain(),
      () => this.#askAgain(),
      () => this.#askAgain(),
    ]);
    await happening();
    this.#agree();
  }

  async end(): Promise<void> {
    await Promise.all(this.#running);
    this.#searchNow();
    this.#history.close();
    this.#table.close();
  }

  #tableOfItems(): EmbeddingTable {
    return EmbeddingTable.from(this.#elements(0) as Float32Array, {
      dim: this.#dim,
      dtype: this.#dtype,
      ids: BigInt64Array.from(this.#ids),
      device: testDevice,
    });
  }

  #addItem(id = this.#newId()): void {
    this.#ids.push(id);
    // Many ties, and here and there a row without direction.
    const isZero = this.#random.chance(0.05);
    for (let d = 0; d < this.#dim; ++d) {
      this.#values.push(isZero ? 0 : this.#random.integer(-2, 2));
    }
  }

  /** Some items had behaviours before the table knew them. */
  #newId(): bigint {
    const strange = STRANGERS.find((id) => !this.#ids.includes(id));
    if (strange !== undefined && this.#random.chance(0.1)) return strange;
    this.#nextId += 3n;
    return this.#nextId;
  }

  #elements(from: number): Elements {
    return elementsOf(Float64Array.from(this.#values.slice(from)), this.#dtype);
  }

  get #catalogue(): Matrix {
    return { numbers: numbersOf(this.#elements(0), this.#dtype), dim: this.#dim };
  }

  /** New items: their behaviours from now on have an embedding, those from before stay without. */
  #growTable(count: number): void {
    const from = this.#values.length;
    for (let item = 0; item < count; ++item) this.#addItem();
    const ids = BigInt64Array.from(this.#ids.slice(from / this.#dim));
    this.#table.append(this.#elements(from) as Float32Array, { ids });
  }

  #anyId(): bigint {
    return this.#random.pick(this.#random.chance(0.2) ? STRANGERS : this.#ids);
  }

  #append(count: number): void {
    const random = this.#random;
    const byRows = random.chance(0.3);
    const behaviours = Array.from({ length: count }, (): Omit<Remembered, 'sequence'> => {
      const id = byRows ? (random.chance(0.1) ? undefined : random.pick(this.#ids)) : this.#anyId();
      return {
        id,
        row: id === undefined ? -1 : this.#ids.indexOf(id),
        category: this.#hasCategories ? random.pick(CATEGORIES) : undefined,
        time: this.#hasTimes ? random.integer(-50, 50) / 2 : undefined,
      };
    });
    this.#history.append(
      byRows
        ? Int32Array.from(behaviours, ({ row }) => row)
        : BigInt64Array.from(behaviours, ({ id }) => id as bigint),
      {
        ...(this.#hasCategories && {
          categories: BigInt64Array.from(behaviours, ({ category }) => category as bigint),
        }),
        ...(this.#hasTimes && {
          times: Float64Array.from(behaviours, ({ time }) => time as number),
        }),
      },
    );
    this.#model.append(behaviours);
  }

  #remove(): void {
    const random = this.#random;
    const kind = random.pick(['ids', 'rows', 'sequences', 'before'] as const);
    if (kind === 'before') {
      if (!this.#hasTimes) return;
      const before = random.integer(-60, random.chance(0.1) ? 60 : -30) / 2;
      const gone = this.#model.remove(({ time }) => (time as number) < before);
      expect(this.#history.remove({ before })).toBe(gone);
    } else if (kind === 'sequences') {
      const wanted = Array.from({ length: random.integer(0, 8) }, () =>
        random.integer(this.#model.first - 2, this.#model.next + 1),
      );
      if (random.chance(0.1)) wanted.push(0.5, Number.NaN, -1, 2 ** 60, Number.POSITIVE_INFINITY);
      if (random.chance(0.1)) {
        wanted.push(...this.#model.present.filter(() => random.chance(0.8)).map(sequenceOf));
      }
      const gone = this.#model.remove(({ sequence }) => wanted.includes(sequence));
      expect(this.#history.remove({ sequences: Float64Array.from(wanted) })).toBe(gone);
    } else {
      const ids = Array.from({ length: random.integer(0, 3) }, () => this.#anyId());
      const byRows = kind === 'rows';
      const gone = this.#model.remove(
        ({ id, row }) => id !== undefined && ids.includes(id) && (row >= 0 || !byRows),
      );
      const items = byRows
        ? Int32Array.from(ids, (id) => this.#ids.indexOf(id))
        : BigInt64Array.from(ids);
      expect(this.#history.remove({ items })).toBe(gone);
    }
  }

  /** Plain bytes name items, which are looked up anew; packed ones are of the same table, which may have grown. */
  async #saveAndRestore(packed: boolean): Promise<void> {
    const bytes = await this.#history.toBytes({ packed });
    this.#goOnWith(await History.fromBytes(this.#table, bytes));
    if (!packed) this.#model = this.#model.onto((id) => this.#ids.indexOf(id));
  }

  /** Another embedding model: other vectors of other width, items in another order, and not all of them. */
  async #moveOnto(): Promise<void> {
    const random = this.#random;
    const known = this.#ids.filter(() => random.chance(0.9)).sort(() => random.uniform() - 0.5);
    this.#ids.length = 0;
    this.#values = [];
    this.#dim = random.pick([2, 8, 17]);
    do this.#addItem(known.pop());
    while (known.length > 0);
    this.#table.close();
    this.#table = this.#tableOfItems();
    this.#goOnWith(await this.#history.onto(this.#table));
    this.#model = this.#model.onto((id) => this.#ids.indexOf(id));
  }

  /** Searches that run keep what they read. */
  #goOnWith(history: History): void {
    this.#history.close();
    this.#history = history;
    this.#again = undefined;
  }

  #searchToAskAgain(): void {
    // Ids mean what they meant when they were first asked.
    const { ask, check, expectedNow } = this.#question(() =>
      this.#random.pick([...this.#ids, NOBODY]),
    );
    const kept = ask((targets, options) =>
      this.#history.searchSync(targets, { ...options, extendable: true }),
    );
    check(kept);
    this.#again = { kept, expectedNow };
  }

  async #askAgain(): Promise<void> {
    if (this.#again === undefined) return;
    const { kept, expectedNow } = this.#again;
    const expected = expectedNow();
    const now = this.#random.chance(0.5) ? kept.extendSync() : await kept.extend();
    expectKept(now, expected, { count: kept.count, k: kept.k, first: this.#model.first });
    this.#again = { kept: now, expectedNow };
  }

  #clear(): void {
    this.#history.clear();
    this.#model.remove(() => true);
  }

  #agree(): void {
    const { present, first, next } = this.#model;
    const { length, distinct, firstSequence, nextSequence } = this.#history;
    const items = new Set(present.map(({ row }) => row).filter((row) => row >= 0));
    expect([length, distinct, firstSequence, nextSequence]).toEqual([
      present.length,
      items.size,
      first,
      next,
    ]);
  }

  #read(): void {
    const random = this.#random;
    const from = random.chance(0.5) ? undefined : random.integer(0, this.#model.next + 2);
    const count = random.chance(0.5) ? undefined : random.integer(0, 20);
    const expected = this.#model.present
      .filter(({ sequence }) => sequence >= (from ?? 0))
      .slice(0, count ?? this.#model.present.length);
    const read = this.#history.read({
      ...(from !== undefined && { from }),
      ...(count !== undefined && { count }),
      fields: this.#fields(),
    });
    expect(read.count).toBe(expected.length);
    expectColumns(read, expected);
  }

  #has(): void {
    const ids = Array.from({ length: this.#random.integer(0, 6) }, () => this.#anyId());
    const expected = ids.map((id) => (this.#model.present.some((one) => one.id === id) ? 1 : 0));
    expect([...this.#history.has(BigInt64Array.from(ids))]).toEqual(expected);
  }

  /** The columns that the behaviours have. */
  #fields(): BehaviourField[] {
    const missing = { times: !this.#hasTimes, categories: !this.#hasCategories } as const;
    return FIELDS.filter((field) => !(field in missing && missing[field as keyof typeof missing]));
  }

  #searchNow(): void {
    const { ask, check } = this.#question();
    check(ask((targets, options) => this.#history.searchSync(targets, options)));
  }

  /** Whatever happens until it is answered. */
  #searchLater(): void {
    const { ask, check } = this.#question();
    this.#running.push(
      ask((targets, options) => this.#history.search(targets, options)).then(check),
    );
  }

  #question(excluded = () => this.#anyId()) {
    const random = this.#random;
    const count = random.integer(1, 3);
    const query = this.#query(excluded);
    const rows = Array.from({ length: count }, () => random.integer(0, this.#ids.length - 1));
    const categories = Array.from({ length: count }, () => random.pick(CATEGORIES));
    const catalogue = this.#catalogue;
    const expectedIn = (now: Matrix) =>
      Array.from({ length: count }, (_, index) =>
        this.#model.search(
          now,
          query.by === 'category' ? categories[index]! : vectorAt(catalogue, rows[index]!),
          query,
        ),
      );
    const expected = expectedIn(catalogue);
    const told = { count, k: query.k, first: this.#model.first };
    const { exclude, ...asked } = query;
    const options: SearchOptions<BehaviourField> = {
      ...asked,
      threads: random.integer(1, 3),
      fields: this.#fields(),
      ...(exclude && { exclude: BigInt64Array.from(exclude) }),
      ...(query.by === 'category' && { categories: BigInt64Array.from(categories) }),
    };
    const targets =
      query.by === 'category'
        ? undefined
        : random.chance(0.5)
          ? Int32Array.from(rows)
          : BigInt64Array.from(rows, (row) => this.#ids[row]!);
    return {
      ask: <Answer>(
        search: (
          targets: Int32Array | BigInt64Array | undefined,
          options: SearchOptions<BehaviourField>,
        ) => Answer,
      ) => search(targets, options),
      check: (kept: Kept<BehaviourField>) => expectKept(kept, expected, told),
      expectedNow: () => expectedIn(this.#catalogue),
    };
  }

  #query(excluded: () => bigint): RememberedQuery {
    const random = this.#random;
    const units = this.#hasCategories && this.#model.present.length > 0 ? 3 : 2;
    const timed = this.#hasTimes;
    return {
      k: random.pick([1, 2, 7, 400]),
      by: (['cosine', 'dot', 'category'] as const)[random.integer(0, units - 1)]!,
      ...(random.chance(0.2) && { distinct: true }),
      ...(random.chance(0.2) && { minScore: random.pick([0, 0.5, 1, -0.3]) }),
      ...(random.chance(0.3) && timed && { since: random.integer(-60, 60) / 2 }),
      ...(random.chance(0.3) && timed && { until: random.integer(-60, 60) / 2 }),
      ...(random.chance(0.3) && {
        exclude: Array.from({ length: random.integer(0, 4) }, excluded),
      }),
    };
  }
}
