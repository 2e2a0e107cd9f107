/** A comparison for people at a terminal. */

import { columns, short, whole } from '../../lib/text/text-table.js';
import type { ComparedRow, Comparison } from './comparison-record.js';

export function readableComparison(comparison: Comparison): string {
  const { kind, length, dim, k, threads, isa, seed, results, absent } = comparison;
  const what = kind === 'search' ? `search, ${dim} dimensions` : 'whole ranker';
  return [
    `${what}, ${whole(length)} behaviours, k ${k}, ${threads} threads, ${isa}, seed ${seed}`,
    ...results.flatMap(({ targets, rounds, rows }) => [
      '',
      `${whole(targets)} ${kind === 'search' ? 'targets' : 'candidates'}, ${rounds} rounds:`,
      ...columns([
        ['', 'ms', 'quartiles', 'of kleio int8', 'answers'],
        ...rows.map((row) => lineOf(row, rows)),
      ]),
    ]),
    ...absent.map(({ peer, reason }) => `absent: ${peer}: ${reason}`),
    '',
    '',
  ].join('\n');
}

function lineOf(row: ComparedRow, rows: readonly ComparedRow[]): string[] {
  const { name, ms, refused, scaledFrom, recall } = row;
  if (ms === undefined) return [name, '-', '-', '-', `REFUSED: ${refused}`];
  const own = rows.find((other) => other.name === 'kleio int8')?.speedupOver?.[name];
  const scaled = scaledFrom === undefined ? '' : `, from ${scaledFrom} targets`;
  const answers = recall === undefined ? 'exact' : `recall ${recall.toFixed(3)}`;
  return [
    name,
    short(ms.median),
    `${short(ms.lower)}–${short(ms.upper)}`,
    own === undefined ? '' : `${short(own.median)}×`,
    answers + scaled,
  ];
}
