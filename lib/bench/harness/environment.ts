/** What a result must say about where it came from. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

import type { Machine } from './results.js';

/** `folder`: of the package; the commit is that of the repository around it, if there is one. */
export function machineOf(folder: string): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    commit: commitOf(folder),
    node: process.version,
    platform: `${process.platform}-${process.arch} ${release()}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadavg().map((load) => Number(load.toFixed(2))),
  };
}

function commitOf(folder: string): string {
  // A tree that was packed for another machine.
  const packed = join(folder, '.commit');
  if (existsSync(packed)) return readFileSync(packed, 'utf8').trim();
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    // A package installed below somebody's repository has no commit of its own.
    if (git('ls-files', 'lib/index.ts') === '') return 'released';
    const changed = git('status', '--porcelain', 'lib', 'native') !== '';
    return git('rev-parse', 'HEAD') + (changed ? ' with changes' : '');
  } catch {
    return 'unknown';
  }
}
