/**
 * What the library does not say, because it is not true everywhere: values from callers are of any realm, and a
 * bundle of ES modules has no `require`.
 */

import type { Source } from './sources.js';

interface Rule {
  /** The text of the whole file is asked for what it imports. */
  readonly said: RegExp | ((line: string, text: string) => boolean);
  readonly why: string;
  /** Files that may. */
  readonly but?: RegExp;
}

/** The command line, the benchmark and what they use run in a process of their own. */
const LIBRARY = /^lib\/(?!(?:cli|bench|synthetic|text)\/)[\w/-]*\.m?ts$/;

/** What Node.js puts beside the language on its global object, and test runners leave out or replace. */
const GLOBALS = `
  Buffer Blob File TextDecoder TextEncoder URL URLSearchParams WebAssembly setTimeout
  clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask
  performance structuredClone console fetch atob btoa crypto AbortController AbortSignal
  DOMException Event EventTarget global navigator MessageChannel MessagePort
  BroadcastChannel CompressionStream DecompressionStream`
  .trim()
  .replaceAll(/\s+/g, '|');

/** As a value: the types are there whatever the realm. */
const USED = new RegExp(
  `(?<![\\w.#$'])(?:new (${GLOBALS})\\b|(${GLOBALS})[.(]|(?<=[(,=] ?)(${GLOBALS})(?=[,;)]))|\\bnextTick\\(`,
  'g',
);

function usesGlobal(line: string, text: string): boolean {
  return [...line.matchAll(USED)].some((match) => {
    const name = match.slice(1).find((group) => group !== undefined);
    return name === undefined || !importsValue(text, name);
  });
}

const importsValue = (text: string, name: string): boolean =>
  new RegExp(`^(?:import|(?:export )?const) \\{[^}]*\\b${name}\\b[^}]*\\} (?:from|=) `, 'm').test(
    text,
  );

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
  {
    said: usesGlobal,
    but: /^lib\/support\/node-builtins\.ts$/,
    why: 'a realm of a test runner lacks it, or has one that stands still: lib/support/clock.ts, node-builtins.ts',
  },
];

export function languageFaults({ path, lines }: Source): string[] {
  if (!LIBRARY.test(path)) return [];
  const text = lines.join('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*(?:\*|\/\*|\/\/)/.test(line)) return [];
    const isSaid = ({ said }: Rule) =>
      typeof said === 'function' ? said(line, text) : said.test(line);
    return RULES.filter((rule) => isSaid(rule) && !rule.but?.test(path)).map(
      ({ why }) => `${path}:${index + 1}: ${why}`,
    );
  });
}
