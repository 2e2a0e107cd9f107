/** Where the binary is looked for, and what is said where there is none. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from 'kleio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(__dirname, '..', '..');
const tuple = `${process.platform}-${process.arch}`;

/** A package without a binary. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleio-binaries-'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function place(...path: string[]): void {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, 'no binary');
}

function inspected(): Report {
  const { KLEIO_BINARY: _, ...env } = process.env;
  const script = `process.stdout.write(JSON.stringify(require('./dist/index.js').inspect()))`;
  return JSON.parse(String(execFileSync(process.execPath, ['-e', script], { cwd: folder, env })));
}

describe('without a binary', () => {
  it('is a package that lost it', () => {
    const { binary, failure, candidates } = inspected();
    expect(binary).toBeNull();
    expect(failure).toContain('npm install kleio');
    expect(failure).not.toContain('npm run build');
    for (const { path, reason } of candidates) {
      expect(reason).toBe('no such file');
      expect(failure).toContain(`${path}: no such file`);
    }
  });

  it('is a platform for which none was built', () => {
    mkdirSync(join(folder, 'prebuilds'));
    const { failure } = inspected();
    expect(failure).toContain('docs/building.md');
    expect(failure).not.toContain('npm install kleio');
  });

  it('is one that does not load', () => {
    place('build', 'Release', 'kleio.node');
    const { failure, candidates } = inspected();
    expect(failure).toContain('docs/building.md');
    const reasons = candidates.map(({ reason }) => reason === 'no such file');
    expect(reasons).toContain(false);
  });

  it('is a checkout that was not built', () => {
    place('binding.gyp');
    const { failure, candidates } = inspected();
    expect(failure).toContain('npm ci && npm run build');
    expect(candidates.map(({ path }) => path)).toContain(
      join(folder, 'build', 'Debug', 'kleio.node'),
    );
  });
});

it('looks at what was built here, at the package with CUDA, then at the prebuilt', () => {
  place('node_modules', '@kleio', `cuda-${tuple}`, 'kleio.node');
  place('build-cuda', 'Release', 'kleio.node');
  const { candidates } = inspected();
  expect(candidates.map(({ path }) => path)).toEqual([
    join(folder, 'build-cuda', 'Release', 'kleio.node'),
    join(folder, 'build', 'Release', 'kleio.node'),
    join(folder, 'node_modules', '@kleio', `cuda-${tuple}`, 'kleio.node'),
    join(folder, 'prebuilds', tuple, 'kleio.node'),
  ]);
});

/** What a fresh process says of `body`, whose `kleio` is the package without a binary. */
function said(body: string, nodeOptions: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const script = `const kleio = require('./dist/index.js');
    const failed = () => { try { kleio.devices(); } catch ({ code, message }) { return { code, message }; } };
    console.log(JSON.stringify((() => { ${body} })()));`;
  const { KLEIO_BINARY: _, ...given } = process.env;
  const words = [...nodeOptions, '--no-warnings', '-e', script];
  const options = { cwd: folder, env: { ...given, ...env } };
  return JSON.parse(String(execFileSync(process.execPath, words, options)));
}

const built = () =>
  readFileSync(process.env.KLEIO_BINARY ?? join(root, 'build', 'Release', 'kleio.node'));
const prebuilt = () => join(folder, 'prebuilds', tuple, 'kleio.node');

/** The binary with one text in the place of another of the same length. */
function placeChanged(from: string, to: string): void {
  place('prebuilds', tuple, 'kleio.node');
  const bytes = built().toString('latin1').replaceAll(from, to);
  writeFileSync(prebuilt(), Buffer.from(bytes, 'latin1'));
}

describe('advice fits the cause', () => {
  it('where addons are not allowed', () => {
    place('prebuilds', tuple, 'kleio.node');
    const { code, message } = said('return failed();', ['--no-addons']);
    expect(code).toBe('ERR_KLEIO_BINARY');
    expect(message).toContain('without --no-addons');
    expect(message).not.toContain('docs/building.md');
  });

  it('where half of the file is there', () => {
    place('prebuilds', tuple, 'kleio.node');
    writeFileSync(prebuilt(), built().subarray(0, 100_000));
    expect(said('return failed();').message).toContain('npm install kleio');
  });

  it.runIf(process.platform === 'linux')('where a library of the system is missing', () => {
    placeChanged('libgcc_s.so.1', 'libgcc_s.so.X');
    expect(said('return failed();').message).toContain('install the C++ runtime library');
  });
});

/** What a process whose KLEIO_BINARY names it says, if it is not killed. */
const forcedTo = (KLEIO_BINARY: string) =>
  said('return failed() ?? "loaded";', [], { KLEIO_BINARY });

describe.runIf(process.platform === 'linux')('KLEIO_BINARY', () => {
  const other = process.arch === 'arm64' ? 'x64' : 'arm64';
  const machine = process.arch === 'arm64' ? 62 : 183;

  it.each<[string, (bytes: Buffer) => Buffer, string, string]>([
    ['nothing', () => Buffer.alloc(0), 'it is empty', 'the file is damaged'],
    [
      'zeros in its second half',
      (all) => all.fill(0, all.length >> 1),
      'is damaged',
      'the file is damaged',
    ],
    [
      'zeros in blocks of its code',
      (all) => all.fill(0, 0x40000, 0x48000),
      'it holds zeros from byte 262144',
      'the file is damaged',
    ],
    [
      'the code of another processor',
      (all) => Buffer.from(all.fill(machine, 18, 19)),
      `is for ${other}; this Node.js is ${process.arch}`,
      'another processor',
    ],
  ])('may hold %s', (_, change, reason, advice) => {
    place('bad.node');
    writeFileSync(join(folder, 'bad.node'), change(built()));
    const { code, message } = forcedTo(join(folder, 'bad.node'));
    expect(code).toBe('ERR_KLEIO_BINARY');
    expect(message).toContain(reason);
    expect(message).toContain(advice);
    expect(message).toContain('unset KLEIO_BINARY');
  });

  it('may name a pipe, a folder or a device', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const [path, kind] of [
      [join(folder, 'pipe'), 'a pipe'],
      [folder, 'a directory'],
      ['/dev/zero', 'a device'],
    ] as const) {
      const { code, message } = forcedTo(path);
      expect(code).toBe('ERR_KLEIO_BINARY');
      expect(message).toContain(`${path}: is ${kind}, not a regular file`);
    }
  });

  it('is a name in the working directory where it has no folder', () => {
    writeFileSync(join(folder, 'mine.node'), built());
    expect(forcedTo('mine.node')).toBe('loaded');
  });
});

it('forgets a failure whose cause has passed', () => {
  place('prebuilds', tuple, 'kleio.node');
  const body = `
    const first = failed().code;
    require('node:fs').copyFileSync(process.env.GOOD, ${JSON.stringify(prebuilt())});
    process.env.KLEIO_THREADS = 'many';
    const second = failed().code;
    process.env.KLEIO_THREADS = '1';
    return [first, second, kleio.devices().length > 0];`;
  const GOOD = process.env.KLEIO_BINARY ?? join(root, 'build', 'Release', 'kleio.node');
  expect(said(body, [], { GOOD })).toEqual(['ERR_KLEIO_BINARY', 'ERR_KLEIO_RANGE', true]);
});

it('says where it looked for the package with CUDA, which it declares in its own version', () => {
  const paths = inspected().candidates.map(({ path }) => path);
  expect(paths).toContain(`@kleio/cuda-${tuple}/kleio.node`);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(manifest.peerDependencies).toEqual({ '@kleio/cuda-linux-x64': manifest.version });
  expect(manifest.peerDependenciesMeta['@kleio/cuda-linux-x64']).toEqual({ optional: true });
});
