// Formats the C++ sources, or with --check fails where they are not formatted.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const sources = readdirSync('native', { recursive: true })
  .filter((path) => /\.(h|cc|cu|cuh)$/.test(path))
  .map((path) => join('native', path));
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i'];
const { status, error } = spawnSync('clang-format', [...mode, ...sources], { stdio: 'inherit' });
if (error?.code === 'ENOENT') {
  console.warn('clang-format is not installed: the C++ sources were left alone');
} else if (error) {
  throw error;
} else {
  process.exitCode = status ?? 1;
}
