/** The gate's decisions for people at a terminal. */

import { columns, short } from '../../lib/text/text-table.js';
import type { GateReport } from './compare.js';

export const percent = (share: number): string =>
  `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(1)} %`;

export function readableGate(
  { decisions, skipped, seconds }: GateReport,
  threshold: number,
): string {
  const slower = decisions.filter(({ verdict }) => verdict === 'slower');
  return [
    ...columns([
      ['', 'base ms', 'head', '95 % interval', 'pairs', ''],
      ...decisions.map(({ name, baseMs, slowdown, lower, upper, pairs, verdict }) => [
        name,
        short(baseMs),
        percent(slowdown),
        `${percent(lower)} to ${percent(upper)}`,
        String(pairs),
        verdict,
      ]),
    ]),
    ...skipped.map(({ name, reason }) => `  ${name}: not compared: ${reason}`),
    '',
    ...slower.map(
      ({ name, slowdown, lower }) =>
        `SLOWER: ${name} takes ${percent(slowdown)}, at least ${percent(lower)} with 97.5 % confidence`,
    ),
    slower.length === 0
      ? `No case is shown to be more than ${(100 * threshold).toFixed(1)} % slower (${seconds.toFixed(0)} s).`
      : `${slower.length} of ${decisions.length} cases are more than ${(100 * threshold).toFixed(1)} % slower (${seconds.toFixed(0)} s).`,
    '',
  ].join('\n');
}
