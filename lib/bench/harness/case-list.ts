/**
 * The cases: every file of lib/bench/cases. The command line's bundle has no folder to read; there
 * esbuild.config.mjs puts the same files in this one's place.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { BenchCase } from './case.js';

const folder = join(__dirname, '..', 'cases');

export const cases: readonly BenchCase[] = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .map((name) => (require(join(folder, name)) as { default: BenchCase }).default);
