/** The headline figures over commits. */

import * as Plot from '@observablehq/plot';

import type { HistoryEntry } from '../report/page-record.js';
import { milliseconds, type Section } from './section.js';

const SHOWN_DIGITS = 8;

export function historySections(history: readonly HistoryEntry[]): Section[] {
  if (history.length === 0) return [];
  return [
    {
      title: 'Over commits',
      text: 'Medians and their 95 % intervals, each measured in a full run on the machine named in its record, in the order of the runs.',
      figure: () => historyPlot(history),
    },
  ];
}

function historyPlot(history: readonly HistoryEntry[]): Element {
  const runs = history.map(({ commit }, index) => `${index + 1}: ${commit.slice(0, SHOWN_DIGITS)}`);
  const places = history.flatMap(({ figures, date, isa }, index) =>
    figures.map((figure) => ({ ...figure, run: runs[index]!, title: `${date}\n${isa}` })),
  );
  return Plot.plot({
    width: 1060,
    marginBottom: 42,
    height: 320,
    marginLeft: 60,
    x: { type: 'point', label: null, domain: runs },
    y: { type: 'log', label: 'milliseconds', grid: true, ticks: 6, tickFormat: milliseconds },
    color: { legend: true },
    marks: [
      Plot.lineY(places, { x: 'run', y: 'p50', z: 'name', stroke: 'name' }),
      Plot.ruleX(places, { x: 'run', y1: 'lower', y2: 'upper', stroke: 'name', strokeWidth: 3 }),
      Plot.dot(places, { x: 'run', y: 'p50', fill: 'name', title: 'title', tip: true }),
    ],
  });
}
