/** Latency against targets and against behaviours, with the floor drawn in. */

import * as Plot from '@observablehq/plot';

import type { Measurement } from '../../lib/bench/harness/results.js';
import { abbreviated, countOf, milliseconds, type Section } from './section.js';

const SWEEP = 'targets × behaviours';

interface Sample {
  readonly targets: number;
  readonly length: number;
  readonly dtype: string;
  readonly p50: number;
  readonly p99: number | null;
  readonly floor: number | null;
}

export function latencySections(measurements: readonly Measurement[]): Section[] {
  const samples = measurements
    .filter(({ sweep }) => sweep === SWEEP)
    .map(
      ({ point, ms, floor }): Sample => ({
        targets: point.targets,
        length: point.length,
        dtype: point.dtype,
        p50: ms.p50,
        p99: ms.p99,
        floor: floor?.ms ?? null,
      }),
    );
  const sections: Section[] = [
    {
      title: 'Latency against targets',
      text: 'Median of a search, and the 99th percentile above it as a band. Dashed: the least time that this machine could take, by the peaks it showed in the same run.',
      figure: () => latencyPlot(samples, 'targets', 'length', 'behaviours'),
    },
    {
      title: 'Latency against behaviours',
      text: 'The same measurements the other way round.',
      figure: () => latencyPlot(samples, 'length', 'targets', 'targets'),
    },
  ];
  // A line needs two points.
  const drawable = (['targets', 'length'] as const).map(
    (axis) => new Set(samples.map((sample) => sample[axis])).size > 1,
  );
  return sections.filter((_, index) => drawable[index]);
}

function latencyPlot(
  samples: readonly Sample[],
  x: 'targets' | 'length',
  facet: 'targets' | 'length',
  facetName: string,
): Element {
  const common = { x, fx: facet, stroke: 'dtype', z: 'dtype' } as const;
  return Plot.plot({
    width: 1060,
    marginBottom: 42,
    height: 340,
    marginLeft: 60,
    x: {
      type: 'log',
      label: x === 'length' ? 'behaviours' : 'targets',
      ticks: 4,
      tickFormat: abbreviated,
    },
    y: { type: 'log', label: 'milliseconds', grid: true, ticks: 6, tickFormat: milliseconds },
    fx: { label: null, tickFormat: (value: number) => countOf(value, facetName) },
    color: { legend: true },
    marks: [
      Plot.areaY(samples, {
        ...{ x, fx: facet, fill: 'dtype', z: 'dtype', fillOpacity: 0.15 },
        y1: 'p50',
        y2: (sample: Sample) => sample.p99 ?? sample.p50,
      }),
      Plot.lineY(samples, { ...common, y: 'floor', strokeDasharray: '4 3', strokeOpacity: 0.8 }),
      Plot.lineY(samples, { ...common, y: 'p50', strokeWidth: 2 }),
      Plot.dot(samples, { x, fx: facet, y: 'p50', fill: 'dtype', r: 3 }),
      Plot.tip(
        samples,
        Plot.pointer({
          ...{ x, fx: facet, y: 'p50' },
          title: ({ dtype, p50, p99, floor }: Sample) =>
            `${dtype}\np50 ${milliseconds(p50)} ms\np99 ${p99 === null ? '-' : milliseconds(p99)} ms\nfloor ${floor === null ? '-' : milliseconds(floor)} ms`,
        }),
      ),
    ],
  });
}
