/** kleio beside its peers. */

import * as Plot from '@observablehq/plot';

import type { Comparison, Comparisons } from '../comparison/comparison-record.js';
import { counted, countOf, milliseconds, type Section } from './section.js';

export function peerSections(recorded: Comparisons | null): Section[] {
  if (recorded === null) return [];
  const best = recorded.comparisons.filter(({ isa }) => isa === recorded.comparisons[0]!.isa);
  return best.map((comparison) => ({
    title: `${comparison.kind === 'search' ? 'Search' : 'The whole ranker'} beside peers, ${counted(comparison.length)} behaviours`,
    text: `${comparison.threads} threads each, interleaved in one run; medians and quartiles. Answers were checked first: a peer whose answers differ has no time. In brackets: the recall of what is approximate.`,
    figure: () => peerPlot(comparison),
  }));
}

function peerPlot({ kind, results }: Comparison): Element {
  const unit = kind === 'search' ? 'targets' : 'candidates';
  const rows = results.flatMap(({ targets, rows: compared }) =>
    compared.flatMap(({ name, ms, recall }) =>
      ms === undefined
        ? []
        : {
            name,
            ...ms,
            count: countOf(targets, unit),
            whose: name.startsWith('kleio')
              ? 'kleio'
              : recall === undefined
                ? 'exact'
                : 'approximate',
            label:
              milliseconds(ms.median) + (recall === undefined ? '' : ` (${recall.toFixed(2)})`),
          },
    ),
  );
  const facets = results.map(({ targets }) => countOf(targets, unit));
  const names = [...new Set(rows.map(({ name }) => name))];
  return Plot.plot({
    width: 1060,
    marginBottom: 42,
    height: 60 + 26 * names.length,
    marginLeft: 200,
    marginRight: 40,
    insetLeft: 36,
    insetRight: 36,
    x: { type: 'log', label: 'milliseconds', grid: true, ticks: 3, tickFormat: milliseconds },
    y: { label: null, domain: names },
    fx: { label: null, domain: facets },
    color: { legend: true, domain: ['kleio', 'exact', 'approximate'] },
    marks: [
      Plot.ruleY(rows, {
        ...{ y: 'name', fx: 'count', x1: 'lower', x2: 'upper' },
        stroke: 'whose',
      }),
      Plot.dot(rows, { ...{ y: 'name', fx: 'count', x: 'median', fill: 'whose' }, r: 4 }),
      Plot.text(rows, {
        ...{ y: 'name', fx: 'count', x: 'median', text: 'label', fill: 'currentColor' },
        ...{ dy: -9, fontSize: 10 },
      }),
    ],
  });
}
