/** Texts with a syntax: damaged, deepened, repeated, nothing but a few characters. */
import type { Random } from '../cases/random.js';

/** Mostly one change, sometimes several, one after the other. */
export function damagedText(text: string, random: Random, words: readonly string[]): string {
  let changed = text;
  do changed = random.pick(DAMAGES)(changed, random, words);
  while (random.chance(0.4));
  return changed;
}

type Damage = (text: string, random: Random, words: readonly string[]) => string;

const at = (text: string, random: Random) => random.integer(0, text.length);

function spliced(text: string, from: number, to: number, inserted: string): string {
  return text.slice(0, from) + inserted + text.slice(to);
}

const DAMAGES: readonly Damage[] = [
  // A word of the language, at any place.
  (text, random, words) => {
    const from = at(text, random);
    return spliced(text, from, from + random.integer(0, 3), random.pick(words));
  },
  // A token replaced.
  (text, random, words) => {
    const tokens = [...text.matchAll(/"[^"]*"|'[^']*'|[\w.+-]+|[^\w\s]/g)];
    if (tokens.length === 0) return random.pick(words);
    const token = random.pick(tokens);
    return spliced(text, token.index, token.index + token[0].length, random.pick(words));
  },
  // A stretch twice, or many times.
  (text, random) => {
    const from = at(text, random);
    const part = text.slice(from, from + random.integer(1, 40));
    const most = Math.max(1, Math.floor(2e6 / Math.max(1, part.length)));
    const repeated = part.repeat(random.chance(0.1) ? random.integer(1, most) : 1);
    return spliced(text, from, from, repeated);
  },
  (text, random) => text.slice(0, at(text, random)),
  (text, random) => {
    const from = at(text, random);
    return spliced(text, from, from + random.integer(1, 20), '');
  },
  (text, random) => {
    const from = at(text, random);
    const code = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x2028, 0xd800, 0xfeff]);
    return spliced(text, from, from + 1, String.fromCharCode(code));
  },
  // Deep or long, of up to two megabytes.
  (text, random, words) => {
    const from = at(text, random);
    const most = random.chance(0.1) ? 500_000 : 100;
    return spliced(
      text,
      from,
      from,
      random.pick(words).slice(0, 4).repeat(random.integer(1, most)),
    );
  },
];

export const JSON_WORDS: readonly string[] = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u0041',
    '\\ud800',
    '/*',
    '//',
    "'",
    ' ',
    '\t',
    '\n',
  ],
  ...['{}', '[]', '[[', '{"":', '""', 'null', 'true', 'false', 'NaN', 'Infinity', 'undefined'],
  ...['0', '-0', '1', '-1', '00', '01', '1.5', '1e3', '1e400', '.5', '5.', '+1', '0x10', '1_0'],
  ...['9007199254740991', '9007199254740993', '18446744073709551615', '9223372036854775808'],
  ...['"__proto__"', '"__metadata__"', '"constructor"', '"toString"', '"dtype"', '"shape"', '"I8"'],
];
