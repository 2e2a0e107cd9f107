/** The float64 oracle of the ranker against the answers of the released code. */
import { describe, expect, it } from 'vitest';
import { goldenAttention } from '../cases/attention-golden.js';
import { expectClose } from '../cases/closeness.js';
import {
  ATTENTION_SETS,
  goldenFile,
  goldenRequests,
  MUSE_SETS,
  rowsOf,
  SIMTIER_SETS,
} from '../cases/muse-golden.js';
import { Muse } from './muse.js';
import { museWeightsOf, Reader } from './muse-weights.js';
import { semanticAttentionOf } from './semantic-attention.js';
import { leastTiers, simTierOf, tierOf } from './simtier.js';

/** The release computed these in float32. */
const FLOAT32_TOLERANCE = 1e-5;
const FLOAT64_TOLERANCE = 1e-6;

describe('SimTier', () => {
  it('puts an edge into the tier below it', () => {
    expect([-1, 0, -0, 0.1, 0.3, 1].map((similarity) => tierOf(similarity, 0.1))).toEqual([
      0, 10, 10, 11, 13, 20,
    ]);
    expect([0.1, 0.2, 0.25, 0.5, 0.05].map(leastTiers)).toEqual([21, 11, 9, 5, 41]);
  });

  it.each(SIMTIER_SETS)('%s', (set) => {
    const reader = new Reader(goldenFile(set).tensors);
    const weights = reader.numbers('weight');
    const rows = rowsOf(Array.from(reader.numbers('cosine')), 64);
    const found = rows.flatMap((row) => Array.from(simTierOf(row, weights, 0.1)));
    expectClose(found, reader.numbers('output'), FLOAT32_TOLERANCE, set);
  });
});

it.each(ATTENTION_SETS)('%s', (set) => {
  const { layer, samples, masks, fused, masked, idOnly } = goldenAttention(set);
  samples.forEach((sample, n) => {
    const { scores: _, ...withoutScores } = sample;
    const answers = [
      [semanticAttentionOf(layer, sample), fused],
      [semanticAttentionOf(layer, { ...sample, mask: masks[n]! }), masked],
      [semanticAttentionOf(layer, withoutScores), idOnly],
    ] as const;
    for (const [found, expected] of answers) {
      expectClose(found, expected[n]!, FLOAT32_TOLERANCE, `${set}, sample ${n}`);
    }
  });
});

it.each(MUSE_SETS)('%s', (set) => {
  const muse = new Muse(museWeightsOf(goldenFile(`${set}.weights`)));
  goldenRequests(set).forEach((request, n) => {
    const { probability, towerInput, interests } = muse.rank(request, request.candidate);
    expectClose(towerInput, request.towerInput, FLOAT64_TOLERANCE, `${set}, tower input ${n}`);
    const attended = interests.subarray(-request.attended.length);
    expectClose(attended, request.attended, FLOAT64_TOLERANCE, `${set}, attention ${n}`);
    expectClose([probability], [request.probability], FLOAT64_TOLERANCE, `${set}, answer ${n}`);
  });
});
