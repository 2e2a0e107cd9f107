/** Draws, from a shape, everything that one exactness case needs: table, history, targets and options. */
import { type Dtype, type Elements, elementsOf, numbersOf } from '../oracle/float-formats.js';
import type { Behaviour, Matrix, Query, Target } from '../oracle/search.js';
import { vectorAt } from '../oracle/search.js';
import { drawEmbeddings } from './embeddings.js';
import { Random } from './random.js';
import type { Shape, Visit } from './shapes.js';

/** One call on a history. */
export type Step =
  | { readonly call: 'clear' }
  | {
      readonly call: 'append';
      readonly behaviours: Int32Array | BigInt64Array;
      readonly categories?: BigInt64Array;
      readonly times?: Float64Array;
    };

export interface SearchCase {
  readonly dtype: Dtype;
  readonly dim: number;
  readonly values: Elements;
  readonly ids: BigInt64Array | undefined;
  readonly capacity: number | undefined;
  readonly steps: readonly Step[];
  /** As the product is asked. */
  readonly targets: Int32Array | BigInt64Array | Elements;
  readonly targetCategories: BigInt64Array | undefined;
  /** As the oracle is asked. */
  readonly matrix: Matrix;
  readonly behaviours: readonly Behaviour[];
  readonly vectors: readonly Target[];
  readonly query: Query & { readonly by: 'cosine' | 'dot' };
}

const CATEGORIES = [0n, 1n, -7n, 2n ** 63n - 1n];

export function drawSearchCase(shape: Shape): SearchCase {
  const random = new Random(shape.seed);
  const { dtype, dim, rows } = shape;
  const values = elementsOf(drawEmbeddings(shape.family, rows, dim, dtype, random), dtype);
  const matrix = { numbers: numbersOf(values, dtype), dim };
  const ids = random.chance(0.5) ? drawIds(rows, random) : undefined;
  const capacity = random.chance(0.3) ? random.integer(1, shape.length + 5) : undefined;

  const appended = drawBehaviours(shape, random);
  const clearedAt = random.chance(0.1) ? random.integer(0, shape.length) : 0;
  const behaviours = appended.slice(clearedAt).slice(-(capacity ?? appended.length + 1));

  return {
    dtype,
    dim,
    values,
    ids,
    capacity,
    steps: stepsOf(appended, clearedAt, ids, random),
    ...drawTargets(shape, values, matrix, ids, random),
    targetCategories:
      appended[0]?.category === undefined ? undefined : drawCategories(shape, random),
    matrix,
    behaviours,
    query: drawQuery(shape, behaviours, random),
  };
}

function drawIds(rows: number, random: Random): BigInt64Array {
  const start = random.pick([
    -(2n ** 63n),
    -5n,
    0n,
    2n ** 40n,
    2n ** 63n - 1n - BigInt(rows) * 97n,
  ]);
  const stride = BigInt(random.pick([1, 2, 97]));
  return BigInt64Array.from({ length: rows }, (_, row) => start + BigInt(row) * stride);
}

function drawCategories(shape: Shape, random: Random): BigInt64Array {
  return BigInt64Array.from({ length: shape.targets }, () => random.pick([...CATEGORIES, 404n]));
}

function drawBehaviours(shape: Shape, random: Random): Behaviour[] {
  const absent = random.pick([0, 0, 0.1, 0.9]);
  const categories = random.chance(0.5);
  const times = random.pick(['none', 'ascending', 'random'] as const);
  const visit = visitor(shape, random);
  return Array.from({ length: shape.length }, (_, index) => ({
    row: random.chance(absent) ? -1 : visit(index),
    ...(categories && { category: random.pick(CATEGORIES) }),
    ...(times !== 'none' && { time: times === 'ascending' ? index : random.integer(-9, 9) / 4 }),
  }));
}

function visitor({ visit, rows }: { visit: Visit; rows: number }, random: Random) {
  const few = Array.from({ length: 3 }, () => random.integer(0, rows - 1));
  return (index: number): number => {
    if (visit === 'ascending') return index % rows;
    if (visit === 'descending') return rows - 1 - (index % rows);
    return visit === 'random' ? random.integer(0, rows - 1) : random.pick(few);
  };
}

/** The calls that append these behaviours in runs of random length, by row or by id. */
function stepsOf(
  appended: readonly Behaviour[],
  clearedAt: number,
  ids: BigInt64Array | undefined,
  random: Random,
): Step[] {
  const steps: Step[] = [];
  for (let start = 0; start < appended.length; ) {
    if (start === clearedAt) steps.push({ call: 'clear' });
    const limit = start < clearedAt ? clearedAt : appended.length;
    const run = random.pick([1, random.integer(1, 40), random.integer(1, 5000)]);
    const end = Math.min(limit, start + run);
    steps.push(appendOf(appended.slice(start, end), ids, random));
    start = end;
  }
  if (clearedAt === appended.length) steps.push({ call: 'clear' });
  return steps;
}

function appendOf(run: readonly Behaviour[], ids: BigInt64Array | undefined, random: Random): Step {
  const rows = Int32Array.from(run, ({ row }) => row);
  return {
    call: 'append',
    behaviours: ids && random.chance(0.5) ? idsOf(rows, ids) : rows,
    ...(run[0]?.category !== undefined && {
      categories: BigInt64Array.from(run, ({ category }) => category as bigint),
    }),
    ...(run[0]?.time !== undefined && {
      times: Float64Array.from(run, ({ time }) => time as number),
    }),
  };
}

/** An id that drawIds never gives to a row. */
const UNKNOWN_ID = -6n;

function idsOf(rows: Int32Array, ids: BigInt64Array): BigInt64Array {
  return BigInt64Array.from(rows, (row) => (row < 0 ? UNKNOWN_ID : (ids[row] as bigint)));
}

function drawTargets(
  shape: Shape,
  values: Elements,
  matrix: Matrix,
  ids: BigInt64Array | undefined,
  random: Random,
): Pick<SearchCase, 'targets' | 'vectors'> {
  const { dtype, dim } = shape;
  const rows = Int32Array.from({ length: shape.targets }, () =>
    random.integer(random.chance(0.2) ? -1 : 0, shape.rows - 1),
  );
  if (random.chance(0.5)) {
    return {
      targets: ids && random.chance(0.5) ? idsOf(rows, ids) : rows,
      vectors: Array.from(rows, (row) => (row < 0 ? undefined : vectorAt(matrix, row))),
    };
  }
  const fresh = drawEmbeddings(shape.family, Math.max(1, shape.targets), dim, dtype, random);
  const targets = elementsOf(fresh.subarray(0, shape.targets * dim), dtype);
  rows.forEach((row, index) => {
    // Half of them are exactly a behaviour's embedding, a few have no direction.
    if (random.chance(0.5) && row >= 0) {
      targets.set(values.subarray(row * dim, (row + 1) * dim), index * dim);
    } else if (random.chance(0.1)) targets.fill(0, index * dim, (index + 1) * dim);
  });
  const numbers = { numbers: numbersOf(targets, dtype), dim };
  return { targets, vectors: Array.from(rows, (_, index) => vectorAt(numbers, index)) };
}

function drawQuery(shape: Shape, behaviours: readonly Behaviour[], random: Random) {
  const times = behaviours[0]?.time === undefined ? undefined : behaviours;
  return {
    k: shape.k,
    by: random.chance(0.7) ? ('cosine' as const) : ('dot' as const),
    ...(random.chance(0.2) && { distinct: true }),
    ...(random.chance(0.3) && { minScore: random.pick([0, 0.1, 0.5, 1, -0.3, 2 ** -20, 1000]) }),
    ...(random.chance(0.3) && {
      exclude: new Set(Array.from({ length: 4 }, () => random.integer(0, shape.rows - 1))),
    }),
    ...(times && random.chance(0.4) && { since: random.pick(times).time as number }),
  };
}
