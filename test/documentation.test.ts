/** Every example of the documentation compiles and runs as it stands. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { newFolder } from './cases/new-files.js';

const run = promisify(execFile);
const root = join(__dirname, '..');

interface Example {
  readonly name: string;
  readonly code: string;
}

const sources = readdirSync(join(root, 'lib'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));
const pages = ['README.md', 'docs/overload.md', 'docs/workers.md'];
const examples = [...sources.flatMap(examplesOfSource), ...pages.flatMap(examplesOfMarkdown)];

/** The code of each `@example`, without the stars of its comment. */
function examplesOfSource(path: string): Example[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/@example\n(.*?)```ts\n(.*?)```/gs)].map(([, , block], index) => ({
    name: `${relative(root, path)}, example ${index + 1}`,
    code: (block as string).replace(/^ *\* ?/gm, ''),
  }));
}

function examplesOfMarkdown(name: string): Example[] {
  const text = readFileSync(join(root, name), 'utf8');
  return [...text.matchAll(/```(?:ts|typescript)\n(.*?)```/gs)].map(([, code], index) => ({
    name: `${name}, block ${index + 1}`,
    code: code as string,
  }));
}

const folder = newFolder('examples');

beforeAll(() => {
  // The examples stand where a user's code would: beside node_modules/kleio.
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', 'kleio'));
  // And beside a trained model.
  symlinkSync(
    join(root, 'test', 'golden', 'muse_a.weights.safetensors'),
    join(folder, 'muse.safetensors'),
  );
  symlinkSync(
    join(root, 'node_modules', '@types', 'node'),
    join(folder, 'node_modules', '@types', 'node'),
  );
});
it('has examples of every class and function', () => {
  const all = examples.map(({ code }) => code).join('\n');
  const names = [
    'EmbeddingTable',
    'History',
    'topK',
    'searchMany',
    'devices',
    'inspect',
    'KleioError',
  ];
  const ranking = ['IndexTree', 'TreeScorer', 'Ranker', 'simTier', 'semanticTargetAttention'];
  for (const name of [...names, ...ranking, 'Auc', 'auc', 'Gauc', 'gauc']) {
    expect(all).toMatch(new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from 'kleio'`));
  }
  expect(examples.some(({ name }) => name.startsWith('README.md'))).toBe(true);
});

it('shows a model served in 15 lines', () => {
  const [served] = examplesOfMarkdown('README.md').filter(({ code }) =>
    code.includes('Ranker.open'),
  );
  expect(served?.code.match(/^.*\S.*$/gm)).toHaveLength(15);
});

it('has examples that type-check', async () => {
  examples.forEach(({ code }, index) => {
    writeFileSync(join(folder, `example-${index}.mts`), code);
  });
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    noEmit: true,
  };
  const settings = { compilerOptions, include: ['*.mts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const outcome = await run(process.execPath, [compiler, '-p', folder]).catch((error) => error);
  expect(outcome.stdout).toBe('');
});

/** Before an example: what it gives a second to may take its time here. */
const PATIENCE = 'data:text/javascript,AbortSignal.timeout = () => new AbortController().signal';

it.each(examples)('$name runs', async ({ name, code }) => {
  const file = `${name.replace(/\W+/g, '-')}.mjs`;
  writeFileSync(join(folder, file), (await transform(code, { loader: 'ts' })).code);
  const words = ['--import', PATIENCE, file];
  const outcome = await run(process.execPath, words, { cwd: folder }).catch((error) => error);
  expect(outcome.code ?? 0, outcome.stderr).toBe(0);
});

it('explains every error code, and no other', () => {
  const codesIn = (path: string) =>
    new Set(readFileSync(join(root, path), 'utf8').match(/ERR_KLEIO_[A-Z_]*[A-Z]/g));
  const thrown = codesIn('lib/support/errors.ts');
  expect(codesIn('docs/errors.md')).toEqual(thrown);
  for (const code of codesIn('native/core/error.cc')) expect(thrown).toContain(code);
});
