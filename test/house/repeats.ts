/**
 * Six lines that stand elsewhere word for word, in C++, CUDA and TypeScript, not counting what says little: blank
 * lines, comments, brackets, includes and imports, and lists in which each line stands for itself.
 */

import type { Source } from './sources.js';

const REPEATED_LINES = 6;

/** Lines that say little on their own, by how they begin or by all that they are. */
const LITTLE =
  /^(?:\/\/|\/?\*|#|import\b|namespace\b|using\b|(?:\} )?else \{$|\w+[:,]?$|\.\w+ = .*,$|.* override;$|(?:readonly )?\w+\??: [\w<>[\] |]+;$)/;

interface Line {
  /** Counted from 1, as editors do. */
  readonly number: number;
  readonly text: string;
}

interface Place {
  readonly path: string;
  readonly said: readonly Line[];
  readonly at: number;
}

/** The stretches of lines that stand in two places, each once. */
export function repeats(sources: readonly Source[]): string[] {
  const known = new Map<string, Place>();
  return sources.flatMap((source) => repeatsOf(source, known));
}

/** What of a source is known already; the rest of it is known afterwards. */
function repeatsOf({ path, lines }: Source, known: Map<string, Place>): string[] {
  const found: string[] = [];
  const said = tellingLines(lines);
  let before: Place | undefined;
  for (let at = 0; at + REPEATED_LINES <= said.length; at += 1) {
    const stretch = said.slice(at, at + REPEATED_LINES);
    const text = stretch.map((line) => line.text).join('\n');
    const place = known.get(text);
    if (place === undefined) {
      known.set(text, { path, said, at });
    } else if (!follows(place, before)) {
      const { number } = place.said[place.at]!;
      const [first] = stretch as [Line];
      found.push(`${path}:${first.number}: repeats ${place.path}:${number}: ${first.text}`);
    }
    before = place;
  }
  return found;
}

/** What follows a repeated stretch line by line belongs to it. */
const follows = (place: Place, before: Place | undefined): boolean =>
  place.said === before?.said && place.at === before.at + 1;

/** The lines that say something, without their indentation. */
function tellingLines(lines: readonly string[]): Line[] {
  const said: Line[] = [];
  let importing = false;
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    importing ||= /^(?:import|export) (?:type )?(?:\{|\*|\w+,)/.test(text);
    if (!importing && !saysLittle(text)) said.push({ number: index + 1, text });
    if (/;$/.test(text)) importing = false;
  }
  return said;
}

const saysLittle = (text: string): boolean => !/\w{2}/.test(text) || LITTLE.test(text);
