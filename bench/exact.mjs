// The answers by definition, and the comparisons that come before any time is reported.

/** Dot products in float64, ascending: exact integers for int8 codes. */
function dot(a, aStart, b, bStart, dim) {
  let sum = 0;
  for (let d = 0; d < dim; ++d) sum += a[aStart + d] * b[bStart + d];
  return sum;
}

/** Canonical cosine scores of one target with every row. */
export class ExactCosine {
  #values;
  #dim;
  #norms;

  constructor(values, dim) {
    this.#values = values;
    this.#dim = dim;
    const rows = values.length / dim;
    this.#norms = new Float64Array(rows);
    for (let row = 0; row < rows; ++row) {
      this.#norms[row] = dot(values, row * dim, values, row * dim, dim);
    }
  }

  score(target, row, targetNorm = dot(target, 0, target, 0, this.#dim)) {
    const product = dot(target, 0, this.#values, row * this.#dim, this.#dim);
    const cosine = product / Math.sqrt(targetNorm * this.#norms[row]);
    return Math.fround(Math.min(1, Math.max(-1, cosine))) + 0;
  }

  /** Positions of the k best by score, then recency. */
  topK(target, k) {
    const rows = this.#norms.length;
    const scores = new Float32Array(rows);
    const targetNorm = dot(target, 0, target, 0, this.#dim);
    for (let row = 0; row < rows; ++row) scores[row] = this.score(target, row, targetNorm);
    const cut = scores.toSorted()[rows - Math.min(k, rows)];
    const positions = [];
    scores.forEach((score, row) => {
      if (score >= cut) positions.push(row);
    });
    positions.sort((a, b) => scores[b] - scores[a] || b - a);
    return positions.slice(0, k).map((position) => ({ position, score: scores[position] }));
  }
}

/** Throws unless the answer of target `index` is the definition's, bit for bit. */
export function requireSame(name, kept, index, k, expected) {
  for (let place = 0; place < expected.length; ++place) {
    const { position, score } = expected[place];
    const at = index * k + place;
    if (kept.positions[at] === position && Object.is(kept.scores[at], score)) continue;
    throw new Error(
      `${name}: target ${index}, place ${place} is position ${kept.positions[at]} with ` +
        `${kept.scores[at]}, by definition position ${position} with ${score}`,
    );
  }
}

const PEER_TOLERANCE = 1e-5;

/**
 * Throws unless a peer kept k different positions, none of which scores less than the k-th best by more
 * than the tolerance: float32 sums may order near neighbours differently.
 */
export function requireEquivalent(name, kept, index, k, target, exact, kthScore) {
  const positions = new Set();
  for (let place = 0; place < k; ++place) {
    const position = Number(kept.positions[index * k + place]);
    const score = exact.score(target, position);
    positions.add(position);
    if (score >= kthScore - PEER_TOLERANCE) continue;
    throw new Error(`${name}: target ${index} keeps position ${position} (${score} < ${kthScore})`);
  }
  if (positions.size !== k) throw new Error(`${name}: target ${index} keeps a position twice`);
}
