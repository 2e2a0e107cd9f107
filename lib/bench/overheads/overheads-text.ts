/** Overheads for people at a terminal. */

import { columns, short, whole } from '../../text/text-table.js';
import type { Spread } from '../harness/statistics.js';
import type { BoundaryReport } from './boundary.js';
import type { ConcurrencyReport } from './concurrency.js';
import type { LoopLagReport } from './loop-lag.js';
import type { Overheads } from './measure-overheads.js';
import type { Percentiles } from './overhead.js';
import type { Added, PipelineReport } from './pipeline.js';
import { PIPELINE_WAYS } from './serving-path.js';

const PERCENTILES = ['p50', 'p90', 'p99', 'most'] as const;

const percentileCells = (ms: Percentiles): string[] => PERCENTILES.map((name) => short(ms[name]));

export function readableOverheads(overheads: Overheads): string {
  return [
    ...boundaryLines(overheads.boundary),
    ...loopLagLines(overheads.loopLag),
    ...overheads.pipelines.flatMap(pipelineLines),
    ...concurrencyLines(overheads.concurrency),
    '',
  ].join('\n');
}

function boundaryLines({ microseconds, searched }: BoundaryReport): string[] {
  const line = (name: string, { median, lower, upper }: Spread) => [
    name,
    short(median),
    `${short(lower)}–${short(upper)}`,
  ];
  return [
    '',
    'boundary: microseconds of a call',
    ...columns([
      ['', 'median', 'quartiles'],
      ...microseconds.sync.map(({ targets, spread }) =>
        line(`searchSync, ${whole(targets)} targets, nothing to search`, spread),
      ),
      line(`searchSync, 1 target, ${whole(searched)} behaviours`, microseconds.kernel),
      line('search, the same', microseconds.asynchronous),
      line('what search adds', microseconds.added),
    ]),
  ];
}

function loopLagLines({ idle, searching, searches, targets, length }: LoopLagReport): string[] {
  return [
    '',
    `event loop: how late a 1 ms timer fires, ms; ${searches} searches of ${whole(targets)} × ${whole(length)} without a pause`,
    ...columns([
      ['', ...PERCENTILES],
      ['idle', ...percentileCells(idle.timer)],
      ['searching', ...percentileCells(searching.timer)],
    ]),
  ];
}

function pipelineLines(report: PipelineReport): string[] {
  const { request, ranking, building, added, matchingMs, fetchMs } = report;
  return [
    '',
    `serving path: ms of a request; matching ${matchingMs} ms, fetching ${whole(report.length)} behaviours ${fetchMs} ms, ${whole(report.candidates)} candidates`,
    ...columns([
      ['history', ...PERCENTILES, 'of it ranking, p50'],
      ...PIPELINE_WAYS.map((way) => [
        way,
        ...percentileCells(request[way]),
        short(ranking[way].p50),
      ]),
      ['building alone', ...percentileCells(building.whole), ''],
      ['of it the event loop', ...percentileCells(building.loop), ''],
    ]),
    '',
    'what is added to a request, ms',
    ...columns([
      ['', 'p50', '95 % interval', 'p99', '95 % interval', 'p99 within rounds'],
      ['by prefetching', ...addedCells(added.byPrefetching)],
      ['by nothing (resident again)', ...addedCells(added.byNothing)],
      ['by searching', ...addedCells(added.bySearching)],
    ]),
  ];
}

function addedCells({ p50, p99, withinRounds }: Added): string[] {
  const cells = [p50, p99].flatMap(({ value, lower, upper }) => [
    short(value),
    `${short(lower)} to ${short(upper)}`,
  ]);
  return [...cells, short(withinRounds.p99)];
}

function concurrencyLines({ closed, open, targets, length, users }: ConcurrencyReport): string[] {
  return [
    '',
    `concurrency: ${whole(targets)} targets × ${whole(length)} behaviours, ${users} users; closed loop, ms`,
    ...columns([
      ['in flight', 'requests/s', ...PERCENTILES],
      ...closed.map(({ inFlight, perSecond, ms }) => [
        String(inFlight),
        perSecond.toFixed(0),
        ...percentileCells(ms),
      ]),
    ]),
    '',
    'open loop, ms from the moment that a request was due',
    ...columns([
      ['load', 'requests/s', ...PERCENTILES, 'p99 if counted from sending'],
      ...open.map(({ load, arrivedPerSecond, ms, sentMs }) => [
        `${(100 * load).toFixed(0)} %`,
        arrivedPerSecond.toFixed(0),
        ...percentileCells(ms),
        short(sentMs.p99),
      ]),
    ]),
  ];
}
