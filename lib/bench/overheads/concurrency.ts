/**
 * Many requests at once, over several users.
 *
 * Closed loop: so many requests are in flight always; a slow answer delays the next question, so its
 * latencies say nothing about users who do not wait for each other. Open loop: requests arrive by a clock
 * of their own, at random (Poisson), and their latency counts from the moment they were due, whether or
 * not they could be sent then: nothing that stalls is left out (coordinated omission).
 */

import type { History } from '../../index.js';
import { shuffled, type Uniform, uniformStream } from '../harness/uniform.js';
import { arrivals, clockMs } from './arrivals.js';
import { DIM, K, type OverheadSetting, type Percentiles, percentilesOf } from './overhead.js';

interface ClosedLoop {
  readonly inFlight: number;
  readonly perSecond: number;
  readonly ms: Percentiles;
}

interface OpenLoop {
  /** Of the closed loop's best throughput. */
  readonly load: number;
  readonly arrivedPerSecond: number;
  /** From the moment that a request was due. */
  readonly ms: Percentiles;
  /** From the moment that it was sent: what a careless harness would report. */
  readonly sentMs: Percentiles;
}

export interface ConcurrencyReport {
  readonly targets: number;
  readonly length: number;
  readonly users: number;
  readonly closed: readonly ClosedLoop[];
  readonly open: readonly OpenLoop[];
}

const TARGETS = 100;
const USERS = 8;
const IN_FLIGHT = [1, 2, 4, 8, 16, 32, 64];
const LOADS = [0.5, 0.8, 0.95];

export async function measureConcurrency(setting: OverheadSetting): Promise<ConcurrencyReport> {
  const { length, seconds, onStep } = setting;
  onStep('concurrency');
  const { search, close } = usersOf(setting);
  const each = (seconds * 1000) / (IN_FLIGHT.length + LOADS.length);
  await search(0);
  const closed: ClosedLoop[] = [];
  for (const inFlight of IN_FLIGHT) closed.push(await closedLoop(search, inFlight, each));
  const capacity = Math.max(...closed.map(({ perSecond }) => perSecond));
  const open: OpenLoop[] = [];
  for (const load of LOADS) {
    open.push(await openLoop(search, load, capacity, each, setting.workload.seed));
  }
  close();
  return { targets: TARGETS, length, users: USERS, closed, open };
}

type Search = (request: number) => Promise<unknown>;

/** Users of the same items, in orders of their own. */
function usersOf({ kleio, workload, length }: OverheadSetting) {
  const { values } = workload.history({ length, dim: DIM, dtype: 'int8' });
  const table = kleio.EmbeddingTable.from(values as Int8Array, { dim: DIM });
  const uniform = uniformStream(workload.seed);
  const rows = Array.from({ length }, (_, row) => row);
  const histories: History[] = Array.from({ length: USERS }, () => {
    const history = new kleio.History(table);
    history.append(Int32Array.from(shuffled(rows, uniform)));
    return history;
  });
  const asked = workload.targets({ targets: TARGETS, dim: DIM, dtype: 'int8' }).values as Int8Array;
  return {
    search: (request: number) => histories[request % USERS]!.search(asked, { k: K }),
    close: () => table.close(),
  };
}

async function closedLoop(search: Search, inFlight: number, mostMs: number): Promise<ClosedLoop> {
  const latencies: number[] = [];
  const begun = performance.now();
  let requests = 0;
  const client = async () => {
    while (performance.now() - begun < mostMs) {
      const sent = performance.now();
      await search(requests++);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  const elapsedSeconds = (performance.now() - begun) / 1000;
  return { inFlight, perSecond: latencies.length / elapsedSeconds, ms: percentilesOf(latencies) };
}

async function openLoop(
  search: Search,
  load: number,
  capacity: number,
  mostMs: number,
  seed: number,
): Promise<OpenLoop> {
  const fromDue: number[] = [];
  const fromSent: number[] = [];
  const pending: Promise<void>[] = [];
  const moments = poissonMoments(1000 / (load * capacity), mostMs, uniformStream(seed));
  await arrivals(moments, ({ request, dueMs }) => {
    const sentMs = clockMs();
    const answered = search(request).then(() => {
      const endMs = clockMs();
      fromDue.push(endMs - dueMs);
      fromSent.push(endMs - sentMs);
    });
    pending.push(answered);
  });
  await Promise.all(pending);
  return {
    load,
    arrivedPerSecond: pending.length / (mostMs / 1000),
    ms: percentilesOf(fromDue),
    sentMs: percentilesOf(fromSent),
  };
}

/** Independent arrivals, on average one every `gapMs`. */
function poissonMoments(gapMs: number, mostMs: number, uniform: Uniform): number[] {
  const moments: number[] = [];
  const gap = () => -Math.log(1 - uniform()) * gapMs;
  for (let moment = gap(); moment < mostMs; moment += gap()) moments.push(moment);
  return moments;
}
