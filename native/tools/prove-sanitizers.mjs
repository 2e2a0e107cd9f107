// Proves that each sanitizer step tests what it says: plants a fault in the code that the step claims to
// cover, runs the step as .ci/run does, and fails unless the step fails with a report of that very fault.
//
//   node native/tools/prove-sanitizers.mjs [MODE...]      modes of native/sanitize.sh; by default all
//
// Needs `npm run build` before. Everything happens in a copy, .cache/sanitizers, which keeps what it has
// compiled; what was planted is taken out again before the next fault.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const COPY = resolve('.cache/sanitizers');

const OVERFLOW = {
  name: 'heap overflow',
  statement: '{ int* volatile planted = new int[4]; planted[4] = 1; delete[] planted; }',
  report: /heap-buffer-overflow/,
};
const RACE = {
  name: 'data race',
  statement: '{ static int planted = 0; planted = planted + 1; }',
  report: /data race/,
};

/** Functions, by the line that begins their body. */
const HISTORY = ['native/core/history.cc', 'HistorySnapshot& History::writable() {'];
const SEARCH = ['native/cpu/search/gsu_search.cc', 'void GsuSearch::run(ThreadPool& pool) {'];
const ADDON = ['native/addon/history_handle.cc', 'napi_value append(const Call& call) {'];
const DEVICE_REQUEST = [
  'native/cuda/request/search_batch.cc',
  'void SearchBatch::write(UploadBlock& inputs, ThreadPool& pool) {',
];
const DEVICE_KERNEL = ['native/cuda/kernels/select.cuh', 'KLEIO_KERNEL_CODE std::uint32_t run() {'];

const PLANTS = [
  ['stress-asan', HISTORY, OVERFLOW],
  ['stress-asan', SEARCH, OVERFLOW],
  ['stress-asan', DEVICE_REQUEST, OVERFLOW],
  ['kernels-asan', DEVICE_KERNEL, OVERFLOW],
  ['asan', ADDON, OVERFLOW],
  ['asan', SEARCH, OVERFLOW],
  ['device-asan', DEVICE_REQUEST, OVERFLOW],
  ['device-asan', DEVICE_KERNEL, OVERFLOW],
  ['stress-tsan', SEARCH, RACE],
  ['stress-tsan', DEVICE_REQUEST, RACE],
  ['tsan', SEARCH, RACE],
  ['device-tsan', DEVICE_REQUEST, RACE],
];

const asked = process.argv.slice(2);
copyTree();
let missed = 0;
for (const [mode, [file, head], fault] of PLANTS) {
  if (asked.length > 0 && !asked.includes(mode)) continue;
  const caught = plantAndRun(mode, file, head, fault);
  console.log(`${mode}: ${fault.name} in ${file}: ${caught ? 'caught' : 'NOT CAUGHT'}`);
  if (!caught) missed += 1;
}
process.exitCode = missed === 0 ? 0 : 1;

/** Writes only what differs: what the copy has compiled before stays up to date. */
function copyTree() {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const path of listed.split('\n')) {
    if (path === '' || !existsSync(path)) continue;
    const [from, to] = [readFileSync(path), join(COPY, path)];
    if (existsSync(to) && readFileSync(to).equals(from)) continue;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(path, to);
  }
  cpSync('dist', join(COPY, 'dist'), { recursive: true });
  if (!existsSync(join(COPY, 'node_modules')))
    symlinkSync(resolve('node_modules'), join(COPY, 'node_modules'));
}

/** Whether the step fails, and by a report that names the fault, and the file with a line of it. */
function plantAndRun(mode, file, head, { statement, report }) {
  const path = join(COPY, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(head).length !== 2) throw new Error(`${file} has not one '${head}'`);
  writeFileSync(path, source.replace(head, `${head}\n${statement}`));
  try {
    const { status, stdout, stderr } = spawnSync('native/sanitize.sh', [mode], {
      cwd: COPY,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    const said = stdout + stderr;
    const caught = status !== 0 && report.test(said) && said.includes(`${file}:`);
    if (!caught) console.log(`status ${status}\n${said.slice(-4000)}`);
    return caught;
  } finally {
    writeFileSync(path, source);
  }
}
