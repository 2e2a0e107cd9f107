/**
 * One process: loads a build over an idle device, sends every request many times, and says how long each
 * was where. The device tells by its trace when it was asked and when its answer was there.
 */

import { join } from 'node:path';

import type { Kleio } from '../../lib/bench/harness/case.js';
import { quantile } from '../../lib/bench/harness/statistics.js';
import { type HostRequest, rankRequests, searchRequests } from './requests.js';
import { type DeviceEvent, DeviceTrace } from './trace.js';

/** Microseconds, medians but for p99. */
export interface HostTimes {
  readonly name: string;
  readonly targets: number;
  readonly sync: Stages;
  readonly async: Stages;
}

export interface Stages {
  /** Until the call returned; of a synchronous one, all of it. */
  readonly call: number;
  /** From the call to the first copy to the device. */
  readonly before: number;
  /** From there until everything was asked of the device. */
  readonly launch: number;
  /** From when the device was done until the caller had its answer. */
  readonly after: number;
  /** All of it but what the device takes. */
  readonly host: number;
  readonly p99: number;
}

interface Call {
  readonly began: bigint;
  readonly returned: bigint;
  readonly answered: bigint;
}

/** Of one kind; a request makes less than 20 events of the 4096 that the trace keeps. */
const BATCH = 150;
const BATCHES = 8;
const WARM_UP_CALLS = 200;

async function main(): Promise<void> {
  const [folder, tracePath] = process.argv.slice(2) as [string, string];
  const kleio = require(join(folder, 'dist', 'index.js')) as Kleio;
  const times: HostTimes[] = [];
  for (const make of [
    () => searchRequests(kleio, 'int8'),
    () => searchRequests(kleio, 'float32'),
    () => rankRequests(kleio),
  ]) {
    for (const request of await make()) times.push(await timed(request, tracePath));
  }
  process.stdout.write(JSON.stringify(times));
}

async function timed(request: HostRequest, tracePath: string): Promise<HostTimes> {
  for (let call = 0; call < WARM_UP_CALLS; ++call) {
    request.sync();
    await request.async();
  }
  const trace = new DeviceTrace(tracePath);
  const [sync, async]: [Stages[], Stages[]] = [[], []];
  for (let batch = 0; batch < BATCHES; ++batch) {
    const calls = { sync: [] as Call[], async: [] as Call[] };
    for (let call = 0; call < BATCH; ++call) calls.async.push(await asyncCall(request));
    for (let call = 0; call < BATCH; ++call) calls.sync.push(syncCall(request));
    const events = trace.events();
    sync.push(...calls.sync.map((call) => stagesOf(call, events)));
    async.push(...calls.async.map((call) => stagesOf(call, events)));
  }
  const { name, targets } = request;
  return { name, targets, sync: medians(sync), async: medians(async) };
}

function syncCall(request: HostRequest): Call {
  const began = process.hrtime.bigint();
  request.sync();
  const returned = process.hrtime.bigint();
  return { began, returned, answered: returned };
}

async function asyncCall(request: HostRequest): Promise<Call> {
  const began = process.hrtime.bigint();
  const answer = request.async();
  const returned = process.hrtime.bigint();
  await answer;
  return { began, returned, answered: process.hrtime.bigint() };
}

function stagesOf({ began, returned, answered }: Call, all: readonly DeviceEvent[]): Stages {
  const events = all.filter(({ nanoseconds }) => nanoseconds >= began && nanoseconds <= answered);
  const at = (wanted: DeviceEvent | undefined): bigint => {
    if (wanted === undefined) throw new Error('the trace has lost a request');
    return wanted.nanoseconds;
  };
  const asked = at(events[0]);
  const lastAsked = events.findIndex(({ kind }) => kind === 'download');
  const everythingAsked = at(events[lastAsked]);
  const done = at(events.slice(lastAsked).find(({ kind }) => kind === 'synchronised'));
  const microseconds = (from: bigint, to: bigint) => Number(to - from) / 1000;
  const [before, launch] = [microseconds(began, asked), microseconds(asked, everythingAsked)];
  const after = microseconds(done, answered);
  const host = before + launch + after;
  return { call: microseconds(began, returned), before, launch, after, host, p99: host };
}

function medians(all: readonly Stages[]): Stages {
  const at = (stage: keyof Stages, share = 0.5) =>
    quantile(
      all.map((stages) => stages[stage]),
      share,
    );
  return {
    call: at('call'),
    before: at('before'),
    launch: at('launch'),
    after: at('after'),
    host: at('host'),
    p99: at('p99', 0.99),
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
