/** Semantic-aware target attention from its definition, in float64. */
import { attend, dot, type Linear, linear, silu } from './layers.js';

export interface Head {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
}

export interface SemanticAttention {
  readonly heads: readonly Head[];
  /** [channels][heads]. */
  readonly temperatures: readonly (readonly number[])[];
  /** [3][heads]: of alpha, of rho and of their product. */
  readonly gains: readonly (readonly number[])[];
  /** Of alpha; the paper divides by the root of the width, the release does not. */
  readonly scale?: number;
}

export interface Attended {
  readonly target: ArrayLike<number>;
  readonly behaviours: readonly ArrayLike<number>[];
  /** [channels][K]; absent: alpha alone decides. */
  readonly scores?: readonly (readonly number[])[];
  /** False: this place counts for nothing. */
  readonly mask?: readonly boolean[];
}

/** Taken from alpha in float32, as released, where nothing of alpha is left beside it. */
const MASKED = 1e9;

/** The heads side by side. */
export function semanticAttentionOf(layer: SemanticAttention, asked: Attended): Float64Array {
  const heads = layer.heads.map((head, h) => headOf(layer, head, h, asked));
  return Float64Array.from(heads.flatMap((out) => Array.from(out)));
}

function headOf(layer: SemanticAttention, head: Head, h: number, asked: Attended): Float64Array {
  const query = linear(head.query, asked.target).map(silu);
  const gain = (row: number) => layer.gains[row]?.[h] as number;
  const logits = asked.behaviours.map((behaviour, i) => {
    const key = linear(head.key, behaviour).map(silu);
    const attended = (layer.scale ?? 1) * dot(key, query);
    const alpha = asked.mask?.[i] === false ? Math.fround(attended - MASKED) : attended;
    if (asked.scores === undefined) return alpha;
    const rho = asked.scores.reduce(
      (sum, channel, c) => sum + (channel[i] as number) / (layer.temperatures[c]?.[h] as number),
      0,
    );
    return gain(0) * alpha + gain(1) * rho + gain(2) * alpha * rho;
  });
  const values = asked.behaviours.map((behaviour) => linear(head.value, behaviour).map(silu));
  return attend(logits, values, head.value.bias.length);
}
