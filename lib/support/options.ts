/** Reading the option objects of the public API: unknown names, ranges, kinds. */

import { codedError, mustBe, shown } from './errors.js';
import { uncurried } from './intrinsics.js';

const { getPrototypeOf, hasOwn, keys } = Object;
const { isArray } = Array;
const tagOf = uncurried(Object.prototype.toString);

/** The names that one kind of option object may have. */
export interface OptionNames {
  /** What the messages call the object, for example `search options`. */
  readonly what: string;
  readonly known: ReadonlySet<string>;
}

export function optionNames(what: string, names: readonly string[]): OptionNames {
  return { what, known: new Set(names) };
}

/**
 * The options to read, each once. Refuses what is not an object and names that do not exist: a misspelled
 * option never passes silently. What somebody put on the prototype of all objects is no option of the caller.
 */
export function knownOptions<Options extends object>(
  options: Options,
  names: OptionNames,
): Options {
  requireRecord(names.what, options);
  let inherits = false;
  for (const name in options) {
    const isKnown = names.known.has(name);
    if (hasOwn(options, name)) {
      if (!isKnown) throw unknownOption(name, names);
    } else {
      inherits ||= isKnown;
    }
  }
  return inherits ? withoutCommon(options, names) : options;
}

/**
 * Refuses what has no names that could be read: a Map, an array or a signal where an object of named values is
 * meant would be one without any.
 */
export function requireRecord(what: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null && hasNames(value)) return;
  throw mustBe('ERR_KLEIO_ARGUMENT', what, 'an object', value);
}

function hasNames(value: object): boolean {
  if (isArray(value) || ArrayBuffer.isView(value)) return false;
  return tagOf(value) === '[object Object]' || keys(value).length > 0;
}

/** A copy that has no more of the prototype of all objects than its names. */
function withoutCommon<Options extends object>(options: Options, names: OptionNames): Options {
  const copy = Object.create(null) as Record<string, unknown>;
  for (const name of names.known) {
    if (!isCommon(options, name)) copy[name] = (options as Record<string, unknown>)[name];
  }
  return copy as Options;
}

/** Whether the name comes from where every object inherits, in whichever realm. */
function isCommon(options: object, name: string): boolean {
  let holder: object | null = options;
  while (holder !== null && !hasOwn(holder, name)) holder = getPrototypeOf(holder);
  return holder !== null && holder !== options && getPrototypeOf(holder) === null;
}

export function requireInteger(name: string, value: number, lowest: number, highest: number): void {
  if (typeof value !== 'number') throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a number', value);
  if (!Number.isInteger(value) || value < lowest || value > highest) {
    throw mustBe('ERR_KLEIO_RANGE', name, `an integer from ${lowest} to ${highest}`, value);
  }
}

/** Infinities are numbers here; NaN is not. */
export function requireNumber(name: string, value: number): void {
  if (typeof value !== 'number') throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a number', value);
  if (Number.isNaN(value)) throw mustBe('ERR_KLEIO_RANGE', name, 'a number', value);
}

export function requireBoolean(name: string, value: boolean): void {
  if (typeof value !== 'boolean') throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a boolean', value);
}

/** A value that must be one of the names of `choices`. */
export function requireChoice<Choices extends object>(
  name: string,
  value: unknown,
  choices: Choices,
): asserts value is keyof Choices & string {
  if (typeof value === 'string' && Object.hasOwn(choices, value)) return;
  throw notOneOf(name, value, Object.keys(choices));
}

/** The error for a value outside a list of names: `'a', 'b' or 'c'`, and the one that was meant. */
export function notOneOf(name: string, value: unknown, choices: readonly string[]): Error {
  if (typeof value !== 'string') {
    return mustBe('ERR_KLEIO_ARGUMENT', name, quotedChoices(choices), value);
  }
  const near = nearest(value, choices);
  const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
  return codedError(
    'ERR_KLEIO_RANGE',
    `${name} must be ${quotedChoices(choices)}; got ${shown(value)}${hint}`,
  );
}

function quotedChoices(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `'${choice}'`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

function unknownOption(name: string, names: OptionNames): Error {
  const near = nearest(name, [...names.known]);
  const hint =
    near === undefined ? `known are ${[...names.known].join(', ')}` : `did you mean '${near}'?`;
  return codedError('ERR_KLEIO_ARGUMENT', `${names.what} have no '${name}'; ${hint}`);
}

/** No list that is read by people is longer, and a comparison with each takes its time. */
const MAX_CANDIDATES = 10_000;

/**
 * The candidate that a typing slip or a change of case turns into `name`, if there is one.
 *
 * @param edits letters that may be wrong. Default: 2, or a third.
 */
export function nearest(
  name: string,
  candidates: readonly string[],
  edits = Math.max(2, Math.ceil(name.length / 3)),
): string | undefined {
  let best: string | undefined;
  let bestDistance = edits + 1;
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    // Names out of files can be of any length: the comparison takes the product of both.
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; ++i) {
    const current = [i];
    for (let j = 1; j <= b.length; ++j) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}
