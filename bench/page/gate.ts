/** The proof of the regression gate: what it measured of what was planted. */

import * as Plot from '@observablehq/plot';

import type { Proof } from '../gate/proof.js';
import type { Section } from './section.js';

const PLANTED_CASE = 'scan int8';

export function gateSections(proof: Proof | null): Section[] {
  if (proof === null) return [];
  return [
    {
      title: 'The regression gate',
      text: `Slowdowns planted in the exact scan, and what each run of the gate measured of them in its case "${PLANTED_CASE}": the estimate and its 95 % interval. The gate fails where the interval lies above the dashed line.`,
      figure: () => gatePlot(proof),
    },
  ];
}

function gatePlot({ variants, threshold }: Proof): Element {
  const runs = variants.flatMap(({ planted, runs: all }) =>
    all.flatMap(({ decisions }, run) =>
      decisions
        .filter(({ name }) => name === PLANTED_CASE)
        .map((decision) => ({ ...decision, run, planted: `${planted} % planted` })),
    ),
  );
  return Plot.plot({
    width: 1060,
    marginBottom: 42,
    height: 300,
    marginLeft: 60,
    x: { axis: null },
    y: { label: 'measured slowdown, %', grid: true, percent: true, ticks: 6 },
    fx: { label: null, domain: variants.map(({ planted }) => `${planted} % planted`) },
    color: { legend: true, domain: ['no loss shown', 'slower', 'faster'] },
    marks: [
      Plot.ruleY([threshold], { strokeDasharray: '4 3' }),
      Plot.ruleY([0]),
      Plot.ruleX(runs, { x: 'run', fx: 'planted', y1: 'lower', y2: 'upper', stroke: 'verdict' }),
      Plot.dot(runs, { x: 'run', fx: 'planted', y: 'slowdown', fill: 'verdict', r: 3 }),
    ],
  });
}
