/**
 * Synthetic item embeddings shaped like those of real items: pairwise cosine about 0.05 ± 0.09, with
 * topics whose members reach 0.5; as int8 codes of norm about 122.5, as the published ones are.
 */

import { type Uniform, uniformStream } from './uniform.js';

const TOPICS = 300;
const COMMON_SHARE = 0.05;
const TOPIC_SHARE = 0.45;
const CODE_NORM = 122.5;

/** Draws unit vectors around the topics of one seed. */
export class ClusteredVectors {
  readonly dim: number;
  readonly #uniform: Uniform;
  readonly #centres: Float32Array[];
  readonly #common: Float32Array;

  constructor(dim: number, seed: number) {
    this.dim = dim;
    this.#uniform = uniformStream(seed);
    const direction = () => Float32Array.from({ length: dim }, () => this.#normal());
    this.#common = direction();
    this.#centres = Array.from({ length: TOPICS }, direction);
  }

  /** Writes rows of norm 1 into `vectors`, [rows, dim]. */
  fill(vectors: Float32Array): void {
    const { dim } = this;
    const common = Math.sqrt(COMMON_SHARE);
    const topic = Math.sqrt(TOPIC_SHARE);
    const own = Math.sqrt(1 - COMMON_SHARE - TOPIC_SHARE);
    for (let start = 0; start < vectors.length; start += dim) {
      const centre = this.#centres[Math.floor(this.#uniform() * TOPICS)]!;
      let squares = 0;
      for (let d = 0; d < dim; ++d) {
        const value = common * this.#common[d]! + topic * centre[d]! + own * this.#normal();
        vectors[start + d] = value;
        squares += value * value;
      }
      const scale = 1 / Math.sqrt(squares);
      for (let d = 0; d < dim; ++d) vectors[start + d]! *= scale;
    }
  }

  /** [count, dim] */
  draw(count: number): Float32Array {
    const vectors = new Float32Array(count * this.dim);
    this.fill(vectors);
    return vectors;
  }

  /** Nearly normal, of variance 1: a sum of uniforms is cheaper than logarithms for 10^8 of them. */
  #normal(): number {
    const uniform = this.#uniform;
    return (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508;
  }
}

/** int8 codes of unit vectors. */
export function codesOf(vectors: Float32Array): Int8Array {
  const codes = new Int8Array(vectors.length);
  for (let index = 0; index < codes.length; ++index) {
    codes[index] = Math.round(vectors[index]! * CODE_NORM);
  }
  return codes;
}
