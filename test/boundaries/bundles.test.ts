/** Bundles of this package load, find a binary that was copied beside them, and say what is missing. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { newFolder } from '../cases/new-files.js';

const root = join(__dirname, '..', '..');
const tuple = `${process.platform}-${process.arch}`;
const folder = newFolder('bundles');
const app = join(folder, 'app');
const installed = join(app, 'node_modules', 'kleio');

const APP = `import { inspect, topK } from 'kleio';
  let found;
  try {
    found = topK(Int8Array.of(0, 1), Int8Array.of(9, 1, 1, 9), { dim: 2, k: 1 }).positions[0];
  } catch ({ message }) {
    found = message;
  }
  console.log(JSON.stringify({ found, binary: inspect().binary }));`;

beforeAll(() => {
  for (const part of ['dist', 'package.json']) {
    cpSync(join(root, part), join(installed, part), { recursive: true });
  }
  cpSync(
    process.env.KLEIO_BINARY ?? join(root, 'build', 'Release', 'kleio.node'),
    join(installed, 'prebuilds', tuple, 'kleio.node'),
  );
  symlinkSync(join(root, 'node_modules', 'esbuild'), join(app, 'node_modules', 'esbuild'));
  writeFileSync(join(app, 'app.mjs'), APP);
});
const node = (file: string, cwd: string): string => {
  const { KLEIO_BINARY: _, ...env } = process.env;
  return String(execFileSync(process.execPath, [file], { cwd, env }));
};

/** A folder of its own, which holds the bundle alone. */
function bundled(format: 'esm' | 'cjs', external: string[] = []): { out: string; file: string } {
  const out = mkdtempSync(join(folder, 'out-'));
  const file = join(out, format === 'esm' ? 'app.mjs' : 'app.cjs');
  const entryPoints = [join(app, 'app.mjs')];
  buildSync({ entryPoints, outfile: file, bundle: true, platform: 'node', format, external });
  return { out, file };
}

it.each([
  ['no stacks', 'Error.stackTraceLimit = 0;'],
  ['stacks of its own', 'Error.prepareStackTrace = () => { throw new Error("none"); };'],
  ['stacks of text', 'Error.prepareStackTrace = () => "nothing";'],
])('a bundle of ES modules finds its folder in a program with %s', (_, change) => {
  const { out } = bundled('esm');
  cpSync(join(installed, 'prebuilds'), join(out, 'prebuilds'), { recursive: true });
  // Started from another folder, in which the binary is not looked for.
  const main = join(mkdtempSync(join(folder, 'main-')), 'main.mjs');
  const shown = '[Error.stackTraceLimit, String(Error.prepareStackTrace)].join()';
  writeFileSync(
    main,
    `${change}
    const before = ${shown};
    await import(${JSON.stringify(join(out, 'app.mjs'))});
    if (${shown} !== before) throw new Error('is not put back');`,
  );
  expect(JSON.parse(node(main, tmpdir())).found).toBe(1);
});

it.each(['esm', 'cjs'] as const)('a bundle (%s) finds the binary beside it', (format) => {
  const { out, file } = bundled(format);
  // The folders of an application, which are not those of this package.
  mkdirSync(join(out, 'prebuilds', 'somebody-else'), { recursive: true });
  writeFileSync(join(out, 'binding.gyp'), '');
  const without = JSON.parse(node(file, tmpdir()));
  expect(without.found).toContain('mark the package "kleio" as external');
  expect(without.found).not.toContain('npm run build');
  cpSync(join(installed, 'prebuilds'), join(out, 'prebuilds'), { recursive: true });
  expect(JSON.parse(node(file, tmpdir()))).toEqual({
    found: 1,
    binary: join(out, 'prebuilds', tuple, 'kleio.node'),
  });
});

it.each(['esm', 'cjs'] as const)(
  'a bundle (%s) that leaves the package outside works',
  (format) => {
    const { out, file } = bundled(format, ['kleio']);
    symlinkSync(join(app, 'node_modules'), join(out, 'node_modules'));
    expect(JSON.parse(node(file, tmpdir())).found).toBe(1);
  },
);

it('is made as docs/bundling.md says', () => {
  const page = readFileSync(join(root, 'docs', 'bundling.md'), 'utf8');
  writeFileSync(join(app, 'build.mjs'), /```js\n(.*?)```/s.exec(page)?.[1] ?? '');
  node(join(app, 'build.mjs'), app);
  const out = join(folder, 'made');
  cpSync(join(app, 'out'), out, { recursive: true });
  expect(JSON.parse(node(join(out, 'app.mjs'), tmpdir())).found).toBe(1);
});
