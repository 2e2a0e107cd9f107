// A copy of the repository whose lib holds every mutant at once, each behind a switch.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { Instrumenter } from '@stryker-mutator/instrumenter';
import { buildSync } from 'esbuild';

const COPIED = /^(lib|test|bench|[^/]+\.(json|ts|mjs|md)$)/;
const LINKED = ['node_modules', 'build', 'native', 'docs'];
const quiet = { debug() {}, info() {}, warn: console.warn, isDebugEnabled: () => false };

/** The mutants, in the order of files and places. Texts are no behaviour: strings are not mutated. */
export async function instrumentedTree(root, tree) {
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  const listing = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', listing, { cwd: root, encoding: 'utf8' }).split('\n');
  for (const path of listed) {
    if (COPIED.test(path)) cpSync(join(root, path), join(tree, path));
  }
  for (const folder of LINKED) symlinkSync(join(root, folder), join(tree, folder));
  const mutants = await instrument(tree);
  cpSync(join(root, 'dist'), join(tree, 'dist'), { recursive: true });
  buildSync({
    entryPoints: readdirSync(join(tree, 'lib'), { recursive: true })
      .filter((name) => name.endsWith('.ts') && existsSync(join(tree, 'dist', asJs(name))))
      .map((name) => join(tree, 'lib', name)),
    outbase: join(tree, 'lib'),
    outdir: join(tree, 'dist'),
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: tree, stdio: 'inherit' });
  return mutants;
}

const asJs = (name) => name.replace(/\.ts$/, '.js');

async function instrument(tree) {
  const paths = readdirSync(join(tree, 'lib'), { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => `lib/${name}`)
    .sort();
  const files = paths.map((path) => ({
    name: join(tree, path),
    mutate: true,
    content: readFileSync(join(tree, path), 'utf8'),
  }));
  const options = { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [] };
  const result = await new Instrumenter(quiet).instrument(files, options);
  for (const { name, content } of result.files) writeFileSync(name, content);
  const placed = result.mutants.filter(({ status }) => status !== 'Ignored');
  return placed.map(({ id, fileName, location, mutatorName, replacement }) => ({
    id,
    file: fileName.slice(tree.length + 1),
    line: location.start.line + 1,
    column: location.start.column + 1,
    mutation: `${mutatorName}: ${replacement.replace(/\s+/g, ' ').slice(0, 120)}`,
  }));
}
