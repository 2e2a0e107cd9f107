/**
 * The options of commands. Each reads its own values, refuses the others by its name, and knows which options it makes
 * no sense without; `.conflicts` says which it makes no sense beside.
 */

import { type Command, Option } from 'commander';

import { DUPLICATES_CODES } from '../binding/contract/codes.js';
import { codedError, mustBe } from '../support/errors.js';
import { MAX_COUNT } from '../support/limits.js';
import { notOneOf } from '../support/options.js';
import { bitsOfDigits } from '../text/ids.js';

/** An option that takes a value. */
class ValueOption extends Option {
  /** Of the option that this one adds to. */
  companion: string | undefined;

  needs(companion: string): this {
    this.companion = companion;
    return this;
  }

  /** @param parse given what messages call the option, and the text. */
  read<Value>(parse: (name: string, text: string) => Value): this {
    this.argParser((text) => parse(`--${this.name()}`, text));
    return this;
  }
}

/** A file that is read or written. */
export function file(flags: string, about: string): ValueOption {
  return text(flags, about).read((name, path) => {
    if (path !== '' && path !== '-') return path;
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a path (./- for a file of that name)', path);
  });
}

/** A folder, a name, or `-` for standard input. */
export function text(flags: string, about: string): ValueOption {
  return new ValueOption(flags, about).read((name, given) => {
    if (given !== '') return given;
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a text that is not empty', given);
  });
}

/** A 64-bit id, signed, or unsigned as in columns of unsigned ids. */
export function id(flags: string, about: string): ValueOption {
  return new ValueOption(flags, about).read((name, digits) => {
    const found = bitsOfDigits(digits);
    if (found !== undefined) return found;
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a 64-bit id', digits);
  });
}

export interface Bounds {
  readonly lowest?: number;
  readonly highest?: number;
}

export function wholeNumber(flags: string, about: string, bounds: Bounds = {}): ValueOption {
  return new ValueOption(flags, about).read((name, digits) => whole(name, digits, bounds));
}

/** As in 1,100,1000. */
export function wholeNumbers(flags: string, about: string, bounds: Bounds = {}): ValueOption {
  return new ValueOption(flags, about).read((name, list) =>
    list.split(',').map((digits) => whole(name, digits, bounds)),
  );
}

export function positive(flags: string, about: string): ValueOption {
  return new ValueOption(flags, about).read((name, decimal) => {
    const number = Number(decimal);
    if (/^(?:\d+\.?\d*|\.\d+)$/.test(decimal) && Number.isFinite(number) && number > 0) {
      return number;
    }
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a decimal number above 0', decimal);
  });
}

export function choice(flags: string, about: string, names: readonly string[]): ValueOption {
  return new ValueOption(flags, about)
    .choices(names)
    .read((name, given) => chosen(name, given, names));
}

/** Some of the names, between commas. */
export function choices(flags: string, about: string, names: readonly string[]): ValueOption {
  return new ValueOption(flags, about || names.join(', ')).read((name, list) =>
    list.split(',').map((given) => chosen(name, given, names)),
  );
}

/** Some devices, between commas. */
export function deviceNames(flags: string, about: string): ValueOption {
  return new ValueOption(flags, about).read((name, list) => {
    const given = list.split(',');
    const strange = given.find((device) => !/^(?:cpu|cuda(?::\d+)?)$/.test(device));
    if (strange === undefined) return given;
    throw mustBe('ERR_KLEIO_ARGUMENT', name, "'cpu', 'cuda' or 'cuda:' and a number", strange);
  });
}

/** Of synthetic data, which takes 32 bits of it. */
export function dataSeed(): ValueOption {
  const bounds = { lowest: 0, highest: 2 ** 32 - 1 };
  return wholeNumber('--seed <n>', 'of the synthetic data', bounds).default(1);
}

/** Refuses options that add to one that is not there. */
export function requireSense(command: Command): void {
  for (const option of command.options) {
    if (!(option instanceof ValueOption) || option.companion === undefined) continue;
    const given = command.getOptionValueSource(option.attributeName()) === 'cli';
    if (!given || command.getOptionValue(option.companion) !== undefined) continue;
    throw codedError('ERR_KLEIO_ARGUMENT', `--${option.name()} needs --${option.companion}`);
  }
}

function whole(name: string, digits: string, { lowest = 1, highest = MAX_COUNT }: Bounds): number {
  const expected = `a whole number from ${lowest} to ${highest}`;
  if (!/^-?\d+$/.test(digits)) throw mustBe('ERR_KLEIO_ARGUMENT', name, expected, digits);
  const number = Number(digits);
  if (number >= lowest && number <= highest) return number;
  throw mustBe('ERR_KLEIO_RANGE', name, expected, digits);
}

function chosen(name: string, given: string, names: readonly string[]): string {
  if (names.includes(given)) return given;
  throw notOneOf(name, given, names);
}

/** What an id on several rows of an embedding table means. */
export function duplicates(): ValueOption {
  return choice(
    '--duplicates <row>',
    'which row an id on several rows means',
    Object.keys(DUPLICATES_CODES),
  );
}
