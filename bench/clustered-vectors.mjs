// Synthetic item embeddings shaped like those of real items: pairwise cosine about 0.05 ± 0.09, with
// topics whose members reach 0.5; as int8 codes of norm about 122.5, as the published ones are.

const TOPICS = 300;
const COMMON_SHARE = 0.05;
const TOPIC_SHARE = 0.45;
const CODE_NORM = 122.5;

/** mulberry32: a stream of numbers in [0, 1) from one integer. */
export function uniformStream(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Nearly normal, of variance 1: a sum of uniforms is cheaper than logarithms for 10^8 of them. */
const normalFrom = (uniform) => () =>
  (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508;

/** Draws unit vectors around the topics of one seed. */
export class ClusteredVectors {
  #uniform;
  #normal;
  #centres;
  #common;

  constructor(dim, seed) {
    this.dim = dim;
    this.#uniform = uniformStream(seed);
    this.#normal = normalFrom(this.#uniform);
    const direction = () => Float32Array.from({ length: dim }, this.#normal);
    this.#common = direction();
    this.#centres = Array.from({ length: TOPICS }, direction);
  }

  /** [count, dim], rows of norm 1. */
  draw(count) {
    const { dim } = this;
    const vectors = new Float32Array(count * dim);
    const common = Math.sqrt(COMMON_SHARE);
    const topic = Math.sqrt(TOPIC_SHARE);
    const own = Math.sqrt(1 - COMMON_SHARE - TOPIC_SHARE);
    for (let start = 0; start < vectors.length; start += dim) {
      const centre = this.#centres[Math.floor(this.#uniform() * TOPICS)];
      let squares = 0;
      for (let d = 0; d < dim; ++d) {
        const value = common * this.#common[d] + topic * centre[d] + own * this.#normal();
        vectors[start + d] = value;
        squares += value * value;
      }
      const scale = 1 / Math.sqrt(squares);
      for (let d = 0; d < dim; ++d) vectors[start + d] *= scale;
    }
    return vectors;
  }
}

/** int8 codes of unit vectors. */
export function codesOf(vectors) {
  const codes = new Int8Array(vectors.length);
  for (let index = 0; index < codes.length; ++index) {
    codes[index] = Math.round(vectors[index] * CODE_NORM);
  }
  return codes;
}
