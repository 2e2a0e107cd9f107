/** The overheads of the recorded run, as figures. */

import type { Report } from '../../lib/bench/harness/results.js';
import type { Spread } from '../../lib/bench/harness/statistics.js';
import type { ConcurrencyReport } from '../../lib/bench/overheads/concurrency.js';
import type { Overheads } from '../../lib/bench/overheads/measure-overheads.js';
import type { Added, PipelineReport } from '../../lib/bench/overheads/pipeline.js';
import { PIPELINE_WAYS } from '../../lib/bench/overheads/serving-path.js';
import { short, whole } from '../../lib/text/text-table.js';

export function overheadsSection({ machine, isa, threads, overheads }: Report): string {
  if (overheads === undefined) throw new Error('cpu.json holds no overheads: npm run bench');
  const { processor, cores, node, loadBefore } = machine;
  return [
    `${cores} cores of ${processor} (${isa}, ${threads} threads), Node.js ${node}, load ${loadBefore[0]} before.`,
    '',
    ...boundaryTable(overheads),
    '',
    ...requestTable(overheads.pipelines),
    '',
    ...addedTable(overheads.pipelines),
    '',
    ...buildingText(overheads.pipelines),
    '',
    ...concurrencyTable(overheads.concurrency),
  ].join('\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:')).join('|');
  return [line(header), `|${rule}|`, ...rows.map(line)];
}

function boundaryTable({ boundary, loopLag }: Overheads): string[] {
  const { sync, added } = boundary.microseconds;
  const cells = ({ median, lower, upper }: Spread) => [
    `${short(median)} µs`,
    `${short(lower)} to ${short(upper)} µs`,
  ];
  const lag = loopLag.searching.timer;
  return table(
    ['', 'median', 'quartiles, or 99th percentile'],
    [
      ...sync.map(({ targets, spread }) => [
        `boundary: \`searchSync\` with nothing to search, ${whole(targets)} target${targets === 1 ? '' : 's'}`,
        ...cells(spread),
      ]),
      ['boundary: what `search` adds', ...cells(added)],
      [
        `event loop: a 1 ms timer's delay while ${whole(loopLag.targets)} × ${whole(loopLag.length)} is searched`,
        `${short(lag.p50)} ms`,
        `${short(lag.p99)} ms`,
      ],
    ],
  );
}

function requestTable(pipelines: readonly PipelineReport[]): string[] {
  const row = ({ request, ranking, length }: PipelineReport) =>
    PIPELINE_WAYS.map((way) => [
      `history of ${whole(length)}: ${way}`,
      ...(['p50', 'p90', 'p99'] as const).map((name) => short(request[way][name])),
      short(ranking[way].p50),
    ]);
  return table(
    ['request of 1000 candidates, ms', 'p50', 'p90', 'p99', 'of it ranking, p50'],
    pipelines.flatMap(row),
  );
}

function addedTable(pipelines: readonly PipelineReport[]): string[] {
  const cells = ({ p50, p99, withinRounds }: Added) => [
    ...[p50, p99].map(
      ({ value, lower, upper }) => `${short(value)} (${short(lower)} to ${short(upper)})`,
    ),
    short(withinRounds.p99),
  ];
  const rows = ({ added, length }: PipelineReport) => [
    [`${whole(length)}: prefetched over resident`, ...cells(added.byPrefetching)],
    [`${whole(length)}: resident over resident`, ...cells(added.byNothing)],
    [`${whole(length)}: resident over without`, ...cells(added.bySearching)],
  ];
  return table(
    ['added to a request, ms', 'p50 (95 % interval)', 'p99 (95 % interval)', 'p99 within rounds'],
    pipelines.flatMap(rows),
  );
}

function buildingText(pipelines: readonly PipelineReport[]): string[] {
  return pipelines.map(
    ({ building: { whole: all, loop }, length }) =>
      `Building a history of ${whole(length)} takes ${short(all.p50)} ms (p99 ${short(all.p99)}), of which the event loop does ${short(loop.p50)} (p99 ${short(loop.p99)}).`,
  );
}

function concurrencyTable({ closed, open, targets, length }: ConcurrencyReport): string[] {
  const latencies = ({ p50, p99 }: { readonly p50: number; readonly p99: number }) => [
    short(p50),
    short(p99),
  ];
  return table(
    [`${whole(targets)} × ${whole(length)}, requests`, 'per second', 'p50 ms', 'p99 ms'],
    [
      ...closed.map(({ inFlight, perSecond, ms }) => [
        `closed loop, ${inFlight} in flight`,
        perSecond.toFixed(0),
        ...latencies(ms),
      ]),
      ...open.map(({ load, arrivedPerSecond, ms }) => [
        `open loop, ${(100 * load).toFixed(0)} % of the best`,
        arrivedPerSecond.toFixed(0),
        ...latencies(ms),
      ]),
    ],
  );
}
