/**
 * The literals of Python that headers of .npy files are written in: dictionaries, tuples, lists, strings, whole
 * numbers, True, False and None, in every spelling that `ast.literal_eval` takes, and the `2L` of Python 2.
 */

export type PythonValue =
  | string
  | bigint
  | boolean
  | null
  | PythonValue[]
  | Map<PythonValue, PythonValue>;

export class LiteralFault extends Error {
  readonly #brand = true;

  static is(thrown: unknown): thrown is LiteralFault {
    return typeof thrown === 'object' && thrown !== null && #brand in thrown;
  }
}

const MAX_DEPTH = 32;

const SPACE = /(?:[ \t\r\n\f]|\\\r?\n|#[^\n]*)*/y;
const STRING = /([uUbBrR]{0,2})('''|"""|'|")/y;
const INTEGER = /[+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*)[lL]?/y;
const WORD = /True|False|None/y;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
]);

/** Throws LiteralFault for whatever is no such literal. */
export function readLiteral(text: string): PythonValue {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PythonValue {
    if (depth > MAX_DEPTH) throw this.#fault(`more than ${MAX_DEPTH} levels`);
    this.#match(SPACE);
    if (this.#takes('{')) return this.#dictionary(depth);
    if (this.#takes('(')) return this.#parenthesised(depth);
    if (this.#takes('[')) return this.#list(']', depth).values;
    const word = this.#match(WORD);
    if (word !== undefined) return WORDS.get(word[0])!;
    const integer = this.#match(INTEGER);
    if (integer !== undefined) return this.#integer(integer[0]);
    return this.#strings();
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length && !/^\0*$/.test(this.#text.slice(this.#at))) {
      throw this.#fault('more after its end');
    }
  }

  #dictionary(depth: number): Map<PythonValue, PythonValue> {
    const entries = new Map<PythonValue, PythonValue>();
    while (!this.#takes('}')) {
      const key = this.value(depth + 1);
      if (!this.#takes(':')) throw this.#fault('a key without a colon');
      // As Python does, the later of two equal keys would count; no writer gives one twice.
      if (entries.has(key)) throw this.#fault('a key twice');
      entries.set(key, this.value(depth + 1));
      if (!this.#takes(',') && !this.#isNext('}')) throw this.#fault('no comma');
    }
    return entries;
  }

  /** A tuple, or one value in brackets. */
  #parenthesised(depth: number): PythonValue {
    const { values, comma } = this.#list(')', depth);
    return values.length === 1 && !comma ? values[0]! : values;
  }

  #list(close: string, depth: number): { values: PythonValue[]; comma: boolean } {
    const values: PythonValue[] = [];
    let comma = true;
    while (!this.#takes(close)) {
      if (!comma) throw this.#fault('no comma');
      values.push(this.value(depth + 1));
      comma = this.#takes(',');
    }
    return { values, comma };
  }

  #integer(text: string): bigint {
    const sign = text.startsWith('-') ? -1n : 1n;
    const digits = text.replace(/^[+-]/, '').replace(/[lL]$/, '').replaceAll('_', '');
    if (digits.length > 32) throw this.#fault('a number of too many digits');
    try {
      return sign * BigInt(digits);
    } catch {
      throw this.#fault('what is no number');
    }
  }

  /** Strings one after the other are one. */
  #strings(): string {
    let joined: string | undefined;
    for (let part = this.#match(STRING); part !== undefined; part = this.#match(STRING)) {
      joined = (joined ?? '') + this.#stringBody(part[2]!, /r/i.test(part[1]!));
      this.#match(SPACE);
    }
    if (joined === undefined) throw this.#fault('what is no literal');
    return joined;
  }

  #stringBody(quote: string, raw: boolean): string {
    let body = '';
    while (!this.#text.startsWith(quote, this.#at)) {
      const character = this.#text[this.#at];
      const ends = character === undefined || (character === '\n' && quote.length === 1);
      if (ends) throw this.#fault('a string without an end');
      this.#at += 1;
      // Names of types need no escapes: what follows a backslash stands for itself.
      body += character === '\\' && !raw ? (this.#text[this.#at++] ?? '') : character;
    }
    this.#at += quote.length;
    return body;
  }

  #isNext(character: string): boolean {
    this.#match(SPACE);
    return this.#text[this.#at] === character;
  }

  #takes(character: string): boolean {
    const is = this.#isNext(character);
    if (is) this.#at += 1;
    return is;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  #fault(what: string): LiteralFault {
    return new LiteralFault(`it has ${what} at character ${this.#at}`);
  }
}
