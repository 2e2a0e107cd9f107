/** Whether a peer answered the question, before anybody asks how fast it was. */

import type { ExactScores, Numbers } from '../../lib/bench/harness/exact.js';
import type { Kept } from '../../lib/index.js';
import type { PeerAnswer, SearchPeer } from './peer.js';

/** kleio's float32 answer, itself held to the definition, and how to score any row. */
export interface Truth {
  readonly kept: Kept;
  readonly exact: ExactScores;
  /** Of all the targets of the comparison, [most, dim]; fewer may be asked about. */
  readonly targets: Float32Array;
  readonly dim: number;
  readonly k: number;
}

/** float32 sums may order near neighbours differently. */
const PEER_TOLERANCE = 1e-5;

/** An approximate peer reports scores of its own; they must be those of what it kept. */
const SCORE_TOLERANCE = 1e-3;

/** The share of the true K that was kept, 1 for an exact peer. Throws where the answer is wrong. */
export function judge(
  peer: Pick<SearchPeer, 'name' | 'approximate' | 'roundedScores'>,
  answer: PeerAnswer,
  count: number,
  truth: Truth,
): number {
  const { k } = truth;
  if (answer.positions.length !== count * k) {
    throw new Error(`${peer.name} keeps ${answer.positions.length} places instead of ${count * k}`);
  }
  let found = 0;
  for (let index = 0; index < count; ++index) {
    found += peer.approximate
      ? recalled(peer, answer, index, truth)
      : equivalent(peer.name, answer, index, truth);
  }
  if (found === 0) throw new Error(`${peer.name} keeps none of the ${count * k} best`);
  return found / (count * k);
}

const placesOf = <Value>(all: ArrayLike<Value>, index: number, k: number): Value[] =>
  Array.from({ length: k }, (_, place) => all[index * k + place]!);

function equivalent(name: string, answer: PeerAnswer, index: number, truth: Truth): number {
  const { k, dim, kept, exact, targets } = truth;
  const target = targets.subarray(index * dim, (index + 1) * dim);
  const positions = placesOf<number | bigint>(answer.positions, index, k);
  requireEquivalent(
    `${name}: target ${index}`,
    positions,
    target,
    exact,
    kept.scores[(index + 1) * k - 1]!,
  );
  return k;
}

/**
 * Throws unless a peer kept k different positions, none of which scores less than the k-th best by more
 * than the tolerance.
 */
function requireEquivalent(
  name: string,
  positions: ArrayLike<number | bigint>,
  target: Numbers,
  exact: ExactScores,
  kthScore: number,
): void {
  const seen = new Set<number>();
  for (const position of Array.from(positions, Number)) {
    const score = exact.score(target, position);
    seen.add(position);
    if (score >= kthScore - PEER_TOLERANCE) continue;
    throw new Error(`${name} keeps position ${position} (${score} < ${kthScore})`);
  }
  if (seen.size !== positions.length) throw new Error(`${name} keeps a position twice`);
}

function recalled(
  { name, roundedScores }: Pick<SearchPeer, 'name' | 'roundedScores'>,
  answer: PeerAnswer,
  index: number,
  truth: Truth,
): number {
  const { k, dim, kept, exact, targets } = truth;
  const target = targets.subarray(index * dim, (index + 1) * dim);
  const best = new Set(kept.positions.subarray(index * k, (index + 1) * k));
  const positions = placesOf<number | bigint>(answer.positions, index, k).map(Number);
  const scores = placesOf(answer.scores, index, k);
  positions.forEach((position, place) => {
    const score = exact.score(target, position);
    if (roundedScores || Math.abs(score - scores[place]!) < SCORE_TOLERANCE) return;
    throw new Error(
      `${name}: target ${index} gives position ${position} ${scores[place]}, not ${score}`,
    );
  });
  return new Set(positions.filter((position) => best.has(position))).size;
}
