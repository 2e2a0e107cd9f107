// Mutants of lib, all in one build: each is run against the test files that reach it, the shortest first,
// until one fails.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { instrumentedTree } from './instrumented-tree.mjs';
import { Runner } from './runner.mjs';
import { sampled } from './sampled.mjs';

/** Of one test file without a mutant. */
const MAX_MS = 180_000;

export async function mutateTypeScript(root, cache, options) {
  const tree = join(cache, 'tree');
  const made = await instrumentedTree(root, tree);
  const runner = new Runner(tree, cache);
  try {
    const reach = await reaches(runner, tree, made, join(cache, 'reach.json'));
    const results = [];
    const chosen = sampled(made, options);
    for (const mutant of chosen) {
      const result = { ...mutant, ...(await outcomeOf(runner, mutant.id, reach, options.most)) };
      results.push(result);
      options.each(result, results.length, chosen.length);
    }
    return { made: made.length, mutants: results };
  } finally {
    await runner.close();
  }
}

async function outcomeOf(runner, active, reach, most) {
  const files = reach
    .filter(({ mutants }) => mutants.includes(active))
    .sort((left, right) => left.elapsedMs - right.elapsedMs)
    .slice(0, most);
  if (files.length === 0) return { outcome: 'not covered' };
  for (const { path, elapsedMs } of files) {
    const { failure, timedOut } = await runner.run(path, { active }, 60_000 + 6 * elapsedMs);
    if (timedOut) return { outcome: 'timed out', by: path };
    if (failure !== undefined) return { outcome: 'killed', by: `${path}: ${failure}` };
  }
  return { outcome: 'survived', by: files.map(({ path }) => path).join(' ') };
}

/** Which mutants each test file reaches; of an unchanged one as it was last time. */
async function reaches(runner, tree, made, cachePath) {
  const known = existsSync(cachePath) ? JSON.parse(readFileSync(cachePath, 'utf8')) : {};
  const library = JSON.stringify(made);
  const reach = [];
  for (const path of await runner.paths()) {
    const key = digest(library, join(tree, path));
    // What was left out is asked again: the machine may have been busy.
    if (known[path]?.key !== key || known[path].leftOut !== undefined) {
      known[path] = { key, ...(await reachOf(runner, path, join(tree, 'reached.txt'))) };
      writeFileSync(cachePath, JSON.stringify(known));
      const { mutants, leftOut } = known[path];
      console.log(`${path} ${leftOut ? `is left out: ${leftOut}` : `reaches ${mutants.length}`}`);
    }
    if (known[path].mutants !== undefined) reach.push({ path, ...known[path] });
  }
  return reach;
}

async function reachOf(runner, path, coverage) {
  rmSync(coverage, { force: true });
  const { failure, timedOut, elapsedMs } = await runner.run(path, { coverage }, MAX_MS);
  // Slower by the switches, and on a busy machine: a test that asks for haste says nothing of a mutant.
  if (timedOut || failure !== undefined) return { elapsedMs, leftOut: failure ?? 'too slow' };
  const reached = existsSync(coverage) ? readFileSync(coverage, 'utf8').split('\n') : [];
  return { mutants: [...new Set(reached)].filter(Boolean), elapsedMs };
}

/** Of files, or of texts that are no file. */
function digest(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(existsSync(part) ? readFileSync(part) : part);
  return hash.digest('hex');
}
