// Asks what the tests would miss: changes the sources in small ways, one at a time, and sees whether a test fails.
//
//   npm run test:mutation -- typescript [--sample N] [--seed N] [--files TEXT,TEXT] [--again RESULT] [--most N] [--out PATH]
//   npm run test:mutation -- native     (the same options without --most)
//
// typescript: lib is instrumented into .cache/mutation/tree with all its mutants at once, and each is run against
// the test files that reach it. native: the changes of native-mutations.mjs are built one by one in
// .cache/mutation/native. Both need `npm run build` before; the tests of devices also `npm run build:tests`.
// --files keeps the sources whose path holds one of the texts, --sample so many mutants of those, of every
// file its share; --again runs those that survived, or were not covered, in a former result.
// --most runs a mutant against so many test files only, the shortest: quick, and --again then asks the others.
// The result is JSON (.cache/mutation/typescript.json or native.json): for every mutant its file, line, mutation
// and outcome: 'killed' (and by what), 'timed out' (killed too), 'survived' (and what ran) or 'not covered'.
// A survivor is a question, not a failure: some mutants change nothing that a promise speaks of.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { mutateNative } from './native.mjs';
import { mutateTypeScript } from './typescript.mjs';

const passes = { typescript: mutateTypeScript, native: mutateNative };
const OPEN = ['survived', 'not covered'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string' },
    again: { type: 'string' },
    most: { type: 'string' },
    out: { type: 'string' },
  },
});
const [language = 'typescript'] = positionals;
const pass = passes[language];
if (pass === undefined) throw new Error(`give typescript or native; got ${language}`);

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache', 'mutation');
mkdirSync(cache, { recursive: true });
const out = values.out ?? join(cache, `${language}.json`);
const known = [];
const options = {
  ...(values.sample !== undefined && { sample: Number(values.sample) }),
  seed: Number(values.seed),
  ...(values.files !== undefined && { files: values.files.split(',') }),
  ...(values.again !== undefined && { again: openOnes(values.again) }),
  ...(values.most !== undefined && { most: Number(values.most) }),
  each: told,
};

function told(result, index, count) {
  known.push(result);
  const { outcome, file, line, mutation, by = '' } = result;
  console.log(`${index}/${count} ${outcome}: ${file}:${line} ${mutation} ${by}`);
  // What is known so far is kept: a long pass may be stopped.
  writeFileSync(
    out,
    `${JSON.stringify({ language, seed: options.seed, mutants: known }, null, 1)}\n`,
  );
}

const { made, mutants } = await pass(root, cache, options);
writeFileSync(out, `${JSON.stringify({ language, seed: options.seed, made, mutants }, null, 1)}\n`);
const counts = {};
for (const { outcome } of mutants) counts[outcome] = (counts[outcome] ?? 0) + 1;
console.log(`${made} mutants, ${mutants.length} run:`, counts);

function openOnes(path) {
  const { mutants } = JSON.parse(readFileSync(path, 'utf8'));
  return mutants.filter(({ outcome }) => OPEN.includes(outcome));
}
