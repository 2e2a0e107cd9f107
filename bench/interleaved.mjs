// Measures competitors against each other in one run: in every round each of them works once, in random
// order, so that whatever the machine does meanwhile happens to all of them.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { spread } from './statistics.mjs';

/** A round gives each competitor this long, or one call if that takes longer. */
const WINDOW_MS = 6;
/** Lets spinning threads of the last competitor go to sleep. */
const PAUSE_MS = 2;
const LEAST_ROUNDS = 5;

/**
 * @param {{ name: string, call: () => unknown, scale: number }[]} competitors `scale`: by how much the
 *   time of a call is multiplied, where a slow competitor gets a part of the targets
 * @returns per competitor the milliseconds of each round
 */
export async function interleaved(competitors, { seconds, mostRounds, uniform }) {
  for (const { call } of competitors) await call();
  const rounds = [];
  const end = performance.now() + seconds * 1000;
  while (rounds.length < LEAST_ROUNDS || (performance.now() < end && rounds.length < mostRounds)) {
    const round = {};
    for (const { name, call, scale } of shuffled(competitors, uniform)) {
      await pause(PAUSE_MS);
      round[name] = scale * (await millisecondsOf(call));
    }
    rounds.push(round);
  }
  return rounds;
}

async function millisecondsOf(call) {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  do {
    const answer = call();
    if (answer instanceof Promise) await answer;
    calls += 1;
    elapsed = performance.now() - start;
  } while (elapsed < WINDOW_MS);
  return elapsed / calls;
}

function shuffled(items, uniform) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; --last) {
    const other = Math.floor(uniform() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** How many times faster `subject` was than `peer`, from the ratios within each round. */
export const speedup = (rounds, subject, peer) =>
  spread(rounds.map((round) => round[peer] / round[subject]));

export const milliseconds = (rounds, name) => spread(rounds.map((round) => round[name]));
