/**
 * `kleio evaluate`: ranks every sample of Taobao-MM parquet files and measures the ranking.
 *
 * Samples, users and items lie in files of their own, in no common order. Samples are taken in parts by
 * user, few enough at once to join in memory, so a user's samples are together and GAUC is exact; each part
 * passes over the other files once. A user or item without features is one of unknown features, as where
 * the public code joins; of one with several rows the first counts.
 */

import { Auc, type Duplicates, Gauc, inspect, Ranker, type RankingOptions } from '../index.js';
import { type Behaviours, USER, USER_ATTRIBUTES } from '../synthetic/fields.js';
import { Progress } from '../text/progress.js';
import { type EvaluationReport, readableEvaluation } from './evaluation-report.js';
import { LatencyHistogram } from './latency-histogram.js';
import { ParquetTable } from './parquet/parquet-table.js';
import { RowSet } from './taobao/row-set.js';
import { readPart, type SamplePart, type UserSamples } from './taobao/sample-part.js';
import {
  behavioursOf,
  ITEM_COLUMNS,
  SAMPLE_COLUMNS,
  USER_COLUMNS,
  userOf,
} from './taobao/taobao-columns.js';
import { dataPaths } from './taobao/taobao-paths.js';

export interface EvaluateOptions extends RankingOptions {
  readonly data: string;
  readonly weights: string;
  readonly duplicates?: Duplicates;
  readonly split: string;
  /** Most samples joined at once, roughly. */
  readonly part: number;
  readonly json?: boolean;
}

export async function runEvaluate(options: EvaluateOptions): Promise<void> {
  const progress = new Progress();
  try {
    const report = await evaluate(options, progress);
    progress.stop();
    process.stdout.write(
      options.json ? `${JSON.stringify(report, null, 2)}\n` : readableEvaluation(report),
    );
  } finally {
    progress.stop();
  }
}

async function evaluate(options: EvaluateOptions, progress: Progress): Promise<EvaluationReport> {
  const { data, weights, split, part, k, threads, lifelong, emptyPlaces, duplicates } = options;
  const paths = dataPaths(data, split);
  using ranker = await Ranker.open(weights, { k, threads, lifelong, emptyPlaces, duplicates });
  const started = performance.now();
  using samples = await ParquetTable.open(paths.samples, SAMPLE_COLUMNS);
  using users = await ParquetTable.open(paths.users, USER_COLUMNS);
  using items = await ParquetTable.open(paths.items, ITEM_COLUMNS);
  const parts = Math.max(1, Math.ceil(samples.rows / part));
  const evaluation = new Evaluation(ranker, progress);
  const repeatedItems = new RowSet(items.rows);
  progress.start('ranking samples', samples.rows);
  for (let index = 0; index < parts; ++index) {
    await evaluation.rankPart(
      users,
      await readPart({ samples, items, repeatedItems }, index, parts),
    );
  }
  const { version, isa, node, threads: pool } = inspect();
  return {
    version,
    ran: { isa, threads: threads ?? pool, node },
    data: { path: data, split, parts },
    model: { path: weights, k: ranker.k, lifelong: lifelong ?? 'cosine' },
    ...evaluation.result(repeatedItems.size),
    elapsedSeconds: (performance.now() - started) / 1000,
  };
}

class Evaluation {
  readonly #ranker: Ranker;
  readonly #progress: Progress;
  readonly #auc = new Auc();
  readonly #gauc = new Gauc();
  readonly #latencies = new LatencyHistogram();
  #requests = 0;
  #withoutUser = 0;
  #withoutItem = 0;
  #repeatedUsers = 0;
  #rankedMs = 0;

  constructor(ranker: Ranker, progress: Progress) {
    this.#ranker = ranker;
    this.#progress = progress;
  }

  async rankPart(users: ParquetTable, part: SamplePart): Promise<void> {
    this.#withoutItem += part.withoutItem;
    const ranked = new Uint8Array(part.users.count);
    for await (const row of users.read()) {
      const user = part.users.find(row.id(USER));
      if (user < 0) continue;
      if (ranked[user]) {
        this.#repeatedUsers += 1;
        continue;
      }
      ranked[user] = 1;
      await this.#rankUser(userOf(row), behavioursOf(row), part.samplesOf(user));
    }
    for (const [user, isRanked] of ranked.entries()) {
      if (isRanked) continue;
      this.#withoutUser += 1;
      const features = new BigInt64Array(1 + USER_ATTRIBUTES.length);
      features[0] = part.users.id(user);
      await this.#rankUser(features, NO_BEHAVIOURS, part.samplesOf(user));
    }
  }

  async #rankUser(
    user: BigInt64Array,
    { items, categories }: Behaviours,
    samples: UserSamples,
  ): Promise<void> {
    const { labels, ...candidates } = samples;
    using history = this.#ranker.history(items, { categories });
    const started = performance.now();
    const { probabilities } = await this.#ranker.rank({ history, user, candidates });
    const elapsedMs = performance.now() - started;
    this.#latencies.add(elapsedMs);
    this.#rankedMs += elapsedMs;
    this.#requests += 1;
    this.#auc.add(probabilities, labels);
    this.#gauc.add(probabilities, labels);
    this.#progress.step(labels.length);
  }

  /** @param repeatedItems rows of the item features that did not count. */
  result(repeatedItems: number) {
    const latencies = this.#latencies;
    return {
      samples: this.#auc.samples,
      clicked: this.#auc.clicked,
      requests: this.#requests,
      usersWithoutFeatures: this.#withoutUser,
      samplesWithoutItem: this.#withoutItem,
      repeatedRows: this.#repeatedUsers + repeatedItems,
      auc: measured(this.#auc.value()),
      gauc: measured(this.#gauc.value()),
      usersWithBothLabels: this.#gauc.users,
      requestsPerSecond: measured((1000 * this.#requests) / this.#rankedMs),
      latencyMs: {
        p50: measured(latencies.quantileMs(0.5)),
        p90: measured(latencies.quantileMs(0.9)),
        p99: measured(latencies.quantileMs(0.99)),
        max: measured(latencies.quantileMs(1)),
      },
    };
  }
}

const NO_BEHAVIOURS: Behaviours = {
  items: new BigInt64Array(),
  categories: new BigInt64Array(),
};

/** JSON has no NaN: what has no value is null. */
function measured(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
