/**
 * What crossing into native code costs, in microseconds.
 *
 * A search of one behaviour has nothing to do: its time is that of the boundary, for one target and for
 * as many as a request brings. What `search` adds to `searchSync` comes from pairs of the same search,
 * in alternating order.
 */

import { type Spread, spread } from '../harness/statistics.js';
import { K, type OverheadSetting, userOf } from './overhead.js';

export interface BoundaryReport {
  readonly microseconds: {
    readonly sync: readonly { readonly targets: number; readonly spread: Spread }[];
    /** Of a search of `searched` behaviours. */
    readonly kernel: Spread;
    readonly asynchronous: Spread;
    readonly added: Spread;
  };
  readonly searched: number;
}

const TARGETS = [1, 100, 1000];
const SEARCHED = 10_000;
const PAIRS_A_SECOND = 500;
/** A single call is near the clock's own cost, so calls are timed in batches. */
const BATCH = 100;
const WARM_UP_BATCHES = 50;
const BATCHES = 200;

export async function measureBoundary(setting: OverheadSetting): Promise<BoundaryReport> {
  setting.onStep('boundary');
  const sync = TARGETS.map((targets) => ({ targets, spread: nothingToSearch(setting, targets) }));
  return {
    microseconds: { sync, ...(await asynchronousOverhead(setting)) },
    searched: SEARCHED,
  };
}

const microseconds = (): number => performance.now() * 1000;

function nothingToSearch(setting: OverheadSetting, count: number): Spread {
  const { table, history, targets } = userOf(setting, 1, count);
  const options = { k: count === 1 ? 1 : K, threads: 1 };
  const batches: number[] = [];
  for (let batch = -WARM_UP_BATCHES; batch < BATCHES; ++batch) {
    const start = microseconds();
    for (let call = 0; call < BATCH; ++call) history.searchSync(targets, options);
    if (batch >= 0) batches.push((microseconds() - start) / BATCH);
  }
  table.close();
  return spread(batches);
}

async function asynchronousOverhead(
  setting: OverheadSetting,
): Promise<Omit<BoundaryReport['microseconds'], 'sync'>> {
  const { table, history, targets } = userOf(setting, SEARCHED, 1);
  const options = { k: K };
  const [kernel, asynchronous, added]: [number[], number[], number[]] = [[], [], []];
  const pairs = Math.ceil(PAIRS_A_SECOND * setting.seconds);
  const timeSync = () => {
    const start = microseconds();
    history.searchSync(targets, options);
    return microseconds() - start;
  };
  const timeAsync = async () => {
    const start = microseconds();
    await history.search(targets, options);
    return microseconds() - start;
  };
  for (let pair = 0; pair < pairs; ++pair) {
    const first = pair % 2 === 0 ? timeSync() : await timeAsync();
    const second = pair % 2 === 0 ? await timeAsync() : timeSync();
    const [alone, queued] = pair % 2 === 0 ? [first, second] : [second, first];
    kernel.push(alone);
    asynchronous.push(queued);
    added.push(queued - alone);
  }
  table.close();
  return { kernel: spread(kernel), asynchronous: spread(asynchronous), added: spread(added) };
}
