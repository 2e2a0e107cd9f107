// Formats the C++ and CUDA sources, or with --check fails where they are not formatted. clang-format
// comes from npm: the same version, and so the same format, on every machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { clangFormatPath } from 'clang-format-node';

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => /\.(h|cc|cu|cuh)$/.test(path) && existsSync(path));
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i'];
const { status, error } = spawnSync(clangFormatPath, [...mode, ...sources], { stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;
