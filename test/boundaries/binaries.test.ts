/** Where the binary is looked for, and what is said where there is none. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
