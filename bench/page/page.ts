/** The page of plots: everything it shows is in the record beside it. */

import type { Measurement, Report } from '../../lib/bench/harness/results.js';
import type { PageRecord } from '../report/page-record.js';
import { gateSections } from './gate.js';
import { historySections } from './history.js';
import { latencySections } from './latency.js';
import { overheadSections } from './overheads.js';
import { peerSections } from './peers.js';
import { percentileSections } from './percentiles.js';
import { counted, milliseconds, type Section } from './section.js';

function element(name: string, content: string | readonly Element[] = ''): Element {
  const made = document.createElement(name);
  if (typeof content === 'string') made.textContent = content;
  else made.append(...content);
  return made;
}

function heading({ machine, version, isa, threads, seed, seconds }: Report): Element[] {
  const facts: [string, string][] = [
    ['machine', `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB`],
    ['ran', `${isa}, ${threads} threads, Node.js ${machine.node}, ${machine.platform}`],
    ['commit', machine.commit],
    ['date', `${machine.date}, ${(seconds / 60).toFixed(1)} minutes`],
    ['load before', machine.loadBefore.join(', ')],
    ['seed', String(seed)],
  ];
  const list = element(
    'dl',
    facts.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  );
  return [element('h1', `kleio ${version}: measurements`), list];
}

function sectionElements({ title, text, figure }: Section): Element[] {
  return [element('h2', title), element('p', text), element('figure', [figure()])];
}

const COLUMNS: readonly [string, (measurement: Measurement) => string][] = [
  ['case', (measurement) => measurement.case],
  ['sweep', ({ sweep }) => sweep],
  ['isa', ({ isa }) => isa],
  ['targets', ({ point }) => counted(point.targets)],
  ['behaviours', ({ point }) => counted(point.length)],
  ['dim', ({ point }) => String(point.dim)],
  ['k', ({ point }) => String(point.k)],
  ['dtype', ({ point }) => point.dtype],
  ['threads', ({ point }) => String(point.threads)],
  ['cache', ({ point }) => point.cache],
  ['p50 ms', ({ ms }) => milliseconds(ms.p50)],
  ['p99 ms', ({ ms }) => (ms.p99 === null ? '-' : milliseconds(ms.p99))],
  ['calls', ({ ms }) => counted(ms.calls)],
  ['× floor', ({ overFloor }) => overFloor?.toFixed(2) ?? '-'],
];

/** All the numbers, for whoever wants them or cannot see the plots. */
function table(measurements: readonly Measurement[]): Element {
  const header = element(
    'tr',
    COLUMNS.map(([name]) => element('th', name)),
  );
  const rows = measurements.map((measurement) =>
    element(
      'tr',
      COLUMNS.map(([, cell]) => element('td', cell(measurement))),
    ),
  );
  const summary = element('summary', `All ${measurements.length} measurements`);
  return element('details', [summary, element('table', [header, ...rows])]);
}

const record = JSON.parse(document.querySelector('#record')!.textContent!) as PageRecord;
const { report, peers, proof, history } = record;
const sections = [
  ...latencySections(report.measurements),
  ...percentileSections(report.measurements),
  ...peerSections(peers),
  ...overheadSections(report.overheads),
  ...historySections(history),
  ...gateSections(proof),
];
document.title = `kleio ${report.version}: measurements`;
document.body.append(
  ...heading(report),
  ...sections.flatMap(sectionElements),
  element('h2', 'Numbers'),
  table(report.measurements),
);
