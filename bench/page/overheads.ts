/** What a request pays: the serving path, and many requests at once. */

import * as Plot from '@observablehq/plot';

import type { ConcurrencyReport } from '../../lib/bench/overheads/concurrency.js';
import type { Overheads } from '../../lib/bench/overheads/measure-overheads.js';
import type { PipelineReport, Shift } from '../../lib/bench/overheads/pipeline.js';
import type { PipelineWay } from '../../lib/bench/overheads/serving-path.js';
import { counted, milliseconds, type Section } from './section.js';

const PERCENTILES = ['p50', 'p90', 'p99'] as const;

export function overheadSections(overheads: Overheads | undefined): Section[] {
  if (overheads === undefined) return [];
  const { pipelines, concurrency } = overheads;
  return [
    ...pipelines.map((pipeline) => ({
      title: `The serving path, ${counted(pipeline.length)} behaviours`,
      text: pipelineText(pipeline),
      figure: () => pipelinePlot(pipeline),
    })),
    {
      title: 'Requests in flight',
      text: `Searches of ${counted(concurrency.targets)} targets over ${counted(concurrency.length)} behaviours, closed loop: so many are in flight always.`,
      figure: () => closedPlot(concurrency),
    },
    {
      title: 'Requests that arrive by themselves',
      text: 'Open loop: latency counts from the moment that a request was due, whether or not it could be sent then.',
      figure: () => openPlot(concurrency),
    },
  ];
}

function pipelineText({ matchingMs, fetchMs, candidates, added }: PipelineReport): string {
  const shift = ({ value, lower, upper }: Shift) =>
    `${milliseconds(value)} ms (95 % interval ${milliseconds(lower)} to ${milliseconds(upper)})`;
  const { byPrefetching, byNothing } = added;
  return [
    `A request of ${matchingMs} ms of matching and a ranking of ${counted(candidates)} candidates, with and without the behaviours: in the process already, fetched (${fetchMs} ms) and built while matching runs, or after it.`,
    `Over a history that is there already, prefetching adds ${shift(byPrefetching.p50)} at the median and ${shift(byPrefetching.p99)} at the 99th percentile; the same request once more, ${shift(byNothing.p50)} and ${shift(byNothing.p99)}.`,
  ].join(' ');
}

interface Place {
  readonly way: PipelineWay;
  readonly share: (typeof PERCENTILES)[number];
  readonly value: number;
}

function pipelinePlot({ request }: PipelineReport): Element {
  const ways = Object.keys(request) as PipelineWay[];
  const places = ways.flatMap((way): Place[] =>
    PERCENTILES.map((share) => ({ way, share, value: request[way][share] })),
  );
  return Plot.plot({
    width: 1060,
    marginBottom: 42,
    height: 220,
    marginLeft: 110,
    x: { label: 'milliseconds of a request', grid: true, zero: true },
    y: { label: null, domain: ways },
    color: { legend: true, domain: PERCENTILES },
    marks: [
      Plot.ruleY(ways, {
        y: (way) => way,
        x1: (way) => request[way as PipelineWay].p50,
        x2: (way) => request[way as PipelineWay].p99,
        strokeOpacity: 0.4,
      }),
      Plot.dot(places, { ...{ x: 'value', y: 'way', fill: 'share', r: 5 }, tip: true }),
      // The ends alone: three numbers would cover each other where a request is steady.
      ...(['p50', 'p99'] as const).map((share) =>
        Plot.text(
          places.filter((place) => place.share === share),
          {
            ...{ x: 'value', y: 'way', text: ({ value }: Place) => milliseconds(value) },
            ...{ dy: -12, fontSize: 10, textAnchor: share === 'p50' ? 'end' : 'start' },
          },
        ),
      ),
    ],
  });
}

function closedPlot({ closed }: ConcurrencyReport): Element {
  const places = closed.flatMap(({ inFlight, perSecond, ms }) =>
    PERCENTILES.map((share) => ({ inFlight, perSecond, share, value: ms[share] })),
  );
  return Plot.plot({
    width: 1060,
    marginTop: 44,
    marginBottom: 42,
    height: 300,
    marginLeft: 60,
    x: {
      type: 'log',
      base: 2,
      label: 'in flight',
      ticks: closed.map(({ inFlight }) => inFlight),
      tickFormat: counted,
    },
    y: { type: 'log', label: 'milliseconds', grid: true, ticks: 6, tickFormat: milliseconds },
    color: { legend: true, domain: PERCENTILES },
    marks: [
      Plot.lineY(places, { x: 'inFlight', y: 'value', stroke: 'share', strokeWidth: 2 }),
      Plot.dot(places, { ...{ x: 'inFlight', y: 'value', fill: 'share' }, tip: true }),
      Plot.text(closed, {
        x: 'inFlight',
        text: ({ perSecond }: { perSecond: number }) => `${perSecond.toFixed(0)}/s`,
        frameAnchor: 'top',
        dy: -18,
      }),
    ],
  });
}

function openPlot({ open }: ConcurrencyReport): Element {
  const places = open.flatMap(({ load, ms, sentMs }) => [
    ...PERCENTILES.map((share) => ({ load, name: `${share} from due`, value: ms[share] })),
    { load, name: 'p99 from sending', value: sentMs.p99 },
  ]);
  return Plot.plot({
    width: 1060,
    marginBottom: 42,
    height: 280,
    marginLeft: 60,
    x: { type: 'point', label: "of the closed loop's best throughput", tickFormat: '.0%' },
    y: { type: 'log', label: 'milliseconds', grid: true, ticks: 6, tickFormat: milliseconds },
    color: { legend: true },
    marks: [
      Plot.lineY(places, { x: 'load', y: 'value', stroke: 'name', strokeWidth: 2 }),
      Plot.dot(places, { ...{ x: 'load', y: 'value', fill: 'name' }, tip: true }),
    ],
  });
}
