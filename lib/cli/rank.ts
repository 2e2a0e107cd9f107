/** `kleio rank`: ranks candidates for one user and says which behaviours mattered. */

import { type Duplicates, inspect, Ranker, type RankingOptions } from '../index.js';
import { codedError } from '../support/errors.js';
import { stringOfBigint } from '../text/json.js';
import { type RankReport, readableRanking } from './rank-report.js';
import { likeliest } from './ranked-candidates.js';
import type { RankedUser } from './ranked-user.js';
import { readRankRequest } from './requests/rank-request.js';
import { taobaoRequest } from './taobao/taobao-request.js';

export interface RankOptions extends RankingOptions {
  readonly weights: string;
  readonly duplicates?: Duplicates;
  readonly request?: string;
  readonly data?: string;
  readonly user?: bigint;
  readonly split: string;
  /** Most candidates to read from `data`. */
  readonly candidates: number;
  /** Candidates to show. */
  readonly top: number;
  readonly json?: boolean;
}

export async function runRank(options: RankOptions): Promise<void> {
  const report = await rank(await requested(options), options);
  process.stdout.write(
    options.json ? `${JSON.stringify(report, stringOfBigint, 2)}\n` : readableRanking(report),
  );
}

async function requested(options: RankOptions): Promise<RankedUser> {
  const { request, data, user, split, candidates } = options;
  if (request !== undefined) return readRankRequest(request);
  if (data !== undefined && user !== undefined) {
    return taobaoRequest({ data, user, split, candidates });
  }
  throw codedError('ERR_KLEIO_ARGUMENT', 'whom to rank for? Give --request, or --data with --user');
}

async function rank(ranked: RankedUser, options: RankOptions): Promise<RankReport> {
  const { k, threads, lifelong, emptyPlaces, duplicates } = options;
  using ranker = await Ranker.open(options.weights, {
    k,
    threads,
    lifelong,
    emptyPlaces,
    duplicates,
  });
  const { user, behaviours, candidates } = ranked;
  using history = ranker.history(behaviours.items, { categories: behaviours.categories });
  const started = performance.now();
  const { probabilities } = await ranker.rank({ history, user, candidates });
  const elapsedMs = performance.now() - started;
  const { version, isa, node, threads: pool } = inspect();
  return {
    version,
    ran: { isa, threads: threads ?? pool, node },
    model: { path: options.weights, k: ranker.k, lifelong: lifelong ?? 'cosine' },
    user: user[0]!,
    history: { behaviours: history.length, distinct: history.distinct },
    count: probabilities.length,
    elapsedMs,
    ranked: likeliest(probabilities, options.top, ranker, ranked, history),
  };
}
