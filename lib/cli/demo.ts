/** `kleio demo`: searches and ranks with real or synthetic histories; says what was kept, how fast, what ran. */

import { type Duplicates, inspect } from '../index.js';
import { stringOfBigint } from '../text/json.js';
import { Progress } from '../text/progress.js';
import { rankDemo } from './demo-ranking.js';
import { type DemoReport, type KeptItem, readableDemo, type UserReport } from './demo-report.js';
import { type Latency, measure } from './latency.js';
import type { Recording, Scenario } from './scenario.js';
import { syntheticScenario } from './synthetic.js';
import { taobaoScenario } from './taobao/taobao.js';

export interface DemoOptions {
  readonly data?: string;
  readonly embeddings?: string;
  readonly duplicates?: Duplicates;
  readonly users: number;
  readonly behaviours: number;
  readonly targets: number;
  readonly k: number;
  readonly seed: number;
  readonly json?: boolean;
}

export async function runDemo(options: DemoOptions): Promise<void> {
  const progress = new Progress();
  try {
    const scenario =
      options.data === undefined
        ? syntheticScenario(options, progress)
        : await taobaoScenario({ ...options, data: options.data }, progress);
    const report = await searchAll(scenario, options, progress);
    progress.stop();
    process.stdout.write(
      options.json ? `${JSON.stringify(report, stringOfBigint, 2)}\n` : readableDemo(report),
    );
  } finally {
    progress.stop();
  }
}

async function searchAll(
  scenario: Scenario,
  { k }: DemoOptions,
  progress: Progress,
): Promise<DemoReport> {
  const { long, targets } = scenario;
  const users: UserReport[] = [];
  progress.start('searching the users', scenario.users.length);
  for (const user of scenario.users) {
    users.push(await searchUser(user, targets, k));
    progress.step();
  }
  const shown = await shownTarget(scenario, k);
  const { version, isa, threads, binary, node } = inspect();
  return {
    version,
    ran: { isa, threads, binary, node },
    source: scenario.source,
    table: {
      rows: scenario.table.rows,
      dim: scenario.table.dim,
      dtype: scenario.table.dtype,
    },
    history: {
      behaviours: long.history.length,
      distinct: long.history.distinct,
      byteLength: long.history.byteLength,
    },
    targets: targets.length,
    k,
    users,
    shown,
    latencies: await measureLong(long, targets, k, progress),
    ranking: scenario.ranking === null ? null : await rankDemo(scenario.ranking, k, progress),
  };
}

async function searchUser(user: Recording, targets: BigInt64Array, k: number): Promise<UserReport> {
  const started = performance.now();
  const { scores } = await user.history.search(targets, { k });
  const elapsedMs = performance.now() - started;
  const best = scores.reduce((highest, score) => Math.max(highest, score), -Infinity);
  const { length, distinct } = user.history;
  const bestScore = best === -Infinity ? null : best;
  return { user: user.name, behaviours: length, distinct, bestScore, elapsedMs };
}

async function shownTarget(
  { long, targets, categoryOf }: Scenario,
  k: number,
): Promise<DemoReport['shown']> {
  const target = targets[0]!;
  const { positions, scores } = await long.history.search(targets.subarray(0, 1), { k });
  const empty = positions.indexOf(-1);
  const behaviours = empty < 0 ? positions.length : empty;
  const items = new Map<bigint, KeptItem>();
  for (let rank = 0; rank < behaviours; ++rank) {
    const position = positions[rank]!;
    const item = long.items[position]!;
    const seen = items.get(item);
    items.set(item, {
      item,
      category: long.categories[position]!,
      score: scores[rank]!,
      places: (seen?.places ?? 0) + 1,
      position: seen?.position ?? position, // ties come newest first
      behavioursAgo: seen?.behavioursAgo ?? long.history.length - 1 - position,
    });
  }
  return { target, category: categoryOf(target), behaviours, items: [...items.values()] };
}

async function measureLong(
  { history }: Recording,
  targets: BigInt64Array,
  k: number,
  progress: Progress,
): Promise<Latency[]> {
  const latencies: Latency[] = [];
  const sizes = targets.length === 1 ? [1] : [1, targets.length];
  progress.start('measuring', 2 * sizes.length);
  for (const count of sizes) {
    const batch = targets.subarray(0, count);
    const sync = await measure(() => history.searchSync(batch, { k }));
    latencies.push({ targets: count, call: 'searchSync', ...sync });
    progress.step();
    const async = await measure(() => history.search(batch, { k }));
    latencies.push({ targets: count, call: 'search', ...async });
    progress.step();
  }
  return latencies;
}
