/** One simulated request: a matching stage, then ranking, with the history there, on its way, or neither. */

import { setTimeout as pause } from 'node:timers/promises';

import type { History, Ranker } from '../../index.js';
import type { RankingWorkload } from '../harness/ranking-workload.js';

/**
 * `without`: recent behaviours only. `resident`: the history is in the process already; `resident again`
 * is the same once more, so that a comparison of the two shows what noise alone does.
 */
export const PIPELINE_WAYS = [
  'without',
  'resident',
  'resident again',
  'prefetched',
  'fetched after',
] as const;
export type PipelineWay = (typeof PIPELINE_WAYS)[number];

/** Of a matching stage that makes a request of 50 ms with a quick ranking; ± a tenth. */
export const MATCHING_MS = 42;
/** Of the store that keeps behaviours. */
export const FETCH_MS = 10;

export interface Serving {
  readonly ranker: Ranker;
  readonly user: RankingWorkload;
  readonly resident: History;
  /** Of each history that was made: all of it, and the part that the event loop did. */
  readonly building: { readonly whole: number[]; readonly loop: number[] };
}

/** Milliseconds. */
export interface Timing {
  readonly request: number;
  readonly ranking: number;
}

export async function serve(
  way: PipelineWay,
  serving: Serving,
  matchingMs: number,
): Promise<Timing> {
  const { ranker, user, resident } = serving;
  const begun = performance.now();
  const ahead = way === 'prefetched' ? fetched(serving) : undefined;
  await pause(matchingMs);
  const own = way === 'fetched after' ? await fetched(serving) : await ahead;
  const matched = performance.now();
  await ranker.rank({
    history: own ?? resident,
    user: user.features,
    candidates: user.candidates,
    lifelong: way === 'without' ? 'none' : 'cosine',
  });
  const end = performance.now();
  own?.close();
  return { request: end - begun, ranking: end - matched };
}

async function fetched({ ranker, user, building }: Serving): Promise<History> {
  await pause(FETCH_MS);
  const begun = performance.now();
  const { items, categories } = user.behaviours;
  const history = ranker.buildHistory(items, { categories });
  building.loop.push(performance.now() - begun);
  await history;
  building.whole.push(performance.now() - begun);
  return history;
}
