/**
 * What a user's request pays for a lifelong history: a simulated serving path of a matching stage, then
 * ranking of 1000 candidates. The user is known before the candidates are, so the history can be fetched
 * and built while matching runs (MUSE, arXiv 2512.07216, section 5). All requests meet the same matching
 * latencies; the ways take turns in random order, a round of all of them at a time.
 */

import { rankingWorkload } from '../harness/ranking-workload.js';
import { bootstrapInterval, type Interval, quantile } from '../harness/statistics.js';
import { shuffled, type Uniform, uniformStream } from '../harness/uniform.js';
import { type OverheadSetting, type Percentiles, percentilesOf } from './overhead.js';
import {
  FETCH_MS,
  MATCHING_MS,
  PIPELINE_WAYS,
  type PipelineWay,
  type Serving,
  serve,
  type Timing,
} from './serving-path.js';

/** What one way of serving adds to another, in milliseconds. */
export interface Added {
  /** Percentiles of the differences within rounds: the noise of both requests is in them. */
  readonly withinRounds: Percentiles;
  /** Differences of percentiles, with 95 % intervals by a bootstrap over rounds. */
  readonly p50: Shift;
  readonly p99: Shift;
}

export interface Shift extends Interval {
  readonly value: number;
}

export interface PipelineReport {
  readonly candidates: number;
  readonly length: number;
  readonly matchingMs: number;
  readonly fetchMs: number;
  /** Milliseconds from the request to its answer. */
  readonly request: Readonly<Record<PipelineWay, Percentiles>>;
  /** Of it, the ranking. */
  readonly ranking: Readonly<Record<PipelineWay, Percentiles>>;
  /** Making a history of the fetched behaviours, and the part of it that the event loop does. */
  readonly building: { readonly whole: Percentiles; readonly loop: Percentiles };
  readonly added: {
    /** Prefetched over resident. */
    readonly byPrefetching: Added;
    /** Resident over resident: what the measurement itself does. */
    readonly byNothing: Added;
    /** Resident over without. */
    readonly bySearching: Added;
  };
}

/** Of histories, beside the longest. */
const SHORTER_LENGTH = 10_000;
const CANDIDATES = 1000;
const JITTER = 0.1;
const MIN_ROUNDS = 3;
/** More would say nothing new of a p99. */
const MAX_ROUNDS = 400;

export async function measurePipelines(setting: OverheadSetting): Promise<PipelineReport[]> {
  const lengths =
    setting.length > SHORTER_LENGTH ? [SHORTER_LENGTH, setting.length] : [setting.length];
  const reports: PipelineReport[] = [];
  for (const length of lengths) reports.push(await measurePipeline({ ...setting, length }));
  return reports;
}

async function measurePipeline(setting: OverheadSetting): Promise<PipelineReport> {
  setting.onStep(`serving path, ${setting.length} behaviours`);
  const { kleio, workload, length, seconds } = setting;
  const user = rankingWorkload(workload, { length, candidates: CANDIDATES });
  const ranker = await kleio.Ranker.open(user.weights);
  const { items, categories } = user.behaviours;
  const resident = ranker.history(items, { categories });
  const serving: Serving = { ranker, user, resident, building: { whole: [], loop: [] } };
  const uniform = uniformStream(workload.seed);
  const rounds = await serveRounds(serving, 2 * seconds, uniform);
  ranker.close();
  return reportOf(rounds, serving, length, uniform);
}

type Round = Readonly<Record<PipelineWay, Timing>>;

async function serveRounds(serving: Serving, seconds: number, uniform: Uniform): Promise<Round[]> {
  for (const way of PIPELINE_WAYS) await serve(way, serving, 1);
  const rounds: Round[] = [];
  const end = performance.now() + seconds * 1000;
  while (rounds.length < MIN_ROUNDS || performance.now() < end) {
    if (rounds.length === MAX_ROUNDS) break;
    const matchingMs = MATCHING_MS * (1 + JITTER * (2 * uniform() - 1));
    const round = {} as Record<PipelineWay, Timing>;
    for (const way of shuffled(PIPELINE_WAYS, uniform)) {
      round[way] = await serve(way, serving, matchingMs);
    }
    rounds.push(round);
  }
  return rounds;
}

function reportOf(
  rounds: readonly Round[],
  { building }: Serving,
  length: number,
  uniform: Uniform,
): PipelineReport {
  const times = (way: PipelineWay, part: keyof Timing) => rounds.map((round) => round[way][part]);
  const each = (part: keyof Timing) =>
    Object.fromEntries(
      PIPELINE_WAYS.map((way) => [way, percentilesOf(times(way, part))]),
    ) as Record<PipelineWay, Percentiles>;
  const over = (way: PipelineWay, base: PipelineWay) =>
    addedBy(times(way, 'request'), times(base, 'request'), uniform);
  return {
    candidates: CANDIDATES,
    length,
    matchingMs: MATCHING_MS,
    fetchMs: FETCH_MS,
    request: each('request'),
    ranking: each('ranking'),
    building: { whole: percentilesOf(building.whole), loop: percentilesOf(building.loop) },
    added: {
      byPrefetching: over('prefetched', 'resident'),
      byNothing: over('resident again', 'resident'),
      bySearching: over('resident', 'without'),
    },
  };
}

/** Requests of the same rounds, in order. */
export function addedBy(
  requests: readonly number[],
  base: readonly number[],
  uniform: Uniform,
): Added {
  const shift = (share: number): Shift => {
    const between = (rounds: ArrayLike<number>) => {
      const of = (times: readonly number[]) =>
        quantile(
          Float64Array.from(rounds, (round) => times[round]!),
          share,
        );
      return of(requests) - of(base);
    };
    const rounds = Float64Array.from(requests.keys());
    return { value: between(rounds), ...bootstrapInterval(rounds, between, { uniform }) };
  };
  return {
    withinRounds: percentilesOf(requests.map((time, round) => time - base[round]!)),
    p50: shift(0.5),
    p99: shift(0.99),
  };
}
