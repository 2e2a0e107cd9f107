/**
 * What a user's request pays for a lifelong history: a simulated serving path of a matching stage, then
 * ranking of 1000 candidates. The user is known before the candidates are, so the history can be fetched
 * and built while matching runs (MUSE, arXiv 2512.07216, section 5). All requests meet the same matching
 * latencies; the ways take turns in random order.
 */

import { setTimeout as pause } from 'node:timers/promises';

import type { History, Ranker } from '../../lib/index.js';
import { type RankedUser, rankedUser } from '../harness/ranked-user.js';
import { shuffled, type Uniform, uniformStream } from '../harness/uniform.js';
import { type OverheadSetting, type Percentiles, percentilesOf } from './overhead.js';

/** `without`: recent behaviours only. `resident`: the history is in the process already. */
export const PIPELINE_WAYS = ['without', 'resident', 'prefetched', 'fetched after'] as const;
export type PipelineWay = (typeof PIPELINE_WAYS)[number];

export interface PipelineReport {
  readonly candidates: number;
  readonly length: number;
  readonly matchingMs: number;
  readonly fetchMs: number;
  /** Milliseconds from the request to its answer. */
  readonly request: Readonly<Record<PipelineWay, Percentiles>>;
  /** Of it, the ranking. */
  readonly ranking: Readonly<Record<PipelineWay, Percentiles>>;
  /** Making the history of the fetched behaviours, which the event loop does. */
  readonly building: Percentiles;
  /** What a history adds to the request: prefetched over resident, resident over without. */
  readonly added: {
    readonly byPrefetching: Percentiles;
    readonly bySearching: Percentiles;
  };
}

const CANDIDATES = 1000;
/** Of a matching stage that makes a request of 50 ms with a quick ranking; ± a tenth. */
const MATCHING_MS = 42;
/** Of the store that keeps behaviours. */
const FETCH_MS = 10;
const JITTER = 0.1;
const FEWEST_REQUESTS = 3;
/** Later requests could not change a p99. */
const MOST_REQUESTS = 400;

interface Serving {
  readonly ranker: Ranker;
  readonly user: RankedUser;
  readonly resident: History;
  readonly building: number[];
}

interface Timing {
  readonly request: number;
  readonly ranking: number;
}

export async function measurePipeline(setting: OverheadSetting): Promise<PipelineReport> {
  setting.onStep('serving path');
  const { kleio, workload, length, seconds } = setting;
  const user = rankedUser(workload, { length, candidates: CANDIDATES });
  const ranker = await kleio.Ranker.open(user.weights);
  const serving: Serving = { ranker, user, resident: historyOf(ranker, user), building: [] };
  const uniform = uniformStream(workload.seed);
  const timings: Record<PipelineWay, Timing[]> = {
    without: [],
    resident: [],
    prefetched: [],
    'fetched after': [],
  };
  for (const way of PIPELINE_WAYS) await serve(way, serving, 1);
  const end = performance.now() + 2 * seconds * 1000;
  for (let request = 0; request < MOST_REQUESTS; ++request) {
    if (request >= FEWEST_REQUESTS && performance.now() > end) break;
    const matchingMs = MATCHING_MS * (1 + JITTER * (2 * uniform() - 1));
    for (const way of waysInTurn(uniform)) {
      timings[way].push(await serve(way, serving, matchingMs));
    }
  }
  ranker.close();
  return reportOf(timings, serving, length);
}

const waysInTurn = (uniform: Uniform): PipelineWay[] => shuffled(PIPELINE_WAYS, uniform);

function historyOf(ranker: Ranker, { behaviours }: RankedUser): History {
  return ranker.history(behaviours.items, { categories: behaviours.categories });
}

async function serve(way: PipelineWay, serving: Serving, matchingMs: number): Promise<Timing> {
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
    lifelong: way === 'without' ? 'din' : 'muse',
  });
  const end = performance.now();
  own?.close();
  return { request: end - begun, ranking: end - matched };
}

async function fetched({ ranker, user, building }: Serving): Promise<History> {
  await pause(FETCH_MS);
  const begun = performance.now();
  const history = historyOf(ranker, user);
  building.push(performance.now() - begun);
  return history;
}

function reportOf(
  timings: Readonly<Record<PipelineWay, readonly Timing[]>>,
  { building }: Serving,
  length: number,
): PipelineReport {
  const each = (part: keyof Timing) =>
    Object.fromEntries(
      PIPELINE_WAYS.map((way) => [way, percentilesOf(timings[way].map((t) => t[part]))]),
    ) as Record<PipelineWay, Percentiles>;
  const added = (way: PipelineWay, over: PipelineWay) =>
    percentilesOf(timings[way].map((timing, i) => timing.request - timings[over][i]!.request));
  return {
    candidates: CANDIDATES,
    length,
    matchingMs: MATCHING_MS,
    fetchMs: FETCH_MS,
    request: each('request'),
    ranking: each('ranking'),
    building: percentilesOf(building),
    added: {
      byPrefetching: added('prefetched', 'resident'),
      bySearching: added('resident', 'without'),
    },
  };
}
