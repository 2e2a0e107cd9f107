/** The figures that are followed over commits. */

import type { Measurement, Report } from '../../lib/bench/harness/results.js';
import type { HeadlineFigure, HistoryEntry } from './page-record.js';

interface Headline {
  readonly name: string;
  readonly matches: (measurement: Measurement) => boolean;
}

const searches = (dtype: string, targets: number): Headline => ({
  name: `search ${dtype}, ${targets} × 100 000`,
  matches: ({ sweep, point }) =>
    sweep === 'targets × behaviours' &&
    point.length === 100_000 &&
    point.dtype === dtype &&
    point.targets === targets,
});

const HEADLINES: readonly Headline[] = [
  searches('int8', 1),
  searches('int8', 100),
  searches('int8', 1000),
  searches('float32', 100),
  {
    name: 'rank, 1000 × 100 000',
    matches: (measurement) =>
      measurement.case === 'rank' &&
      measurement.point.length === 100_000 &&
      measurement.point.targets === 1000,
  },
];

export function historyEntry({ machine, isa, measurements }: Report): HistoryEntry {
  const figures = HEADLINES.flatMap(({ name, matches }): HeadlineFigure[] => {
    const found = measurements.find(matches);
    return found === undefined ? [] : [{ name, p50: found.ms.p50, ...found.ms.interval }];
  });
  const { date, commit, processor } = machine;
  return { date, commit, processor, isa: isa ?? 'unknown', figures };
}

/** With the entry last; a commit measured again on the same machine replaces itself. */
export function withEntry(history: readonly HistoryEntry[], entry: HistoryEntry): HistoryEntry[] {
  const same = (other: HistoryEntry) =>
    other.commit === entry.commit && other.processor === entry.processor && other.isa === entry.isa;
  return [...history.filter((other) => !same(other)), entry];
}
