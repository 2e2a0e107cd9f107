/** `kleio inspect`. */

import { type CudaReport, type GpuInfo, inspect, type Report } from '../index.js';

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
    ...cudaLines(report.cuda),
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

function cudaLines({ reason, driver, runtime, devices }: CudaReport): string[] {
  const versions = `driver for CUDA ${driver ?? '-'}, binary with CUDA ${runtime ?? '-'}`;
  return [`cuda      ${reason ?? versions}`, ...devices.flatMap(gpuLines)];
}

function gpuLines({ name, model, compute, multiprocessors, memory, usage }: GpuInfo): string[] {
  const described = `  ${name}: ${model}, compute ${compute}, ${multiprocessors} multiprocessors, ${mebibytes(memory)}`;
  if (usage === undefined) return [described];
  const { tableBytes, histories, historyBytes, historyBudgetBytes } = usage;
  return [
    `${described}${usage.lost ? ', LOST' : ''}`,
    `    tables ${mebibytes(tableBytes)}; ${histories} histories in ${mebibytes(historyBytes)} of ${mebibytes(historyBudgetBytes)}`,
    `    histories sent whole ${usage.historiesUploaded}, in part ${usage.historiesUpdated}, evicted ${usage.historiesEvicted}; ` +
      `${usage.cpuSearches} searches on the CPU`,
    `    graphs ${usage.graphs}, made ${usage.graphCaptures}, replayed ${usage.graphReplays} times`,
  ];
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

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
