/**
 * What the library does not say, because it is not true everywhere: values from callers are of any realm, and a
 * bundle of ES modules has no `require`.
 */

import type { Source } from './sources.js';

interface Rule {
  readonly said: RegExp;
  readonly why: string;
  /** Files that may. */
  readonly but?: RegExp;
}

/** The command line, the benchmark and what they use run in a process of their own. */
const LIBRARY = /^lib\/(?!(?:cli|bench|synthetic|text)\/)[\w/-]*\.m?ts$/;

const RULES: readonly Rule[] = [
  {
    said: /\binstanceof\b/,
    why: 'instanceof tells nothing about values of other realms: ask for a brand, a tag or what is used',
  },
  {
    said: /^(?!import type\b).*\bfrom 'node:|\brequire\('node:/,
    but: /^lib\/support\/node-builtins\.ts$/,
    why: 'modules of Node.js come from lib/support/node-builtins.ts, which loads in every bundle',
  },
];

export function languageFaults({ path, lines }: Source): string[] {
  if (!LIBRARY.test(path)) return [];
  return lines.flatMap((line, index) => {
    if (/^\s*(?:\*|\/\*|\/\/)/.test(line)) return [];
    return RULES.filter(({ said, but }) => said.test(line) && !but?.test(path)).map(
      ({ why }) => `${path}:${index + 1}: ${why}`,
    );
  });
}
