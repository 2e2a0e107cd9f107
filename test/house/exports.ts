/** What is exported has somebody else who takes it: the rest is of its file alone, or of nobody. */

import { matches, type Source } from './sources.js';

const SCRIPT = /\.m?[jt]s$/;
/** Types are shown where they stand in what is exported; values are only taken. */
const VALUE = /^export (?:async )?(?:abstract )?(?:function\*?|const|class|let) (\w+)/gm;

/** Values that no other file names, as sentences. */
export function unusedExports(sources: readonly Source[]): string[] {
  const scripts = sources
    .filter(({ path }) => SCRIPT.test(path))
    .map(({ path, lines }) => ({ path, text: lines.join('\n') }));
  const files = new Map<string, number>();
  for (const { text } of scripts) {
    for (const word of new Set(text.match(/\w+/g))) files.set(word, (files.get(word) ?? 0) + 1);
  }
  return scripts.flatMap(({ path, text }) =>
    matches(text, VALUE)
      .filter(({ groups }) => files.get(groups[0]!) === 1)
      .map(({ groups, line }) => `${path}:${line}: ${groups[0]} is exported to nobody`),
  );
}
