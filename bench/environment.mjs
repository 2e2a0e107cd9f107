// What a result must say about where it came from.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

export function environment() {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    platform: `${process.platform}-${process.arch} ${release()}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadavg().map((load) => Number(load.toFixed(2))),
  };
}

function commit() {
  const git = (...words) =>
    execFileSync('git', words, { cwd: import.meta.dirname })
      .toString()
      .trim();
  try {
    return (
      git('rev-parse', 'HEAD') +
      (git('status', '--porcelain', '../lib', '../native') ? ' with changes' : '')
    );
  } catch {
    return 'unknown';
  }
}
