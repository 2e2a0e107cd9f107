/** The ranker's parts for models of the caller's own, on the calling thread. */

interface NativeLayer {
  /** [outputs, inputs] */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface NativeAttention {
  readonly count: number;
  readonly k: number;
  /** Inputs of every layer. */
  readonly width: number;
  readonly target: Float32Array;
  readonly behaviours: Float32Array;
  /** At most two channels of [count, k]; none: the similarity term is left out. */
  readonly scores: readonly Float32Array[];
  readonly heads: readonly {
    readonly query: NativeLayer;
    readonly key: NativeLayer;
    readonly value: NativeLayer;
  }[];
  /** [channels, heads]; read where there are scores, as the gains, [3, heads]. */
  readonly temperatures: Float32Array | undefined;
  readonly gains: Float32Array | undefined;
  readonly mask: Float32Array | undefined;
  readonly scale: number;
  /** As `describeAccelerators` numbers them; −1: the CPU. */
  readonly device: number;
}

export interface NativeAttentionBinding {
  /** Fills `out`, [count, tiers]. */
  simTier(
    scores: Float32Array,
    k: number,
    weights: Float32Array,
    eps: number,
    out: Float32Array,
  ): void;
  /** Fills `out`, [count, sum of the value widths]. */
  semanticTargetAttention(input: NativeAttention, out: Float32Array): void;
}
