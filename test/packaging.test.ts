/**
 * The published shape: what the tarball holds, and that it works in an empty folder without install
 * scripts, by require and import: on the Node.js at hand with the binary that was built for the tests, and
 * in the exhaustive extent with the one that is published, on every supported version of Node.js.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { exhaustive } from './cases/extent.js';
import { newFolder } from './cases/new-files.js';
import { CUDA_BUILD, describeWhere } from './cases/waiting.js';

const run = promisify(execFile);
const root = join(__dirname, '..');
const tuple = `${process.platform}-${process.arch}`;
/** A run that was given a binary packs no other. */
const isOurs = !process.env.KLEIO_BINARY;
const OWN_BINARY = 'a run without KLEIO_BINARY';

const folder = newFolder('packaging');
const staging = join(folder, 'staging');
const consumer = join(folder, 'consumer');
let packed: { filename: string; files: { path: string; size: number }[]; unpackedSize: number };

const npm = (words: readonly string[], cwd: string) =>
  run('npm', [...words, '--no-audit', '--no-fund', '--no-update-notifier'], {
    cwd,
    maxBuffer: 2 ** 26,
  });

/** What `npm run prebuild` makes, or has made of these sources in the folder given. */
async function prebuild(made: string | undefined): Promise<void> {
  const prebuilds = join(staging, 'prebuilds');
  if (made) cpSync(made, prebuilds, { recursive: true });
  else if (exhaustive) await npm(['run', 'prebuild'], staging);
  else {
    cpSync(join(root, 'build', 'Release', 'kleio.node'), join(prebuilds, tuple, 'kleio.node'));
  }
}

/** Packs a copy: building prebuilt binaries cleans build/, which other tests are running from. */
beforeAll(async () => {
  const { stdout } = await run('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root });
  for (const path of stdout.split('\n').filter((path) => path && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(staging, path)), { recursive: true });
    cpSync(join(root, path), join(staging, path));
  }
  cpSync(join(root, 'dist'), join(staging, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(staging, 'node_modules'));
  await prebuild(process.env.KLEIO_TEST_PREBUILDS);
  const packing = await npm(['pack', '--json', '--pack-destination', folder], staging);
  [packed] = JSON.parse(packing.stdout);
  mkdirSync(consumer);
  await npm(['init', '-y'], consumer);
  await npm(['install', '--ignore-scripts', '--offline', join(folder, packed.filename)], consumer);
  cpSync(join(__dirname, 'programs', 'installed-package.mjs'), join(consumer, 'check.mjs'));
});
describeWhere(isOurs, OWN_BINARY)('the tarball', () => {
  const paths = () => packed.files.map(({ path }) => path);

  it('holds what users need', () => {
    expect(paths()).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'dist/index.js',
        'dist/index.mjs',
        'dist/index.d.ts',
        'dist/index.d.mts',
        'dist/cli.js',
        'dist/THIRD_PARTY_LICENSES.txt',
        `prebuilds/${tuple}/kleio.node`,
      ]),
    );
  });

  it('holds nothing that npm would build or that is not for users', () => {
    const allowed =
      /^(dist|prebuilds|native|docs)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    expect(paths().filter((path) => !allowed.test(path))).toEqual([]);
    expect(paths().filter((path) => /\.gypi?$|^build\/|\.tsbuildinfo$|\.log$/.test(path))).toEqual(
      [],
    );
  });

  it('holds one binary in a folder: a loader takes the first by name', () => {
    const binaries = paths().filter((path) => path.endsWith('.node'));
    expect(new Set(binaries.map((path) => dirname(path))).size).toBe(binaries.length);
  });

  it('holds a binary without assertions, which would end a process', () => {
    const binary = readFileSync(
      join(consumer, 'node_modules', 'kleio', 'prebuilds', tuple, 'kleio.node'),
    );
    expect(binary.includes('napi_register_module')).toBe(true);
    expect(binary.includes('__assert')).toBe(false);
  });

  it('has no install scripts and no dependencies', () => {
    const manifest = JSON.parse(
      readFileSync(join(consumer, 'node_modules', 'kleio', 'package.json'), 'utf8'),
    );
    const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => lifecycle.includes(name))).toEqual(
      [],
    );
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.optionalDependencies ?? {}).toEqual({});
  });

  it('stays small', () => {
    expect(packed.unpackedSize).toBeLessThan(5 * 2 ** 20);
  });
});

describeWhere(isOurs, OWN_BINARY)('installed in an empty folder without scripts', () => {
  /** A Node.js of that major version, from the npm package that carries its binary. */
  async function nodeOf(major: number): Promise<string> {
    if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
    const cache = join(root, '.cache', `node-${major}`);
    const binary = join(cache, 'node_modules', `node-${tuple}`, 'bin', 'node');
    if (!existsSync(binary)) {
      mkdirSync(cache, { recursive: true });
      await npm(['init', '-y'], cache);
      await npm(['install', '--ignore-scripts', `node-${tuple}@${major}`], cache);
    }
    return binary;
  }

  async function expectToWork(major: number): Promise<void> {
    const { stdout } = await run(await nodeOf(major), ['check.mjs'], { cwd: consumer });
    const report = JSON.parse(stdout);
    expect(report.node.startsWith(`${major}.`)).toBe(true);
    expect(report.same).toEqual(report.names);
    expect(report.names).toEqual(
      expect.arrayContaining([
        'EmbeddingTable',
        'History',
        'KleioError',
        'devices',
        'inspect',
        'topK',
      ]),
    );
    expect(report.positions).toEqual([3, 0, 2]);
    expect(report.halves).toEqual(major >= 24 ? [1, 2, -1] : null);
    expect(report.binary).toContain(`${sep}prebuilds${sep}${tuple}${sep}`);
  }

  it('works on the Node.js at hand', () =>
    expectToWork(Number.parseInt(process.versions.node, 10)));

  it.runIf(exhaustive).each([20, 22, 24, 26])('works on Node.js %i', expectToWork);

  it('runs the command line', async () => {
    const cli = join(consumer, 'node_modules', '.bin', 'kleio');
    const { stdout } = await run(process.execPath, [cli, 'inspect', '--json'], { cwd: consumer });
    expect(JSON.parse(stdout).binary).toContain(tuple);
  });
});

const cudaBinary = join(root, 'build-cuda', 'Release', 'kleio.node');

describeWhere(isOurs && existsSync(cudaBinary), isOurs ? CUDA_BUILD : OWN_BINARY)(
  `with @kleio/cuda-${tuple} beside it`,
  () => {
    let tarball: { filename: string; files: { path: string }[]; unpackedSize: number };

    beforeAll(async () => {
      const { stdout } = await run(process.execPath, ['native/tools/pack-cuda.mjs', folder], {
        cwd: root,
      });
      [tarball] = JSON.parse(stdout);
      await npm(
        ['install', '--ignore-scripts', '--offline', join(folder, tarball.filename)],
        consumer,
      );
    });

    it('is a binary, its licences and nothing else', () => {
      expect(tarball.files.map(({ path }) => path).sort()).toEqual([
        'LICENSE',
        'README.md',
        'THIRD_PARTY_LICENSES.txt',
        'kleio.node',
        'package.json',
      ]);
      expect(tarball.unpackedSize).toBeLessThan(12 * 2 ** 20);
    });

    it('is found at run time, and says what it makes of this machine', async () => {
      const cli = join(consumer, 'node_modules', '.bin', 'kleio');
      const { stdout } = await run(process.execPath, [cli, 'inspect', '--json'], { cwd: consumer });
      const { binary, cuda } = JSON.parse(stdout);
      expect(binary).toContain(join('@kleio', `cuda-${tuple}`, 'kleio.node'));
      expect(cuda.runtime).toMatch(/^\d+\.\d+$/);
      expect(cuda.available || cuda.reason.length > 0).toBe(true);
    });

    it('answers like the one it stands before', async () => {
      const { stdout } = await run(process.execPath, ['check.mjs'], { cwd: consumer });
      expect(JSON.parse(stdout)).toMatchObject({ positions: [3, 0, 2] });
    });
  },
);
