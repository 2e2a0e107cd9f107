/** The repository's files, as its checks of itself see them. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Source {
  readonly path: string;
  readonly lines: readonly string[];
}

/** Paths of all files that belong to the repository, also of new ones. */
export function filesOf(root: string): string[] {
  const words = ['ls-files', '-co', '--exclude-standard'];
  const listed = execFileSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  const paths = new Set(listed.split('\n').filter((path) => path !== ''));
  return [...paths].filter((path) => existsSync(join(root, path)));
}

export const textOf = (root: string, path: string): string =>
  readFileSync(join(root, path), 'utf8');

interface Match {
  readonly groups: readonly string[];
  readonly line: number;
}

/** Every match, with the line that it begins on. */
export function matches(text: string, pattern: RegExp): Match[] {
  return [...text.matchAll(pattern)].map((match) => ({
    groups: match.slice(1),
    line: text.slice(0, match.index).split('\n').length,
  }));
}
