/**
 * How late the event loop runs while searches follow each other without a pause: 1000 targets over the
 * whole history, again and again. Two probes, in milliseconds: how late a 1 ms timer fires, and Node's
 * own delay histogram at 1 ms resolution.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { K, type OverheadSetting, type Percentiles, percentilesOf, userOf } from './overhead.js';

interface Lateness {
  readonly timer: Percentiles;
  readonly histogram: { readonly p50: number; readonly p99: number; readonly most: number };
}

export interface LoopLagReport {
  readonly targets: number;
  readonly length: number;
  readonly searches: number;
  readonly idle: Lateness;
  readonly searching: Lateness;
}

const TICK_MS = 1;
const TARGETS = 1000;

export async function measureLoopLag(setting: OverheadSetting): Promise<LoopLagReport> {
  setting.onStep('event loop');
  const { length, seconds } = setting;
  const { table, history, targets } = userOf(setting, length, TARGETS);
  let searches = 0;
  const searchBackToBack = async () => {
    const end = performance.now() + (seconds / 2) * 1000;
    while (performance.now() < end) {
      await history.search(targets, { k: K });
      searches += 1;
    }
  };
  await history.search(targets, { k: K });
  const idle = await latenessDuring(() => pause((seconds / 4) * 1000));
  const searching = await latenessDuring(searchBackToBack);
  table.close();
  return { targets: TARGETS, length, searches, idle, searching };
}

async function latenessDuring(work: () => Promise<unknown>): Promise<Lateness> {
  const lateness: number[] = [];
  let running = true;
  let due = performance.now() + TICK_MS;
  const tick = () => {
    lateness.push(Math.max(0, performance.now() - due));
    due = performance.now() + TICK_MS;
    if (running) setTimeout(tick, TICK_MS);
  };
  setTimeout(tick, TICK_MS);
  const histogram = monitorEventLoopDelay({ resolution: TICK_MS });
  histogram.enable();
  await work();
  histogram.disable();
  running = false;
  // The histogram counts the whole interval, of which 1 ms is its resolution.
  const late = (nanoseconds: number) => nanoseconds / 1e6 - TICK_MS;
  return {
    timer: percentilesOf(lateness),
    histogram: {
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      most: late(histogram.max),
    },
  };
}
