// Joins what bench/gpu.sh found and measured so far into one record and one table:
//
//   node bench/gpu/report.mjs FOLDER RECORD
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { inspect } = createRequire(import.meta.url)('../../dist/index.js');
const [folder, record] = process.argv.slice(2);

const jobs = readdirSync(join(folder, 'jobs')).map((name) => readJson(join('jobs', name)));
const torch = readIfThere('torch');
const searches = ['int8', 'bfloat16', 'float32'].flatMap((dtype) =>
  [10_000, 100_000, 1_000_000].map((length) => `search-${dtype}-${length}`),
);
const runs = [...searches, 'search-k', 'rank-graphs-1']
  .map(readIfThere)
  .filter((run) => run !== undefined);
const kernels = linesOf('kernels');
const rows = runs.flatMap(({ measurements }) => measurements).map(row);
const graphs = ['search', 'rank'].flatMap((name) =>
  compared(name, `${name}-graphs-1`, `${name}-graphs-0`),
);
const launches = compared('search', 'one-launch-8', 'one-launch-0');
const { machine } = runs[0] ?? {};
const { cuda } = inspect();
const attentions = attention();
const measured = { kernels, rows, attentions, graphs, launches };
const result = { machine, gpu: gpu(), cuda, jobs, torch, ...measured };
writeFileSync(record, `${JSON.stringify(result, undefined, 2)}\n`);

printTable(
  ['job', 'outcome', 'seconds', 'seed'],
  jobs.map(({ job, outcome, seconds, seed }) => [job, outcome, String(seconds), seed]),
);
if (rows.length > 0) printRows();
printAttention(attentions);
printComparison('as a graph', 'step by step', graphs);
printComparison('in one launch', 'in two', launches);

function readJson(name) {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

function readIfThere(name) {
  return existsSync(join(folder, `${name}.json`)) ? readJson(`${name}.json`) : undefined;
}

/** One JSON object a line, as native programs print them. */
function linesOf(name) {
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What the driver says of the GPU; null where nvidia-smi does not. */
function gpu() {
  const query = '--query-gpu=name,driver_version,clocks.max.sm,memory.total,power.limit';
  try {
    const answer = execFileSync('nvidia-smi', [query, '--format=csv,noheader'], {
      timeout: 10_000,
    });
    const [name, driver, clock, memory, power] = answer.toString().split('\n')[0].split(', ');
    return { name, driver, clock, memory, power };
  } catch {
    return null;
  }
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

/** What attention, tiers and tower add to a search, beside PyTorch's attention and tiers alone. */
function attention() {
  const found = (name, targets) =>
    rows.find(
      (one) =>
        one.case === name &&
        one.dtype === 'int8' &&
        one.k === 50 &&
        one.targets === targets &&
        one.length === 100_000,
    )?.p50;
  return (torch?.attention ?? []).map(({ targets, eager, compiled }) => ({
    targets,
    added: found('rank', targets) - found('search', targets),
    eager,
    compiled,
  }));
}

/** The same shapes measured in two ways, where both were. */
function compared(name, one, other) {
  const [left, right] = [readIfThere(one), readIfThere(other)];
  if (left === undefined || right === undefined) return [];
  return left.measurements.map(({ point: { targets, length }, ms }, at) => ({
    case: name,
    targets,
    length,
    one: { p50: ms.p50, p99: ms.p99 },
    other: { p50: right.measurements[at].ms.p50, p99: right.measurements[at].ms.p99 },
  }));
}

/** Milliseconds to read the codes once, or to multiply them, whichever is longer. */
function floor(dtype, targets, length, dim) {
  if (torch === undefined) return undefined;
  const { bytesPerSecond, bfloat16PerSecond, int8PerSecond } = torch.peaks;
  const bytes = length * dim * (dtype === 'int8' ? 1 : 2);
  const rate = dtype === 'int8' ? int8PerSecond : bfloat16PerSecond;
  return 1e3 * Math.max(bytes / bytesPerSecond, (2 * targets * length * dim) / rate);
}

function milliseconds(number) {
  return number === undefined || number === null ? '-' : number.toFixed(4);
}

function printRows() {
  const heads = ['case', 'dtype', 'targets', 'length', 'k', 'p50 ms', 'p99 ms'];
  printTable(
    [...heads, 'floor', '× floor', 'torch fp32', 'torch bf16'],
    rows.map((one) => [
      one.case,
      one.dtype,
      String(one.targets),
      String(one.length),
      String(one.k),
      milliseconds(one.p50),
      milliseconds(one.p99),
      milliseconds(one.floor),
      one.floor === undefined ? '-' : (one.p50 / one.floor).toFixed(1),
      milliseconds(one.torchFloat32),
      milliseconds(one.torchBfloat16),
    ]),
  );
  console.log(
    'kleio: round trips from JavaScript, warm. PyTorch: device time of a CUDA graph of matmul and topk.\n',
  );
}

function printAttention(measured) {
  if (measured.length === 0) return;
  const peer = ({ ms, reason }) => (ms === null ? reason : milliseconds(ms));
  printTable(
    ['targets', 'rank - search', 'torch eager', 'torch.compile'],
    measured.map(({ targets, added, eager, compiled }) => [
      String(targets),
      Number.isNaN(added) ? '-' : milliseconds(added),
      peer(eager),
      peer(compiled),
    ]),
  );
  console.log(
    'ms over 100 000 behaviours. kleio: attention, tiers and tower. PyTorch: attention and tiers, float32, CUDA graph.\n',
  );
}

function printComparison(one, other, measured) {
  if (measured.length === 0) return;
  printTable(
    ['case', 'targets', 'length', `p50 ms ${one}`, other, `p99 ms ${one}`, other],
    measured.map((shape) => [
      shape.case,
      String(shape.targets),
      String(shape.length),
      milliseconds(shape.one.p50),
      milliseconds(shape.other.p50),
      milliseconds(shape.one.p99),
      milliseconds(shape.other.p99),
    ]),
  );
}

function printTable(heads, lines) {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...lines.map((line) => line[column].length)),
  );
  for (const line of [heads, ...lines]) {
    console.log(line.map((cell, column) => cell.padStart(widths[column])).join('  '));
  }
  console.log();
}
