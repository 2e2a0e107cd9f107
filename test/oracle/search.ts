/**
 * The search by its definition, for comparison bit for bit: score every behaviour, order all of them,
 * keep the first K. Nothing here is taken from the product's sources.
 */
import { cosineScore, innerProduct, innerProductScore, squaredNorm, type Vector } from './score.js';

/** Embeddings as numbers, row-major. */
export interface Matrix {
  readonly numbers: Float64Array;
  readonly dim: number;
}

export interface Behaviour {
  /** Row of the table; -1: a behaviour without embedding. */
  readonly row: number;
  readonly category?: bigint;
  readonly time?: number;
}

/** What is searched for: an embedding (undefined: the target has none) or a category. */
export type Target = Vector | undefined;

export interface Query {
  readonly k: number;
  readonly by?: 'cosine' | 'dot';
  /** Keep scores at or above this number, which is rounded to float32 as the scores are. */
  readonly minScore?: number;
  readonly since?: number;
  readonly exclude?: ReadonlySet<number>;
  readonly distinct?: boolean;
}

export interface Kept {
  readonly positions: Int32Array;
  readonly scores: Float32Array;
}

interface Scored {
  readonly position: number;
  readonly score: number;
}

export function vectorAt(matrix: Matrix, row: number): Vector {
  return { numbers: matrix.numbers, start: row * matrix.dim };
}

/** Squared norm of every row, which depends on the table alone. */
function squaredNorms(table: Matrix): Float64Array {
  const rows = table.numbers.length / table.dim;
  return Float64Array.from({ length: rows }, (_, row) =>
    squaredNorm(vectorAt(table, row), table.dim),
  );
}

/** The K kept behaviours of each target, by cosine or inner product. */
export function searchEmbeddings(
  table: Matrix,
  behaviours: readonly Behaviour[],
  targets: readonly Target[],
  query: Query,
): Kept {
  const norms = squaredNorms(table);
  const admits = admission(behaviours, query);
  return keptOf(targets, query.k, (target) => {
    const targetNorm = target === undefined ? 0 : squaredNorm(target, table.dim);
    if (target === undefined || targetNorm === 0) return [];
    // A behaviour has the score of its row, which is computed where it comes first.
    const scores = new Float32Array(norms.length);
    const known = new Uint8Array(norms.length);
    const scored: Scored[] = [];
    for (const [position, { row }] of behaviours.entries()) {
      const norm = row < 0 ? 0 : (norms[row] as number);
      if (norm === 0) continue;
      if (!known[row]) {
        known[row] = 1;
        const dot = innerProduct(target, vectorAt(table, row), table.dim);
        scores[row] =
          query.by === 'dot' ? innerProductScore(dot) : cosineScore(dot, targetNorm, norm);
      }
      const score = scores[row] as number;
      if (admits(position, score)) scored.push({ position, score });
    }
    return ordered(scored, behaviours, query);
  });
}

/** The newest behaviours of each target's category, score 1. */
export function searchCategories(
  behaviours: readonly Behaviour[],
  categories: readonly bigint[],
  query: Query,
): Kept {
  const admits = admission(behaviours, query);
  return keptOf(categories, query.k, (category) => {
    const scored: Scored[] = [];
    behaviours.forEach((behaviour, position) => {
      if (behaviour.category === category && admits(position, 1))
        scored.push({ position, score: 1 });
    });
    return ordered(scored, behaviours, query);
  });
}

/** Score descending, then the more recent behaviour. */
function compareScored(a: Scored, b: Scored): number {
  return b.score - a.score || b.position - a.position;
}

/** What the options let through. */
function admission(behaviours: readonly Behaviour[], query: Query) {
  const minScore = Math.fround(query.minScore ?? Number.NEGATIVE_INFINITY);
  const since = query.since ?? Number.NEGATIVE_INFINITY;
  return (position: number, score: number): boolean => {
    const { row, time } = behaviours[position] as Behaviour;
    return score >= minScore && (time ?? 0) >= since && !query.exclude?.has(row);
  };
}

/** Best first, and of each item the best alone where the query says so. */
function ordered(
  scored: Scored[],
  behaviours: readonly Behaviour[],
  query: Query,
): readonly Scored[] {
  scored.sort(compareScored);
  return query.distinct ? firstOfEachItem(scored, behaviours) : scored;
}

/** Behaviours without embedding have no item in common: each of them counts. */
function firstOfEachItem(ordered: readonly Scored[], behaviours: readonly Behaviour[]): Scored[] {
  const seen = new Set<number>();
  return ordered.filter(({ position }) => {
    const { row } = behaviours[position] as Behaviour;
    if (row < 0) return true;
    if (seen.has(row)) return false;
    seen.add(row);
    return true;
  });
}

function keptOf<T>(targets: readonly T[], k: number, rank: (target: T) => readonly Scored[]): Kept {
  const positions = new Int32Array(targets.length * k).fill(-1);
  const scores = new Float32Array(targets.length * k).fill(Number.NEGATIVE_INFINITY);
  targets.forEach((target, index) => {
    rank(target)
      .slice(0, k)
      .forEach(({ position, score }, place) => {
        positions[index * k + place] = position;
        scores[index * k + place] = score;
      });
  });
  return { positions, scores };
}
