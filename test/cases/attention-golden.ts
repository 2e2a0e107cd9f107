/** The answers of the released attention layer, and what it was asked (test/golden). */

import { Reader } from '../oracle/muse-weights.js';
import type { Attended, SemanticAttention } from '../oracle/semantic-attention.js';
import { goldenFile, rowsOf } from './muse-golden.js';

export interface GoldenAttention {
  readonly layer: SemanticAttention;
  readonly samples: readonly Attended[];
  readonly masks: readonly (readonly boolean[])[];
  /** Per sample. */
  readonly fused: readonly number[][];
  readonly masked: readonly number[][];
  readonly idOnly: readonly number[][];
}

export function goldenAttention(set: string): GoldenAttention {
  const reader = new Reader(goldenFile(set).tensors);
  const count = reader.tensor('query').shape[0] as number;
  const places = reader.tensor('fact').shape[1] as number;
  const sampled = (name: string) => rowsOf(Array.from(reader.numbers(name)), count);
  const [queries, facts, cosines] = [sampled('query'), sampled('fact'), sampled('cosine')];
  const heads = reader.count((h) => `state.query_layers.${h}.linears.0.weight`);
  const headLayer = (kind: string, h: number) =>
    reader.linear(`state.${kind}_layers.${h}.linears.0`);
  return {
    layer: {
      heads: Array.from({ length: heads }, (_, h) => ({
        query: headLayer('query', h),
        key: headLayer('fact', h),
        value: headLayer('value', h),
      })),
      temperatures: reader.rows('state.cosine_tau1'),
      gains: reader.rows('state.cosine_tau2'),
    },
    samples: queries.map((target, n) => ({
      target,
      behaviours: rowsOf(facts[n]!, places),
      scores: [cosines[n]!],
    })),
    masks: sampled('mask').map((row) => row.map((value) => value !== 0)),
    fused: sampled('output'),
    masked: sampled('output_masked'),
    idOnly: sampled('output_id_only'),
  };
}
