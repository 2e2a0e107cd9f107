// The script of the page that `kleio tree report` writes: draws what stands in #report.
import * as Plot from '@observablehq/plot';

const report = JSON.parse(document.getElementById('report').textContent);
const width = 900;

function draw(id, options) {
  document.getElementById(id).append(Plot.plot({ width, height: 300, marginLeft: 60, ...options }));
}

const level = { label: 'level', tickFormat: 'd' };
const { levels } = report.quality;

draw('balance', {
  x: level,
  y: { type: 'log', label: 'items below a node', grid: true },
  marks: [
    Plot.areaY(levels, {
      x: 'level',
      y1: 'smallest',
      y2: 'largest',
      fill: 'currentColor',
      opacity: 0.2,
    }),
    Plot.lineY(levels, { x: 'level', y: 'largest', tip: true }),
    Plot.lineY(levels, { x: 'level', y: 'smallest', strokeDasharray: '4 3' }),
  ],
});

draw('nodes', {
  x: level,
  y: { label: 'nodes', grid: true },
  color: { domain: ['inner', 'leaves'], range: ['#4e79a7', '#59a14f'], legend: true },
  marks: [
    Plot.rectY(
      levels.flatMap(({ level: of, nodes, leaves }) => [
        { level: of, kind: 'inner', count: nodes - leaves },
        { level: of, kind: 'leaves', count: leaves },
      ]),
      { x: 'level', interval: 1, y: 'count', fill: 'kind', tip: true },
    ),
  ],
});

draw('similarity', {
  x: level,
  y: { label: 'mean cosine of an item with its node', grid: true, zero: true },
  marks: [
    Plot.lineY(levels, { x: 'level', y: 'similarity', tip: true }),
    Plot.dot(levels, { x: 'level', y: 'similarity', fill: 'currentColor', r: 2.5 }),
  ],
});

if (report.recall) {
  const byLevel = report.recall.levels.map((recall, of) => ({ level: of, recall }));
  draw('recall', {
    x: level,
    y: { label: 'share of the truth held', grid: true, domain: [0, 1] },
    marks: [
      Plot.lineY(byLevel, { x: 'level', y: 'recall', tip: true }),
      Plot.dot(byLevel, { x: 'level', y: 'recall', fill: 'currentColor', r: 2.5 }),
    ],
  });
}
