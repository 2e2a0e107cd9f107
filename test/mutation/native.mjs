// Mutants of the native search: each is built in a copy of the sources, and the tests of results are run against
// its binary until one fails.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { ISAS_OF, NATIVE_MUTATIONS, TESTS_OF } from './native-mutations.mjs';
import { Runner } from './runner.mjs';
import { sampled } from './sampled.mjs';

/** What tests the search's results, the shortest first. */
const TESTS = [
  'test/canonical-score.test.ts',
  'test/golden.test.ts',
  'test/determinism.test.ts',
  'test/exactness.test.ts',
  'test/history-build.test.ts',
  'test/boundaries/searches.test.ts',
];
const LIMIT_MS = 180_000;

export async function mutateNative(root, cache, options) {
  const copy = join(cache, 'native');
  prepare(root, copy);
  const made = mutationsOf(root);
  const runner = new Runner(root, cache, { KLEIO_BINARY: join(copy, 'build/Release/kleio.node') });
  const results = [];
  try {
    await runner.paths();
    const chosen = sampled(made, options);
    for (const { text, ...mutant } of chosen) {
      const path = join(copy, mutant.file);
      const original = readFileSync(path, 'utf8');
      writeFileSync(path, text);
      const result = { ...mutant, ...(await outcomeOf(runner, copy, mutant.file)) };
      writeFileSync(path, original);
      results.push(result);
      options.each(result, results.length, chosen.length);
    }
  } finally {
    await runner.close();
  }
  return { made: made.length, mutants: results };
}

/** With the times of a build that is there, so that only what a mutant touches is compiled. */
function prepare(root, copy) {
  mkdirSync(copy, { recursive: true });
  const isFirst = !existsSync(join(copy, 'build'));
  const names = isFirst ? ['native', 'build', 'binding.gyp', 'package.json'] : ['native'];
  for (const name of names) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      preserveTimestamps: isFirst,
      // A mutant that a stopped run left behind has to be compiled away: what differs is newer.
      filter: (from, to) => isFirst || statSync(from).isDirectory() || !sameBytes(from, to),
    });
  }
  if (!existsSync(join(copy, 'node_modules'))) {
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  }
  // Node's build folder names places relative to itself: made anew it says them for the copy.
  if (isFirst) execFileSync(process.execPath, ['native/tools/build-native.mjs'], { cwd: copy });
  if (!built(copy)) throw new Error('the sources do not build without a mutant');
}

function sameBytes(from, to) {
  return existsSync(to) && readFileSync(from).equals(readFileSync(to));
}

function built(copy) {
  const jobs = `-j${process.env.npm_config_jobs ?? 1}`;
  try {
    execFileSync('make', ['-C', 'build', 'BUILDTYPE=Release', '-s', jobs], {
      cwd: copy,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return true;
  } catch {
    return false;
  }
}

/** Every change, with the line that it stands on. A text that its file does not hold once is an error. */
export function mutationsOf(root) {
  return Object.entries(NATIVE_MUTATIONS).flatMap(([file, changes]) => {
    const source = readFileSync(join(root, file), 'utf8');
    return changes.map(([from, to]) => {
      const parts = source.split(from);
      if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times: ${from}`);
      const lines = parts[0].split('\n');
      const place = { line: lines.length, column: lines.at(-1).length + 1 };
      return { file, ...place, mutation: `${from.trim()} -> ${to.trim()}`, text: parts.join(to) };
    });
  });
}

async function outcomeOf(runner, copy, file) {
  if (!built(copy)) return { outcome: 'killed', by: 'the compiler' };
  const ran = [];
  for (const [path, isa] of runsFor(file)) {
    const { failure, timedOut } = await runner.run(path, {}, LIMIT_MS, isa);
    const run = isa === undefined ? path : `${path} (${isa})`;
    if (timedOut) return { outcome: 'timed out', by: run };
    if (failure !== undefined) return { outcome: 'killed', by: `${run}: ${failure}` };
    ran.push(run);
  }
  return { outcome: 'survived', by: ran.join(', ') };
}

/** The portable kernels last: they are so slow that threads share a search even where processors are few. */
function runsFor(file) {
  if (file in TESTS_OF) return TESTS_OF[file].map((path) => [path]);
  const isas = ISAS_OF[file];
  if (isas !== undefined) return isas.flatMap((isa) => TESTS.map((path) => [path, isa]));
  return [...TESTS.map((path) => [path]), ...TESTS.slice(2, 4).map((path) => [path, 'scalar'])];
}
