/** `kleio inspect`. */

import { inspect, type Report } from '../index.js';

/** Prints the report; a missing binary makes the command fail after it. */
export function printReport(asJson: boolean): void {
  const report = inspect();
  process.stdout.write(asJson ? `${JSON.stringify(report, null, 2)}\n` : readable(report));
  if (report.failure !== null) process.exitCode = 1;
}

function readable(report: Report): string {
  const lines = [
    `kleio ${report.version} on Node.js ${report.node} (Node-API ${report.napi}), ${report.platform}-${report.arch}`,
    `binary    ${report.binary ?? 'none'}`,
    `compiler  ${report.compiler ?? '-'}`,
    `isa       ${report.isa ?? '-'} (this machine can run ${report.supportedIsas.join(', ') || '-'})`,
    `threads   ${report.threads}, queue of ${report.queueCapacity}`,
    `cuda      ${report.cuda.reason}`,
    ...environmentLines(report),
    ...counterLines(report),
    'candidates',
    ...report.candidates.map(({ path, origin, state, reason }) => {
      return `  ${state}: ${path} (${origin})${reason === undefined ? '' : `: ${reason}`}`;
    }),
  ];
  if (report.failure !== null) lines.push('', report.failure);
  return `${lines.join('\n')}\n`;
}

function environmentLines({ environment }: Report): string[] {
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return set.length === 0 ? [] : [`variables ${set.join(' ')}`];
}

function counterLines({ counters }: Report): string[] {
  if (counters === null) return [];
  const { searches, targets, canonicalCompactions, fullCanonicalScans } = counters;
  return [
    `searches  ${searches} for ${targets} targets; ${canonicalCompactions} canonical compactions, ` +
      `${fullCanonicalScans} full canonical scans`,
  ];
}
