/** How far the slow calls are from the median, and how far every point is from its floor. */

import * as Plot from '@observablehq/plot';

import type { Measurement } from '../../lib/bench/harness/results.js';
import { counted, countOf, milliseconds, type Section } from './section.js';

const SHOWN_LENGTH = 100_000;
const SHARES = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['most', 'most'],
] as const;

export function percentileSections(measurements: readonly Measurement[]): Section[] {
  const grid = measurements.filter(({ sweep }) => sweep === 'targets × behaviours');
  const longest = Math.max(...grid.map(({ point }) => point.length));
  const length = grid.some(({ point }) => point.length === SHOWN_LENGTH) ? SHOWN_LENGTH : longest;
  const shown = grid.filter(({ point }) => point.length === length);
  const floored = measurements.filter(({ overFloor }) => overFloor !== undefined);
  return [
    ...(shown.length > 0 ? [tails(shown, length)] : []),
    ...(floored.length > 0 ? [floors(floored)] : []),
  ];
}

function tails(shown: readonly Measurement[], length: number): Section {
  const places = shown.flatMap(({ point, ms }) =>
    SHARES.flatMap(([share, key]) => {
      const value = ms[key];
      const targets = countOf(point.targets, 'targets');
      return value === null ? [] : [{ share, value, targets, dtype: point.dtype }];
    }),
  );
  const outliers = shown.flatMap(({ point, ms }) =>
    ms.outliers.largest.map((value) => ({
      share: 'most',
      value,
      targets: countOf(point.targets, 'targets'),
      dtype: point.dtype,
    })),
  );
  const x = { domain: SHARES.map(([share]) => share), label: null };
  return {
    title: 'Percentiles',
    text: `Searches of ${counted(length)} behaviours. Nothing is cut off: the largest outliers are the rings above "most". A percentile that too few calls could know is left out.`,
    figure: () =>
      Plot.plot({
        width: 1060,
        marginBottom: 42,
        height: 340,
        marginLeft: 60,
        x: { ...x, type: 'point' },
        y: { type: 'log', label: 'milliseconds', grid: true, ticks: 6, tickFormat: milliseconds },
        fx: { label: null },
        color: { legend: true, domain: [...new Set(places.map(({ targets }) => targets))] },
        marks: [
          Plot.lineY(places, { ...{ x: 'share', y: 'value', fx: 'dtype' }, stroke: 'targets' }),
          Plot.dot(places, {
            ...{ x: 'share', y: 'value', fx: 'dtype' },
            fill: 'targets',
            tip: true,
          }),
          Plot.dot(outliers, {
            ...{ x: 'share', y: 'value', fx: 'dtype', stroke: 'targets' },
            r: 2,
            strokeOpacity: 0.6,
          }),
        ],
      }),
  };
}

function floors(floored: readonly Measurement[]): Section {
  const rows = floored.map(({ sweep, point, isa, floor, overFloor }) => ({
    sweep,
    overFloor,
    bound: floor?.bound === 'memory' ? 'memory' : 'arithmetic',
    title: `${isa}: ${point.targets} targets, ${counted(point.length)} behaviours, dim ${point.dim}, k ${point.k}, ${point.dtype}, ${point.threads} threads`,
  }));
  return {
    title: 'Distance to the floor',
    text: 'Every measurement as a multiple of the least time that this machine could take. 1 cannot be beaten; small problems are far from it because starting costs more than their work.',
    figure: () =>
      Plot.plot({
        width: 1060,
        marginBottom: 42,
        height: 320,
        marginLeft: 160,
        x: {
          type: 'log',
          label: 'times the floor',
          grid: true,
          ticks: 6,
          tickFormat: milliseconds,
        },
        y: { label: null },
        color: { legend: true, domain: ['memory', 'arithmetic'] },
        marks: [
          Plot.ruleX([1], { strokeDasharray: '4 3' }),
          Plot.dot(rows, {
            ...{ x: 'overFloor', y: 'sweep', stroke: 'bound', title: 'title', tip: true },
            sort: { y: null },
          }),
        ],
      }),
  };
}
