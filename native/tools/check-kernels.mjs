// Reads what ptxas and the PTX say of the CUDA kernels that `npm run build:cuda` compiled, and of those
// that measure rates where they were compiled, too (--programs), and fails at what must not be there:
//
//   node native/tools/check-kernels.mjs [NAME...]     all kernel files, or those of these names
//
// warnings; spilled registers, stack frames, more registers than a kernel may have; tensor-core code
// that ptxas serialised; instructions that native/cuda/kernels/ptx_expectations.json misses or forbids.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const TARGETS = ['sm_80', 'sm_90a'];
// "wgmma serialized" and "warpgroup.wait injected", in all the ways that ptxas says it.
const SERIALISED = /C75(10|11|17|19)/;
const OBJECTS = 'build-cuda/CMakeFiles/kleio_kernels.dir';
// A rate of a kernel that spills says nothing.
const RATES = ['bench/native/rates/mma_rates.cu', 'bench/native/rates/wgmma_rates.cu'];
const RATE_OBJECTS = 'build-cuda/CMakeFiles/tensor_core_rates.dir';

const { variables } = JSON.parse(readFileSync('native/sources.gypi', 'utf8'));
const asked = process.argv.slice(2);
const isAsked = (path) => asked.length === 0 || asked.includes(basename(path));
const sources = variables.kleio_cuda_sources.filter((path) => path.endsWith('.cu')).filter(isAsked);
const rates = existsSync(RATE_OBJECTS) ? RATES.filter(isAsked) : [];
const expectations = JSON.parse(readFileSync('native/cuda/kernels/ptx_expectations.json', 'utf8'));

const failures = [];
const kernels = [];
for (const source of sources) check(source, OBJECTS);
for (const source of rates) check(source, RATE_OBJECTS);

const compiled = new Set(variables.kleio_cuda_sources.map((path) => basename(path)));
const unknown = Object.keys(expectations).filter((name) => !compiled.has(name));
for (const name of unknown)
  failures.push(`ptx_expectations.json names ${name}, which is not compiled`);
for (const { source, target, name, registers, shared } of kernels) {
  console.log(`${source} ${target} ${name}: ${registers} registers, ${shared} bytes shared`);
}
for (const failure of failures) console.error(`FAILED: ${failure}`);
const files = sources.length + rates.length;
console.log(`${files} files, ${kernels.length} kernels, ${failures.length} failures`);
process.exitCode = failures.length === 0 && kernels.length > 0 ? 0 : 1;

/** Reads the notes of native/tools/nvcc-notes.mjs beside the object. */
function check(source, objects) {
  const folder = join(objects, `${source}.o.notes`);
  const text = join(folder, 'ptxas.txt');
  if (!existsSync(text)) {
    failures.push(`${source} was not compiled; compile it with: npm run build:cuda`);
  } else if (statSync(text).mtimeMs < statSync(source).mtimeMs) {
    failures.push(`${source} is newer than its object; compile it with: npm run build:cuda`);
  } else {
    checkAssembly(source, readFileSync(text, 'utf8'));
    checkInstructions(source, folder);
  }
}

/** What ptxas -v says of each kernel. */
function checkAssembly(source, text) {
  const fail = (what) => failures.push(`${source}: ${what}`);
  if (SERIALISED.test(text)) fail(`ptxas serialised tensor-core code:\n${text}`);
  const budget = expectations[basename(source)]?.registers ?? 255;
  const found = new Set();
  for (const section of text.split(/(?=Compiling entry function)/).slice(1)) {
    const [, mangled, target] = /Compiling entry function '(\S+)' for '(\S+)'/.exec(section) ?? [];
    const name = readableName(mangled ?? '?');
    const [, frame, stores, loads] =
      /(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads/.exec(section) ??
      [];
    const [, registers] = /Used (\d+) registers/.exec(section) ?? [];
    const [, shared = '0'] = /(\d+) bytes smem/.exec(section) ?? [];
    if (registers === undefined || frame === undefined) fail(`ptxas says nothing of ${name}`);
    if (Number(frame) + Number(stores) + Number(loads) > 0) {
      fail(`${name} for ${target}: stack frame ${frame}, spills ${stores} + ${loads} bytes`);
    }
    if (Number(registers) > budget)
      fail(`${name} for ${target}: ${registers} registers, not ${budget}`);
    found.add(target);
    kernels.push({ source: basename(source), target, name, registers, shared });
  }
  for (const target of TARGETS) if (!found.has(target)) fail(`no kernel for ${target}`);
}

function checkInstructions(source, folder) {
  const expected = expectations[basename(source)];
  if (expected === undefined) return;
  const files = readdirSync(folder).filter((name) => name.endsWith('.ptx'));
  if (files.length < TARGETS.length)
    failures.push(`${source}: nvcc kept ${files.length} PTX files`);
  for (const file of files) {
    // Instructions alone: comments and the names of functions may hold anything.
    const instructions = readFileSync(join(folder, file), 'utf8')
      .match(/^\s+[@a-z].*;/gm)
      .join('\n');
    const [, architecture] = /compute_(\w+)\.ptx$/.exec(file) ?? [];
    for (const wanted of [...expected.present, ...(expected.presentFor?.[architecture] ?? [])]) {
      if (!instructions.includes(wanted)) failures.push(`${source}: ${file} lacks ${wanted}`);
    }
    for (const unwanted of expected.absent) {
      if (instructions.includes(unwanted)) failures.push(`${source}: ${file} has ${unwanted}`);
    }
  }
}

/** As people write it, where binutils are installed. */
function readableName(mangled) {
  const { status, stdout } = spawnSync('c++filt', [mangled], { encoding: 'utf8' });
  return status === 0
    ? stdout.trim().replace(/kleio::cuda::|void |\(anonymous namespace\)::/g, '')
    : mangled;
}
