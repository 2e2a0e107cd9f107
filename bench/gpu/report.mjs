// Joins what bench/gpu.sh measured into one record and one table:
//
//   node bench/gpu/report.mjs FOLDER RECORD
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { inspect } = createRequire(import.meta.url)('../../dist/index.js');
const [folder, record] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));

const torch = existsSync(join(folder, 'torch.json')) ? read('torch') : undefined;
const runs = ['search-int8', 'search-bfloat16', 'search-float32', 'search-k', 'rank-graphs-1'].map(
  read,
);
const rows = runs.flatMap(({ measurements }) => measurements).map(row);
const graphs = ['search', 'rank'].flatMap(withAndWithoutGraphs);
const { cuda } = inspect();
const { machine, seed } = runs[0];
const result = { machine, gpu: gpu(), cuda, seed, torch, rows, graphs };
writeFileSync(record, `${JSON.stringify(result, undefined, 2)}\n`);
print(rows);
printGraphs(graphs);

function gpu() {
  const query = '--query-gpu=name,driver_version,clocks.max.sm,memory.total,power.limit';
  const [name, driver, clock, memory, power] = execFileSync('nvidia-smi', [
    query,
    '--format=csv,noheader',
  ])
    .toString()
    .split('\n')[0]
    .split(', ');
  return { name, driver, clock, memory, power };
}

/** A measurement beside its floor and its peers. */
function row({ case: name, point, ms }) {
  const { targets, length, dim, dtype, k } = point;
  const stored = name === 'rank' ? 'int8' : dtype;
  const peer = (kind) =>
    torch?.searches.find(
      (one) => one.targets === targets && one.length === length && one.dtype === kind,
    )?.ms;
  return {
    case: name,
    dtype: stored,
    targets,
    length,
    k,
    p50: ms.p50,
    p99: ms.p99,
    floor: floor(stored, targets, length, dim),
    torchFloat32: name === 'search' && k === 50 ? peer('float32') : undefined,
    torchBfloat16: name === 'search' && k === 50 ? peer('bfloat16') : undefined,
  };
}

/** The same shapes as graphs and step by step. */
function withAndWithoutGraphs(name) {
  const [replayed, stepwise] = [1, 0].map((on) => read(`${name}-graphs-${on}`).measurements);
  return replayed.map(({ point: { targets, length }, ms }, at) => ({
    case: name,
    targets,
    length,
    graphs: { p50: ms.p50, p99: ms.p99 },
    stepwise: { p50: stepwise[at].ms.p50, p99: stepwise[at].ms.p99 },
  }));
}

function printGraphs(measured) {
  for (const { case: name, targets, length, graphs: one, stepwise: other } of measured) {
    console.log(
      `${name}, ${targets} targets, ${length} behaviours: p50 ${one.p50.toFixed(4)} ms as a graph, ` +
        `${other.p50.toFixed(4)} ms step by step; p99 ${one.p99.toFixed(4)} and ${other.p99.toFixed(4)} ms`,
    );
  }
}

/** Milliseconds to read the codes once, or to multiply them, whichever is longer. */
function floor(dtype, targets, length, dim) {
  if (torch === undefined) return undefined;
  const { bytesPerSecond, bfloat16PerSecond, int8PerSecond } = torch.peaks;
  const bytes = length * dim * (dtype === 'int8' ? 1 : 2);
  const rate = dtype === 'int8' ? int8PerSecond : bfloat16PerSecond;
  return 1e3 * Math.max(bytes / bytesPerSecond, (2 * targets * length * dim) / rate);
}

function print(measured) {
  const heads = [
    'case',
    'dtype',
    'targets',
    'length',
    'k',
    'p50 ms',
    'p99 ms',
    'floor',
    '× floor',
    'torch fp32',
    'torch bf16',
  ];
  const shown = (number) => (number === undefined || number === null ? '-' : number.toFixed(3));
  const lines = measured.map((one) => [
    one.case,
    one.dtype,
    String(one.targets),
    String(one.length),
    String(one.k),
    shown(one.p50),
    shown(one.p99),
    shown(one.floor),
    one.floor === undefined ? '-' : (one.p50 / one.floor).toFixed(1),
    shown(one.torchFloat32),
    shown(one.torchBfloat16),
  ]);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...lines.map((line) => line[column].length)),
  );
  for (const line of [heads, ...lines]) {
    console.log(line.map((cell, column) => cell.padStart(widths[column])).join('  '));
  }
  console.log(
    'kleio: round trips from JavaScript, warm. PyTorch: device time of a CUDA graph of matmul and topk.',
  );
}
