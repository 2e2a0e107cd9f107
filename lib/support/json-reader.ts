/**
 * Reads JSON where it lies, in one pass over its bytes: time is linear in them, and nothing is kept but what the
 * reader of a text asks for. Numbers keep their digits, a key that stands twice is refused, and every refusal has its
 * place. `JSON.parse` keeps everything, rounds, takes the later of two equal keys and is at the mercy of depth.
 */

import { shown } from './errors.js';
import { Buffer, TextDecoder } from './node-builtins.js';

/** What is wrong with the text, and at which of its bytes. */
export class JsonFault extends Error {
  readonly at: number;
  readonly #brand = true;

  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }

  static is(thrown: unknown): thrown is JsonFault {
    return typeof thrown === 'object' && thrown !== null && #brand in thrown;
  }
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'word';

/** Deeper than anything that is read here has to say. */
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Of one object. With it what a text can make a reader keep is bounded. */
const MAX_KEYS = 2 ** 17;

/** Objects of more keys find repeated ones in a set; fewer are looked through. */
const FEW_KEYS = 8;

/** A double needs 767 digits at most; whatever has more is a mistake. */
const MAX_DIGITS = 1000;

/** Numbers of so many digits are exact. */
const FEW_DIGITS = 15;

/** Longer than any number that is read. */
const WINDOW = 2 ** 16;

/** Bytes of a value that nobody asked for. */
const MAX_SKIPPED = 2 ** 20;

/** Bytes of a string: some checkpoints carry the settings of their training. */
const MAX_STRING = 2 ** 22;

/** The longest character of UTF-8. */
const MAX_CHARACTER = 4;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS = ['true', 'false', 'null'];

export class JsonReader {
  readonly #bytes: Buffer;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #at = 0;
  #began = 0;
  #depth = 0;
  /** ASCII of some of the bytes, ahead of what is read. */
  #window = '';
  #windowStart = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the value begins that comes next. */
  get next(): number {
    return this.#skipSpace();
  }

  /** Where the string, the key or the number began that was read last. */
  get began(): number {
    return this.#began;
  }

  /** Of the value that comes next. */
  kind(): JsonKind {
    const byte = this.#next();
    if (byte === OPEN_OBJECT) return 'object';
    if (byte === OPEN_ARRAY) return 'array';
    if (byte === QUOTE) return 'string';
    if (byte === 0x2d || isDigit(byte)) return 'number';
    if (byte !== undefined && byte >= 0x61 && byte <= 0x7a) return 'word';
    throw this.#unexpected('a value');
  }

  /**
   * The keys of the object that comes next, all different. Whoever asks for a key reads its value before the next.
   *
   * @param called how a refusal names a key.
   */
  *keys(called = (key: string) => `the key ${shown(key)}`): Generator<string, void> {
    this.#enter(OPEN_OBJECT, 'an object');
    const few: string[] = [];
    let many: Set<string> | undefined;
    while (!this.#leaves(CLOSE_OBJECT, few.length === 0 && many === undefined)) {
      if (this.#next() !== QUOTE) throw this.#unexpected('a field in quotes');
      const key = this.string();
      if (many?.has(key) || few.includes(key)) throw this.#refused(`${called(key)} stands twice`);
      if (many === undefined) few.push(key);
      else many.add(key);
      if (few.length > FEW_KEYS) many = new Set(few.splice(0));
      if (many !== undefined && many.size > MAX_KEYS) {
        throw this.#refused(`an object has more than ${MAX_KEYS} keys`);
      }
      this.#take(COLON, "':'");
      yield key;
    }
  }

  /** One turn for each element of the array that comes next. Whoever takes a turn reads its element. */
  *elements(): Generator<void, void> {
    this.#enter(OPEN_ARRAY, 'an array');
    for (let first = true; !this.#leaves(CLOSE_ARRAY, first); first = false) yield;
  }

  string(): string {
    this.#take(QUOTE, 'a string');
    const start = this.#at;
    this.#began = start - 1;
    let seen = 0;
    let escaped = false;
    for (let at = start; ; at += 1) {
      const byte = this.#bytes[at];
      if (byte === QUOTE) {
        this.#at = at + 1;
        break;
      }
      if (byte === undefined || byte < 0x20) {
        this.#at = Math.min(at, this.#bytes.length);
        throw this.#unexpected('a quote that ends the string');
      }
      if (at - start > MAX_STRING) {
        throw this.#refused(`a string must have at most ${MAX_STRING} bytes`);
      }
      if (byte === BACKSLASH) {
        escaped = true;
        at += 1;
      }
      seen |= byte;
    }
    const end = this.#at - 1;
    if (escaped) return this.#unescaped(start, end);
    if (seen < 0x80) return this.#bytes.toString('latin1', start, end);
    return this.#decoded(start, end);
  }

  number(): number {
    return this.fewDigits() ?? Number(this.digits());
  }

  /** The number that comes next, read, if it is a few digits and nothing else: exact, and without a text. */
  fewDigits(): number | undefined {
    const start = this.#skipSpace();
    let at = start;
    let value = 0;
    for (let byte = this.#bytes[at]; isDigit(byte); byte = this.#bytes[at]) {
      value = value * 10 + (byte! - 0x30);
      at += 1;
      if (at - start > FEW_DIGITS) return undefined;
    }
    const isPlain = at - start === 1 || (at > start && this.#bytes[start] !== 0x30);
    if (!isPlain || isOfNumber(this.#bytes[at])) return undefined;
    this.#began = start;
    this.#at = at;
    return value;
  }

  /** A number as it is written. To be read and forgotten: it holds on to the text around it. */
  digits(): string {
    const start = this.#skipSpace();
    let end = start;
    while (end - start <= MAX_DIGITS && isOfNumber(this.#bytes[end])) end += 1;
    this.#began = start;
    if (end - start > MAX_DIGITS) {
      throw this.#refused(`a number must have at most ${MAX_DIGITS} digits`);
    }
    const written = this.#textAt(start, end);
    if (!NUMBER.test(written)) throw this.#broken(`expected a number; got ${shown(written)}`);
    this.#at = end;
    return written;
  }

  /** `true`, `false` or `null`. */
  word(): string {
    const start = this.#skipSpace();
    const word = WORDS.find(
      (one) => this.#bytes.toString('latin1', start, start + one.length) === one,
    );
    if (word === undefined) throw this.#unexpected('a value');
    this.#at = start + word.length;
    return word;
  }

  /** Passes over the value that comes next, whatever it is. */
  skip(until = this.#at + MAX_SKIPPED): void {
    if (this.#at > until) {
      throw new JsonFault('has a value of many bytes that means nothing here', this.#at);
    }
    switch (this.kind()) {
      case 'object':
        for (const _ of this.keys()) this.skip(until);
        break;
      case 'array':
        for (const _ of this.elements()) this.skip(until);
        break;
      case 'string':
        this.string();
        break;
      case 'number':
        this.number();
        break;
      default:
        this.word();
    }
  }

  /** Nothing but white space may be left. */
  end(): void {
    if (this.#next() !== undefined) throw this.#unexpected('the end of the text');
  }

  #enter(bracket: number, expected: string): void {
    this.#take(bracket, expected);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new JsonFault(`has more than ${MAX_DEPTH} levels`, this.#at);
    }
  }

  /** Whether the object or array ends here; otherwise its next part is next. */
  #leaves(bracket: number, first: boolean): boolean {
    const byte = this.#next();
    if (byte === bracket) {
      this.#at += 1;
      this.#depth -= 1;
      return true;
    }
    if (!first) this.#take(COMMA, bracket === CLOSE_OBJECT ? "',' or '}'" : "',' or ']'");
    return false;
  }

  #unescaped(start: number, end: number): string {
    const written = this.#decoded(start - 1, end + 1);
    try {
      return JSON.parse(written) as string;
    } catch {
      throw this.#broken('a string has an escape that does not exist');
    }
  }

  #decoded(start: number, end: number): string {
    try {
      return this.#decoder.decode(this.#bytes.subarray(start, end));
    } catch {
      throw this.#broken('a string is not UTF-8');
    }
  }

  /** Of numbers there are many, and a text from bytes takes a call of the system's: it is made for many at a time. */
  #textAt(start: number, end: number): string {
    if (end > this.#windowStart + this.#window.length) {
      this.#windowStart = start;
      this.#window = this.#bytes.toString('latin1', start, start + WINDOW);
    }
    return this.#window.slice(start - this.#windowStart, end - this.#windowStart);
  }

  #take(byte: number, expected: string): void {
    if (this.#next() !== byte) throw this.#unexpected(expected);
    this.#at += 1;
  }

  #next(): number | undefined {
    return this.#bytes[this.#skipSpace()];
  }

  #skipSpace(): number {
    let byte = this.#bytes[this.#at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      this.#at += 1;
      byte = this.#bytes[this.#at];
    }
    return this.#at;
  }

  /** The fault of what stands here. */
  #unexpected(expected: string): JsonFault {
    const here = this.#bytes.toString('utf8', this.#at, this.#at + MAX_CHARACTER);
    const got =
      here === '' ? 'the end of the text' : shown(String.fromCodePoint(here.codePointAt(0)!));
    return new JsonFault(`is not JSON: expected ${expected}; got ${got}`, this.#at);
  }

  /** The fault of what was read last. */
  #broken(what: string): JsonFault {
    return this.#refused(`is not JSON: ${what}`);
  }

  #refused(what: string): JsonFault {
    return new JsonFault(what, this.#began);
  }
}

/** Editors put a mark of the byte order before a text in UTF-8. */
export function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte) ? bytes.subarray(3) : bytes;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Digits, signs, point and exponent. */
function isOfNumber(byte: number | undefined): boolean {
  return (
    isDigit(byte) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x45 ||
    byte === 0x65
  );
}
