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
export function squaredNorms(table: Matrix): Float64Array {
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
  return keptOf(targets, query.k, (target) => {
    const targetNorm = target === undefined ? 0 : squaredNorm(target, table.dim);
    if (target === undefined || targetNorm === 0) return [];
    const scored: Scored[] = [];
    behaviours.forEach((behaviour, position) => {
      const norm = behaviour.row < 0 ? 0 : (norms[behaviour.row] as number);
      if (norm === 0) return;
      const dot = innerProduct(target, vectorAt(table, behaviour.row), table.dim);
      const score =
        query.by === 'dot' ? innerProductScore(dot) : cosineScore(dot, targetNorm, norm);
      scored.push({ position, score });
    });
    return admitted(scored, behaviours, query);
  });
}

/** The newest behaviours of each target's category, score 1. */
export function searchCategories(
  behaviours: readonly Behaviour[],
  categories: readonly bigint[],
  query: Query,
): Kept {
  return keptOf(categories, query.k, (category) => {
    const scored: Scored[] = [];
    behaviours.forEach((behaviour, position) => {
      if (behaviour.category === category) scored.push({ position, score: 1 });
    });
    return admitted(scored, behaviours, query);
  });
}

/** Score descending, then the more recent behaviour. */
export function compareScored(a: Scored, b: Scored): number {
  return b.score - a.score || b.position - a.position;
}

/** What the options let through, best first. */
function admitted(
  scored: readonly Scored[],
  behaviours: readonly Behaviour[],
  query: Query,
): readonly Scored[] {
  const minScore = Math.fround(query.minScore ?? Number.NEGATIVE_INFINITY);
  const since = query.since ?? Number.NEGATIVE_INFINITY;
  const ordered = scored
    .filter(({ position, score }) => {
      const { row, time } = behaviours[position] as Behaviour;
      return score >= minScore && (time ?? 0) >= since && !query.exclude?.has(row);
    })
    .sort(compareScored);
  return query.distinct ? firstOfEachItem(ordered, behaviours) : ordered;
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
