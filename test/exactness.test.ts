/**
 * The kept behaviours are the brute-force ones and every score has the bits of its definition: for
 * each instruction set (one project each), thread count, batch split, dtype and unit.
 */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { EmbeddingTable, History, inspect, type Kept, type SearchCounters, topK } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from './cases/bitwise.js';
import { testDevice } from './cases/device.js';
import { cases, exhaustive } from './cases/extent.js';
import { Subject } from './cases/product.js';
import { Random } from './cases/random.js';
import { drawSearchCase, type SearchCase } from './cases/search-case.js';
import {
  alignedShapes,
  longShapes,
  type Shape,
  sharedShapes,
  smallShapes,
  wideShapes,
} from './cases/shapes.js';
import { DTYPES, type Dtype, elementsOf, numbersOf } from './oracle/float-formats.js';
import { searchCategories, searchEmbeddings, vectorAt } from './oracle/search.js';

const seed = Number(process.env.KLEIO_SEED);
const SMALL_CASES = cases(600);
const LONG_CASES = cases(25, 3);
const SHARED_CASES = cases(10, 2);
const WIDE_CASES = cases(25, 3);
const ALIGNED_CASES = cases(60);
const GROWING_CASES = cases(30);
const THREADS = [1, 2, 3];

type Property = (shape: Shape) => unknown;

function check(dtype: Dtype, shapes: typeof smallShapes, numRuns: number, holds: Property) {
  const property = fc.asyncProperty(shapes(dtype), async (shape) => {
    // A worker that does not turn its loop for a minute is given up by its runner.
    await turn();
    await holds(shape);
  });
  // Each dtype has cases of its own.
  return fc.assert(property, { seed: seed + DTYPES.indexOf(dtype), numRuns });
}

const historyIsExact = (shape: Shape) => caseIsExact(drawSearchCase(shape), shape.seed);

/** Every way to ask the same question gives the oracle's answer. */
async function caseIsExact(searchCase: SearchCase, seed: number): Promise<void> {
  const { matrix, behaviours, vectors, query } = searchCase;
  const expected = searchEmbeddings(matrix, behaviours, vectors, query);
  const subject = new Subject(searchCase);
  const present = new Set(behaviours.map(({ row }) => row).filter((row) => row >= 0));
  expect([subject.history.length, subject.history.distinct]).toEqual([
    behaviours.length,
    present.size,
  ]);
  for (const threads of THREADS) {
    const whole = subject.searchSync(0, vectors.length, threads);
    expectSameBits(whole, expected, `${threads} threads`);
  }
  expectSameBits(inTwoParts(subject, seed, vectors.length, query.k), expected, 'in two parts');
  expectSameBits(await subject.search(2), expected, 'asynchronous');
  categoriesAreExact(subject, searchCase);
  subject.close();
}

function inTwoParts(subject: Subject, seed: number, targets: number, k: number) {
  const cut = new Random(seed + 1).integer(0, targets);
  const parts = [subject.searchSync(0, cut, 1), subject.searchSync(cut, targets, 3)] as const;
  const positions = new Int32Array(targets * k);
  const scores = new Float32Array(targets * k);
  parts.forEach((part, index) => {
    positions.set(part.positions, index * cut * k);
    scores.set(part.scores, index * cut * k);
  });
  return { positions, scores };
}

function categoriesAreExact(subject: Subject, searchCase: SearchCase): void {
  const { targetCategories, behaviours, query } = searchCase;
  if (targetCategories === undefined || behaviours.length === 0) return;
  const { by: _, minScore: __, ...options } = query;
  const expected = searchCategories(behaviours, Array.from(targetCategories), options);
  for (const threads of [1, 3]) {
    const kept = subject.searchCategories(targetCategories, threads);
    expectSameBits(kept, expected, `by category, ${threads} threads`);
  }
}

/** The case of this shape, asked by one unit without further options. */
function caseWith(shape: Shape, by: 'cosine' | 'dot'): SearchCase {
  return { ...drawSearchCase(shape), query: { k: shape.k, by } };
}

const unitOf = (shape: Shape) => (shape.seed % 2 === 0 ? 'cosine' : 'dot');

/** A history that grows while searches of it wait: each of them sees it as it was. */
async function growingIsExact(shape: Shape): Promise<void> {
  const searchCase = caseWith(shape, unitOf(shape));
  const { matrix, behaviours, vectors, query } = searchCase;
  const subject = new Subject({ ...searchCase, capacity: undefined, steps: [] });
  const random = new Random(shape.seed + 1);
  const cuts = Array.from({ length: 3 }, () => random.integer(0, behaviours.length));
  const answers: [number, Promise<Kept>][] = [];
  let start = 0;
  for (const end of [...cuts.toSorted((a, b) => a - b), behaviours.length]) {
    const rows = behaviours.slice(start, end).map(({ row }) => row);
    subject.history.append(Int32Array.from(rows));
    answers.push([end, subject.search(1)]);
    start = end;
  }
  for (const [length, answer] of answers) {
    const expected = searchEmbeddings(matrix, behaviours.slice(0, length), vectors, query);
    expectSameBits(await answer, expected, `after ${length} behaviours`);
  }
  subject.close();
}

/**
 * Panels of 64 rows that look worse by their codes than the rows before them, and are better: only the
 * error of a whole panel, of its rows' codes or of the target's, says that it must be looked at. The
 * panels are copied, since the last row is appended while a search waits.
 */
async function wholePanelsAreExact(dtype: Dtype, by: 'cosine' | 'dot', of: 'rows' | 'target') {
  const dim = 101;
  const vector = (first: number, rest: (d: number) => number) =>
    Float64Array.from({ length: dim }, (_, d) => (d === 0 ? first : rest(d)));
  // A first element of 127 sets the scale of codes to 1, and the code of 0.498 to 0.
  const uncoded = vector(127, () => 0.498);
  const [target, worse, better] =
    of === 'rows'
      ? [vector(0, () => 1), vector(127, (d) => (d % 20 < 9 ? 1 : 0)), uncoded]
      : by === 'cosine'
        ? [uncoded, vector((0.75 * dim) / 127, () => -1), vector(0, () => 1)]
        : [uncoded, vector((2 * dim) / 127, () => -1), vector(0, () => 4)];
  const [before, behind] = [7 * 64, 3 * 64];
  const rows = [...Array(before).fill(worse), ...Array(behind + 1).fill(better)];
  const values = elementsOf(Float64Array.from(rows.flatMap((row) => [...row])), dtype);
  const targets = elementsOf(target, dtype);
  const table = EmbeddingTable.from(values, { dim, dtype, device: testDevice });
  const history = new History(table);
  const all = Int32Array.from({ length: rows.length }, (_, row) => row);
  const query = { k: 10, by };
  const answers: Promise<Kept>[] = [];
  for (const part of [all.subarray(0, -1), all.subarray(-1)]) {
    history.append(part);
    answers.push(history.search(targets as Float32Array, { ...query, threads: 1 }));
  }
  const matrix = { numbers: numbersOf(values, dtype), dim };
  const vectors = [{ numbers: numbersOf(targets, dtype), start: 0 }];
  for (const [place, answer] of answers.entries()) {
    const behaviours = Array.from(all.subarray(0, rows.length - 1 + place), (row) => ({ row }));
    const expected = searchEmbeddings(matrix, behaviours, vectors, query);
    expect(Math.min(...expected.positions)).toBeGreaterThanOrEqual(before);
    expectSameBits(await answer, expected, `by ${by}`);
  }
  history.close();
  table.close();
}

/** Items that the capacity has pushed out are found no more, and raise no threshold, though nothing takes their places. */
function whatLeftIsGone(dtype: Dtype, by: 'cosine' | 'dot'): void {
  const [dim, gone, kept, length] = [8, 600, 200, 1000];
  const numbers = Float64Array.from({ length: (gone + kept) * dim }, (_, at) =>
    at < gone * dim || at % dim === 0 ? 9 : 1,
  );
  const values = elementsOf(numbers, dtype);
  const table = EmbeddingTable.from(values, { dim, dtype, device: testDevice });
  const history = new History(table, { capacity: length });
  history.append(Int32Array.from({ length: gone }, (_, row) => row));
  const rows = Int32Array.from({ length }, (_, index) => gone + (index % kept));
  for (const part of [rows.subarray(0, length / 2), rows.subarray(length / 2)])
    history.append(part);
  const matrix = { numbers: numbersOf(values, dtype), dim };
  const behaviours = Array.from(rows, (row) => ({ row }));
  const query = { k: 10, by };
  const expected = searchEmbeddings(matrix, behaviours, [vectorAt(matrix, 0)], query);
  expectSameBits(history.searchSync(Int32Array.of(0), query), expected, `by ${by}`);
  history.close();
  table.close();
}

/** The stateless door: a matrix for history, all rows of it. */
function topKIsExact(shape: Shape): void {
  const { values, dim, dtype, matrix, targets, vectors } = drawSearchCase(shape);
  if (targets instanceof Int32Array || targets instanceof BigInt64Array) return;
  const behaviours = Array.from({ length: shape.rows }, (_, row) => ({ row }));
  const expected = searchEmbeddings(matrix, behaviours, vectors, { k: shape.k });
  const kept = topK(targets, values, { dim, k: shape.k, dtype });
  expect([kept.count, kept.k]).toEqual([shape.targets, shape.k]);
  expectSameBits(kept, expected, 'topK');
}

it('runs at the level of this project', () => {
  expect(inspect().isa).toBe(process.env.KLEIO_ISA);
});

describe.each(DTYPES)('%s', (dtype) => {
  it(`searches ${SMALL_CASES} random histories exactly`, () =>
    check(dtype, smallShapes, SMALL_CASES, historyIsExact));

  it(`searches ${LONG_CASES} long histories exactly`, () =>
    check(dtype, longShapes, LONG_CASES, historyIsExact));

  it(`searches ${SHARED_CASES} histories that threads share exactly`, () =>
    check(dtype, sharedShapes, SHARED_CASES, historyIsExact));

  it('answers topK exactly', () => check(dtype, smallShapes, SMALL_CASES, topKIsExact));

  it(`searches ${WIDE_CASES} histories of wide rows exactly`, () =>
    check(dtype, wideShapes, WIDE_CASES, historyIsExact));

  it(`loses nothing to the error of codes in ${ALIGNED_CASES} worst cases`, () =>
    check(dtype, alignedShapes, ALIGNED_CASES, (shape) =>
      caseIsExact(caseWith(shape, unitOf(shape)), shape.seed),
    ));

  it(`searches ${GROWING_CASES} histories that grow meanwhile exactly`, () =>
    check(dtype, alignedShapes, GROWING_CASES, growingIsExact));

  // Codes of int8 rows have no error.
  const sources = dtype === 'int8' ? [] : (['rows', 'target'] as const);
  const bounds = sources.flatMap((of) => (['cosine', 'dot'] as const).map((by) => ({ by, of })));
  it.each(bounds)(
    'passes over no panel for its codes: by $by, the error of the $of',
    ({ by, of }) => wholePanelsAreExact(dtype, by, of),
  );

  it.each(['cosine', 'dot'] as const)('finds nothing that has left, by %s', (by) =>
    whatLeftIsGone(dtype, by),
  );

  // Longer and with a larger K than any fixed buffer would hold.
  const whole = exhaustive || dtype === 'int8' || dtype === 'float32';
  it.runIf(whole)('keeps 2500 of 270 000 exactly', () =>
    historyIsExact({
      seed,
      dtype,
      family: 'coarse',
      dim: 6,
      rows: 20_000,
      length: 270_000,
      visit: 'random',
      targets: 2,
      k: 2500,
    }),
  );
});

// One fixed case each: whether a buffer fills depends on the draw. Of the CPU: a device has none to fill.
function fallbacks(): void {
  const counters = () => inspect().counters as SearchCounters;
  const shape = {
    seed: 1,
    dim: 8,
    rows: 3000,
    length: 12_000,
    targets: 3,
    k: 10,
    visit: 'ascending',
  } as const;

  it('scans canonically, and says so, where float32 bounds cannot hold', async () => {
    const before = counters().fullCanonicalScans;
    const searchCase = caseWith({ ...shape, dtype: 'float32', family: 'hugeAndTiny' }, 'dot');
    await caseIsExact(searchCase, shape.seed);
    expect(counters().fullCanonicalScans).toBeGreaterThan(before);
  });

  it.each([
    ['all rows', 500, 1e17, 1],
    ['all rows', 500, 1e-17, 1],
    ['the first row', 1, 1e17, 1],
    ['a target', 0, 1, 1e17],
    ['a target', 0, 1, 1e-17],
  ])('scans canonically beyond the bounds of %s (%d rows) by %d and %d', (...given) => {
    const [, rows, ofRows, ofTarget] = given;
    const random = new Random(9);
    const numbers = Float64Array.from({ length: 500 * 8 }, () => random.normal());
    const values = Float32Array.from(numbers, (number, at) =>
      at < rows * 8 ? number * ofRows : number,
    );
    const targets = Float32Array.from({ length: 8 }, () => random.normal() * ofTarget);
    const history = new History(EmbeddingTable.from(values, { dim: 8 }));
    history.append(Int32Array.from({ length: 500 }, (_, row) => row));
    const before = counters().fullCanonicalScans;
    const kept = history.searchSync(targets, { k: 10, by: 'dot' });
    expect(counters().fullCanonicalScans).toBe(before + 1);
    const matrix = { numbers: Float64Array.from(values), dim: 8 };
    const behaviours = Array.from({ length: 500 }, (_, row) => ({ row }));
    const target = { numbers: Float64Array.from(targets), start: 0 };
    expectSameBits(kept, searchEmbeddings(matrix, behaviours, [target], { k: 10, by: 'dot' }), '');
  });

  it('judges canonically, and says so, where ties fill a buffer', async () => {
    const before = counters().canonicalCompactions;
    await caseIsExact(
      caseWith({ ...shape, dtype: 'float32', family: 'duplicated' }, 'cosine'),
      shape.seed,
    );
    expect(counters().canonicalCompactions).toBeGreaterThan(before);
  });
}

if (testDevice === 'cpu') describe('fallbacks', fallbacks);
