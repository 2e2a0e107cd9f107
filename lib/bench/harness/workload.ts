/** Embeddings for all points of a run: drawn once, longer histories continuing shorter ones. */

import type { Dtype } from '../../index.js';
import { ClusteredVectors } from './clustered-vectors.js';
import type { Point } from './point.js';
import { type StoredValues, storedAs } from './stored-values.js';

/** Targets are drawn apart, so that a history of any length meets the same ones. */
const TARGET_SEED = 0x7a26e7;

export class Workload {
  readonly seed: number;
  readonly #vectors = new Map<string, { source: ClusteredVectors; drawn: Float32Array }>();
  #last: { readonly key: string; readonly stored: StoredValues } | undefined;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** [length, dim] */
  history({ length, dim, dtype }: Pick<Point, 'length' | 'dim' | 'dtype'>): StoredValues {
    const key = `${length} ${dim} ${dtype}`;
    if (this.#last?.key !== key) {
      this.#last = { key, stored: storedAs(dtype, this.#draw(dim, length, this.seed)) };
    }
    return this.#last.stored;
  }

  /** [targets, dim] */
  targets({ targets, dim, dtype }: { targets: number; dim: number; dtype: Dtype }): StoredValues {
    return storedAs(dtype, this.#draw(dim, targets, this.seed ^ TARGET_SEED));
  }

  /** The first rows of one endless stream for each seed and dim. */
  #draw(dim: number, rows: number, seed: number): Float32Array {
    const key = `${dim} ${seed}`;
    const known = this.#vectors.get(key) ?? {
      source: new ClusteredVectors(dim, seed),
      drawn: new Float32Array(0),
    };
    if (known.drawn.length < rows * dim) {
      const grown = new Float32Array(rows * dim);
      grown.set(known.drawn);
      known.source.fill(grown.subarray(known.drawn.length));
      known.drawn = grown;
      this.#vectors.set(key, known);
    }
    return known.drawn.subarray(0, rows * dim);
  }
}
