/** A search that is extended gives what the search anew would give, in every bit, whatever happened to its history. */
import { setImmediate as turn } from 'node:timers/promises';
import {
  type BehaviourField,
  EmbeddingTable,
  type ExtendableKept,
  History,
  inspect,
  type Removal,
  type SearchOptions,
  type Targets,
} from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from './cases/bitwise.js';
import { expectError, expectRejection, untyped } from './cases/coded-errors.js';
import { testDevice } from './cases/device.js';
import { drawEmbeddings, FAMILY_NAMES } from './cases/embeddings.js';
import { cases } from './cases/extent.js';
import { Random } from './cases/random.js';
import { DTYPES, type Dtype, elementsOf } from './oracle/float-formats.js';

const seed = Number(process.env.KLEIO_SEED);
const RUNS = cases(60, 10);
const STEPS = 12;
const FIELDS = ['rows', 'ids', 'times', 'categories', 'sequences'] as const;
/** An id that no table knows. */
const UNKNOWN = -3n;

/** A history that is written to at random. */
class Written {
  readonly history: History;
  readonly #random: Random;
  readonly rows: number;
  readonly values: ReturnType<typeof elementsOf>;
  readonly dim: number;

  constructor(dtype: Dtype, random: Random) {
    this.#random = random;
    this.dim = random.pick([1, 3, 8, 17, 64]);
    this.rows = random.pick([1, 5, 40, 300]);
    const family = random.pick(FAMILY_NAMES);
    this.values = elementsOf(drawEmbeddings(family, this.rows, this.dim, dtype, random), dtype);
    const ids = BigInt64Array.from({ length: this.rows }, (_, row) => this.idOf(row));
    const table = EmbeddingTable.from(this.values, {
      dim: this.dim,
      dtype,
      ids,
      device: testDevice,
    });
    const capacity = random.pick([2, 30, 500, 10_000]);
    this.history = new History(table, { capacity });
    for (let time = random.integer(0, 3); time > 0; --time) this.append(random.integer(0, 400));
  }

  idOf(row: number): bigint {
    return row < 0 ? UNKNOWN : 5n * BigInt(row);
  }

  item = (): number => this.#random.integer(-1, this.rows - 1);

  items(most: number): BigInt64Array {
    const length = this.#random.integer(0, most);
    return BigInt64Array.from({ length }, () => this.idOf(this.item()));
  }

  append(length: number): void {
    const [random, ids] = [this.#random, Array.from({ length }, () => this.idOf(this.item()))];
    this.history.append(BigInt64Array.from(ids), {
      categories: Int32Array.from(ids, () => random.integer(0, 2)),
      times: Float64Array.from(ids, () => random.integer(0, 9)),
    });
  }

  remove(): void {
    const { firstSequence, nextSequence } = this.history;
    const some = this.#random.integer(1, 4);
    const removal = this.#random.pick<() => Removal>([
      () => ({ items: this.items(2) }),
      () => ({ before: 1 }),
      () => ({
        sequences: Float64Array.from({ length: some }, () =>
          this.#random.integer(firstSequence, nextSequence),
        ),
      }),
    ]);
    this.history.remove(removal());
  }

  step(): void {
    const { append, remove, clear } = { append: 0.75, remove: 0.93, clear: 0.95 };
    const what = this.#random.uniform();
    if (what < append) this.append(this.#random.pick([0, 1, 3, 10, 16, 17, 100]));
    else if (what < remove) this.remove();
    else if (what < clear) this.history.clear();
  }

  /** What a search asks, and of which targets. */
  question(): [targets: Targets | undefined, options: SearchOptions<BehaviourField>] {
    const random = this.#random;
    const count = random.integer(0, 5);
    const by = random.pick(['cosine', 'dot', 'category'] as const);
    const options = {
      k: random.pick([1, 2, 7, 60, 700]),
      by,
      distinct: random.chance(0.4),
      threads: random.integer(1, 3),
      ...(random.chance(0.7) && { fields: FIELDS }),
      ...(random.chance(0.3) && { minScore: random.pick([0, 0.3, 1, -0.2]) }),
      ...(random.chance(0.3) && { since: random.integer(0, 5) }),
      ...(random.chance(0.3) && { until: random.integer(4, 9) }),
      ...(random.chance(0.3) && { exclude: this.items(6) }),
    };
    if (by === 'category') {
      const categories = Int32Array.from({ length: count }, () => random.integer(0, 3));
      return [undefined, { ...options, categories }];
    }
    const rows = Int32Array.from({ length: count }, this.item);
    const embeddings = () => {
      const first = random.integer(0, this.rows - 1);
      const given = this.values.slice(first * this.dim, (first + count) * this.dim);
      if (random.chance(0.2)) given.fill(0, 0, this.dim);
      return given;
    };
    const ids = () => BigInt64Array.from(rows, (row) => this.idOf(row));
    return [random.pick<() => Targets>([() => rows, ids, embeddings])(), options];
  }
}

/** Every enumerable property, scores by their bits. */
function plainOf(kept: object) {
  const { scores, ...rest } = { ...(kept as { scores: Float32Array }) };
  return { ...rest, bits: new Int32Array(scores.buffer, scores.byteOffset, scores.length) };
}

async function extendedAsAnew(dtype: Dtype, random: Random): Promise<void> {
  const written = new Written(dtype, random);
  const { history } = written;
  const [targets, options] = written.question();
  const extendable = { ...options, extendable: true } as const;
  let kept = random.chance(0.5)
    ? history.searchSync(targets, extendable)
    : await history.search(targets, extendable);
  const before = [kept];
  for (let step = 0; step < STEPS; ++step) {
    for (let steps = random.integer(0, 2); steps >= 0; --steps) written.step();
    // Any answer of the search goes on from the last one.
    const asked = random.pick([kept, kept, random.pick(before)]);
    const running = random.chance(0.5) ? asked.extend() : asked.extendSync();
    const expected = history.searchSync(targets, options);
    if (random.chance(0.3)) written.step();
    kept = await running;
    before.push(kept);
    expect(plainOf(kept), JSON.stringify({ dtype, step, k: options.k, by: options.by })).toEqual(
      plainOf(expected),
    );
  }
  history.close();
}

describe('an extended search', () => {
  it.each(DTYPES)(`of %s is the search anew, over ${RUNS} histories`, async (dtype) => {
    const random = new Random(seed + DTYPES.indexOf(dtype));
    for (let run = 0; run < RUNS; ++run) {
      await turn();
      await extendedAsAnew(dtype, random);
    }
  });

  it('may be extended many times at once', async () => {
    const written = new Written('int8', new Random(seed));
    const kept = await written.history.search(Int32Array.of(0), { k: 20, extendable: true });
    const running: Promise<ExtendableKept>[] = [];
    const expected: object[] = [];
    for (let time = 0; time < 30; ++time) {
      written.append(time % 2 === 0 ? 1 : 400);
      running.push(kept.extend());
      expected.push(plainOf(written.history.searchSync(Int32Array.of(0), { k: 20 })));
    }
    expect((await Promise.all(running)).map(plainOf)).toEqual(expected);
  });
});

/** A history of 300 different items, the table's first rows. */
function subject(options: { capacity?: number } = {}) {
  const random = new Random(7);
  const values = Float32Array.from({ length: 400 * 8 }, () => random.normal());
  const table = EmbeddingTable.from(values, { dim: 8, device: testDevice });
  const history = new History(table, options);
  history.append(Int32Array.from({ length: 300 }, (_, row) => row));
  return { table, history, values };
}

const TARGETS = Int32Array.of(3, 301, -1);

it('is the search anew where inner products are beyond all scores, and tie', () => {
  const values = Float32Array.of(1e30, 0, -1e30, 0, -2e30, 0, -3e30, 0);
  const history = new History(EmbeddingTable.from(values, { dim: 2, device: testDevice }));
  history.append(Int32Array.of(1, 2, 1));
  const target = Int32Array.of(0);
  for (const minScore of [undefined, -3.4028234663852886e38]) {
    const options = { k: 2, by: 'dot', minScore } as const;
    const kept = history.searchSync(target, { ...options, extendable: true });
    history.append(Int32Array.of(3));
    expectSameBits(kept.extendSync(), history.searchSync(target, options), 'dot');
  }
});

describe('what an extension reads', () => {
  const searched = () => inspect().counters?.targets ?? 0;

  it.skipIf(testDevice !== 'cpu')('is what was appended', () => {
    const { history } = subject({ capacity: 301 });
    let kept = history.searchSync(TARGETS, { k: 5, extendable: true });
    const before = searched();
    history.append(Int32Array.of(301));
    kept = kept.extendSync();
    expect(kept.positions[5]).toBe(300);
    history.remove({ sequences: Float64Array.of(kept.first + kept.positions[14]! + 100) });
    kept.extendSync();
    expect(searched() - before).toBe(0);
  });

  it.skipIf(testDevice !== 'cpu')('is all for the target of which a behaviour has left', () => {
    const { history } = subject();
    const kept = history.searchSync(TARGETS, { k: 5, extendable: true });
    const before = searched();
    history.remove({ sequences: Float64Array.of(kept.positions[0]!) });
    expect(kept.extendSync().positions[0]).toBe(kept.positions[1]);
    expect(searched() - before).toBe(1);
  });
});

describe('an extendable answer', () => {
  it('is plain data beside its two methods', () => {
    const { history } = subject();
    const asked = { k: 2, fields: ['rows'] } as const;
    const plain = history.searchSync(TARGETS, asked);
    const kept = history.searchSync(TARGETS, { ...asked, extendable: true });
    expect({ ...kept }).toEqual({ ...plain });
    expect(Object.keys(kept).sort()).toEqual(Object.keys(plain).sort());
    expect(structuredClone(kept)).toEqual(plain);
    expect('extend' in plain).toBe(false);
    expect('extend' in history.searchSync(TARGETS, { k: 2, extendable: false })).toBe(false);
  });

  it('keeps the arrays that it gave', () => {
    const { history } = subject();
    const kept = history.searchSync(TARGETS, { k: 5, extendable: true });
    const positions = kept.positions.slice();
    history.append(Int32Array.of(3));
    const next = kept.extendSync();
    expect(kept.positions).toEqual(positions);
    next.positions.fill(9);
    next.scores.fill(9);
    expect(next.extendSync().positions[0]).toBe(300);
  });

  it('has targets and options of its own', () => {
    const { history, values } = subject();
    const targets = values.slice(0, 16);
    const exclude = Int32Array.of(5);
    const expected = history.searchSync(targets, { k: 9, exclude });
    const kept = history.searchSync(targets, { k: 9, exclude, extendable: true });
    targets.fill(1);
    exclude.fill(0);
    history.append(Int32Array.of(5));
    expect({ ...kept.extendSync() }).toEqual(expected);
  });

  it('is of a closed history no more', async () => {
    const { table, history } = subject();
    const kept = history.searchSync(TARGETS, { k: 5, extendable: true });
    table.close();
    expect({ ...kept.extendSync() }).toEqual({ ...kept });
    history.append(Int32Array.from({ length: 200 }, (_, row) => row));
    const running = kept.extend();
    history.close();
    expect((await running).positions.length).toBe(15);
    expectError(() => kept.extendSync(), 'ERR_KLEIO_CLOSED', 'the history is closed');
    await expectRejection(() => kept.extend(), 'ERR_KLEIO_CLOSED', 'the history is closed');
  });

  it('refuses a foreign this, and options that do not exist', async () => {
    const kept = subject().history.searchSync(TARGETS, { k: 5, extendable: true });
    for (const receiver of [undefined, null, {}, Object.getPrototypeOf(kept), { ...kept }]) {
      expectError(() => Reflect.apply(kept.extendSync, receiver, []), 'ERR_KLEIO_ARGUMENT');
      await expectRejection(
        () => Reflect.apply(kept.extend, receiver, []),
        'ERR_KLEIO_ARGUMENT',
        'an extendable answer',
      );
    }
    await expectRejection(() => kept.extend(untyped({ k: 3 })), 'ERR_KLEIO_ARGUMENT', 'k');
  });

  it('rejects with the reason of an aborted signal, and goes on', async () => {
    const { history } = subject();
    const kept = history.searchSync(TARGETS, { k: 5, extendable: true });
    const reason = new Error('no more');
    await expect(kept.extend({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    history.append(Int32Array.from({ length: 250 }, (_, row) => row));
    const running = kept.extend({ signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect({ ...(await kept.extend()) }).toEqual(history.searchSync(TARGETS, { k: 5 }));
  });

  it('asks of behaviours what its search asks', async () => {
    const { history } = subject();
    history.clear();
    const kept = history.searchSync(TARGETS, { k: 5, since: 3, extendable: true });
    history.append(Int32Array.of(1));
    expectError(() => kept.extendSync(), 'ERR_KLEIO_ARGUMENT', "need the behaviours' times");
    await expectRejection(() => kept.extend(), 'ERR_KLEIO_ARGUMENT', 'times');
    history.clear();
    expect(kept.extendSync().positions).toEqual(new Int32Array(15).fill(-1));
  });
});

describe('extendable', () => {
  it('refuses targets that are not finite, as every search', () => {
    const targets = new Float32Array(8).fill(Number.NaN);
    const ask = () => subject().history.searchSync(targets, { k: 1, extendable: true });
    expectError(ask, 'ERR_KLEIO_NOT_FINITE', 'row 0, column 0');
  });

  it('must be a boolean', () => {
    const { history } = subject();
    const ask = () => history.searchSync(TARGETS, untyped({ k: 1, extendable: 1 }));
    expectError(ask, 'ERR_KLEIO_ARGUMENT', 'extendable');
  });
});
