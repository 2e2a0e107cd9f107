/** Versions of the package, built beside each other under .cache/gate. */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');
const BUILDS = join(ROOT, '.cache', 'gate');
const BUILT = '.built';

export type Say = (line: string) => void;

export function commitOf(reference: string): string {
  const words = ['rev-parse', '--verify', '--end-of-options', `${reference}^{commit}`];
  return execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim();
}

/** The folder of a commit's build; built if it is not there. */
export function buildOf(reference: string, say: Say): string {
  const commit = commitOf(reference);
  const folder = join(BUILDS, commit);
  if (existsSync(join(folder, BUILT))) return folder;
  say(`building ${commit.slice(0, 10)} in ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  npmRun('build', folder);
  writeFileSync(join(folder, BUILT), '');
  return folder;
}

/** A copy of a build with its native sources changed. */
export function changedBuild(
  from: string,
  name: string,
  change: (folder: string) => void,
  say: Say,
): string {
  const folder = `${from}-${name}`;
  say(`building ${name} in ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  cpSync(from, folder, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  rmSync(join(folder, BUILT));
  change(folder);
  npmRun('build:native', folder);
  return folder;
}

/** The working tree, compiled as it stands. */
export function workingTree(say: Say): string {
  say('building the working tree');
  npmRun('build', ROOT);
  return ROOT;
}

function npmRun(script: string, folder: string): void {
  execFileSync('npm', ['run', '--silent', script], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
