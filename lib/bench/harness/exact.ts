/** The answers by definition, and the comparisons that come before any time is reported. */

import type { Kept } from '../../index.js';

export type Numbers = Int8Array | Float32Array;

interface Best {
  readonly position: number;
  readonly score: number;
}

/** Dot products in float64, ascending: exact integers for int8 codes. */
function dot(a: Numbers, aStart: number, b: Numbers, bStart: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; ++d) sum += a[aStart + d]! * b[bStart + d]!;
  return sum;
}

/** Canonical scores of one target with every row. */
export class ExactScores {
  readonly #values: Numbers;
  readonly #dim: number;
  readonly #unit: 'cosine' | 'dot';
  readonly #norms: Float64Array;

  constructor(values: Numbers, dim: number, unit: 'cosine' | 'dot' = 'cosine') {
    this.#values = values;
    this.#dim = dim;
    this.#unit = unit;
    this.#norms = new Float64Array(values.length / dim);
    for (let row = 0; row < this.#norms.length; ++row) {
      this.#norms[row] = dot(values, row * dim, values, row * dim, dim);
    }
  }

  /** float32; a zero row scores -Infinity. */
  score(target: Numbers, row: number, targetNorm = this.#normOf(target)): number {
    const product = dot(target, 0, this.#values, row * this.#dim, this.#dim);
    const norms = targetNorm * this.#norms[row]!;
    if (norms === 0) return Number.NEGATIVE_INFINITY;
    switch (this.#unit) {
      case 'dot':
        return Math.fround(product) + 0;
      case 'cosine':
        return Math.fround(Math.min(1, Math.max(-1, product / Math.sqrt(norms)))) + 0;
    }
  }

  /** The k best by score, then recency. */
  topK(target: Numbers, k: number): Best[] {
    const rows = this.#norms.length;
    const targetNorm = this.#normOf(target);
    const scores = new Float32Array(rows);
    for (let row = 0; row < rows; ++row) scores[row] = this.score(target, row, targetNorm);
    const cut = scores.slice().sort()[rows - Math.min(k, rows)]!;
    const best: Best[] = [];
    scores.forEach((score, position) => {
      if (score >= cut && score > Number.NEGATIVE_INFINITY) best.push({ position, score });
    });
    return best.sort((a, b) => b.score - a.score || b.position - a.position).slice(0, k);
  }

  #normOf(target: Numbers): number {
    return dot(target, 0, target, 0, this.#dim);
  }
}

/** Multiplications that the check of one answer may cost. */
const CHECK_BUDGET = 6e7;

/** How many of some targets a check by definition can afford; at least one. */
export function affordableTargets(count: number, multiplicationsEach: number): number {
  return Math.min(count, Math.max(1, Math.floor(CHECK_BUDGET / multiplicationsEach)));
}

/** Throws unless the answer of target `index` is the definition's, bit for bit. */
export function requireSame(
  name: string,
  kept: Kept,
  index: number,
  expected: readonly Best[],
): void {
  for (let place = 0; place < kept.k; ++place) {
    const { position, score } = expected[place] ?? { position: -1, score: kept.scores.at(-1)! };
    const at = index * kept.k + place;
    if (kept.positions[at] === position && (position < 0 || Object.is(kept.scores[at], score)))
      continue;
    throw new Error(
      `${name}: target ${index}, place ${place} is position ${kept.positions[at]} with ` +
        `${kept.scores[at]}, by definition position ${position} with ${score}`,
    );
  }
}
