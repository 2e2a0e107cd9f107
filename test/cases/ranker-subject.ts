/** Asks the product's ranker what the oracle is asked. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Ranker, Ranking, RankRequest } from 'kleio';
import { expect } from 'vitest';
import type { Candidate, MuseAnswer, MuseRequest } from '../oracle/muse.js';
import { expectSameBits } from './bitwise.js';
import { expectClose, expectCloseOfAnySize } from './closeness.js';
import { candidatesOf } from './muse-requests.js';

/** What the package promises of a probability, and of the features that lead to it. */
export const PROBABILITY_TOLERANCE = 2e-6;
export const FEATURE_TOLERANCE = 1e-5;

/** The request in the product's words, with a history of its own. */
export function rankRequestOf(
  ranker: Ranker,
  request: MuseRequest,
  candidates: readonly Candidate[],
): RankRequest {
  return {
    history: ranker.history(BigInt64Array.from(request.items), {
      categories: BigInt64Array.from(request.categories),
    }),
    user: BigInt64Array.from(request.user),
    candidates: candidatesOf(candidates),
    lifelong: request.unit,
    emptyPlaces: request.emptyPlaces,
    k: request.k,
  };
}

// Only the binary's contract shows what the tower read; the package does not export it.
const product = createRequire(join(__dirname, '..', '..', 'dist', 'index.js'));
const { nativeRankerOf } = product(
  './rankers/ranker.js',
) as typeof import('../../dist/rankers/ranker.js');
const { planRanking, rankingDefaults, DEFAULT_RANKING } = product(
  './rankers/ranking.js',
) as typeof import('../../dist/rankers/ranking.js');

/** What the tower read for each candidate, in the release's order. */
export function towerInputsOf(ranker: Ranker, request: RankRequest): Float32Array[] {
  const native = nativeRankerOf(ranker);
  const defaults = rankingDefaults({ k: ranker.k }, DEFAULT_RANKING);
  const { call, count, k } = planRanking(request, defaults);
  const inputs = new Float32Array(count * native.towerWidth);
  native.rankSync(
    ...call,
    new Float32Array(count),
    new Int32Array(count * k),
    new Float32Array(count * k),
    undefined,
    inputs,
    undefined,
  );
  return Array.from({ length: count }, (_, at) => rowOf(inputs, at, count));
}

/** Kept behaviours in every bit, everything else within the tolerances of what float32 can know. */
export function expectRanking(
  ranking: Ranking,
  expected: readonly MuseAnswer[],
  what: string,
): void {
  const { kept, interests } = ranking;
  expect([kept.count, ranking.probabilities.length]).toEqual([expected.length, expected.length]);
  const keptByDefinition = {
    positions: Int32Array.from(expected.flatMap(({ positions }) => positions)),
    scores: Float32Array.from(expected.flatMap(({ scores }) => scores)),
  };
  expectSameBits(kept, keptByDefinition, what);
  expected.forEach((answer, at) => {
    const place = `${what}, candidate ${at}`;
    if (interests !== undefined) {
      const found = rowOf(interests, at, expected.length);
      expectCloseOfAnySize(found, answer.interests, FEATURE_TOLERANCE, `${place}, interests`);
    }
    const found = ranking.probabilities[at] as number;
    const [least, largest] = answer.probabilityRange;
    const nearest = Math.min(Math.max(found, least), largest);
    expectClose([found], [nearest], PROBABILITY_TOLERANCE, `${place}, probability`);
  });
}

export function rowOf(values: Float32Array, row: number, rows: number): Float32Array {
  const width = values.length / rows;
  return values.subarray(row * width, (row + 1) * width);
}
