/**
 * Measures competitors against each other in one run: in every round each of them works once, in random
 * order, so that whatever the machine does meanwhile happens to all of them.
 */

import { setTimeout as pause } from 'node:timers/promises';

import { type Spread, spread } from '../../lib/bench/harness/statistics.js';
import { shuffled, type Uniform } from '../../lib/bench/harness/uniform.js';

export interface Competitor {
  readonly name: string;
  readonly call: () => unknown;
  /** By how much the time of a call is multiplied, where a slow competitor gets a part of the targets. */
  readonly scale: number;
}

/** Milliseconds of a call, by competitor. */
export type Round = Readonly<Record<string, number>>;

export interface InterleavedOptions {
  readonly seconds: number;
  readonly mostRounds: number;
  readonly uniform: Uniform;
}

/** A round gives each competitor this long, or one call if that takes longer. */
const WINDOW_MS = 6;
/** Lets spinning threads of the last competitor go to sleep. */
const PAUSE_MS = 2;
const MIN_ROUNDS = 5;

export async function interleaved(
  competitors: readonly Competitor[],
  { seconds, mostRounds, uniform }: InterleavedOptions,
): Promise<Round[]> {
  for (const { call } of competitors) await call();
  const rounds: Round[] = [];
  const end = performance.now() + seconds * 1000;
  while (rounds.length < MIN_ROUNDS || (performance.now() < end && rounds.length < mostRounds)) {
    const round: Record<string, number> = {};
    for (const { name, call, scale } of shuffled(competitors, uniform)) {
      await pause(PAUSE_MS);
      round[name] = scale * (await meanMilliseconds(call));
    }
    rounds.push(round);
  }
  return rounds;
}

async function meanMilliseconds(call: () => unknown): Promise<number> {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  let ownTime = 0;
  do {
    const called = call();
    const answer = called instanceof Promise ? await called : called;
    calls += 1;
    elapsed = performance.now() - start;
    ownTime += timeOfItsOwn(answer);
  } while (elapsed < WINDOW_MS);
  return (ownTime > 0 ? ownTime : elapsed) / calls;
}

/** What an answer says that it took; 0 where the clock here is to be believed. */
function timeOfItsOwn(answer: unknown): number {
  return (answer as { elapsedMs?: number } | undefined)?.elapsedMs ?? 0;
}

/** How many times faster `subject` was than `peer`, from the ratios within each round. */
export const speedup = (rounds: readonly Round[], subject: string, peer: string): Spread =>
  spread(rounds.map((round) => round[peer]! / round[subject]!));

export const milliseconds = (rounds: readonly Round[], name: string): Spread =>
  spread(rounds.map((round) => round[name]!));
