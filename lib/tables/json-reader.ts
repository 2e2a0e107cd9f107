/**
 * Reads JSON where it lies, in one pass over its bytes: time is linear in them, and nothing is kept but
 * what the reader of a file asks for. `JSON.parse` keeps everything, takes the later of two equal keys and
 * is at the mercy of depth.
 */

import { shown } from '../support/errors.js';

/** What is wrong with the text, and where. */
export class JsonFault extends Error {
  readonly #brand = true;

  static is(thrown: unknown): thrown is JsonFault {
    return typeof thrown === 'object' && thrown !== null && #brand in thrown;
  }
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'word';

/** Deeper than anything that a header or an index of shards has to say. */
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Of one object. With it what a text can make a reader keep is bounded. */
export const MAX_JSON_KEYS = 2 ** 17;

/** Objects of more keys find repeated ones in a set; fewer are looked through. */
const FEW_KEYS = 8;

/** No number that means something has so many characters. */
const MAX_NUMBER = 64;

/** Bytes of a value that nobody asked for. */
const MAX_SKIPPED = 2 ** 20;

/** Bytes of a string: some checkpoints carry the settings of their training. */
const MAX_STRING = 2 ** 22;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS = new Set(['true', 'false', 'null']);

export class JsonReader {
  readonly #bytes: Buffer;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Of the value that comes next. */
  kind(): JsonKind {
    const byte = this.#next();
    if (byte === OPEN_OBJECT) return 'object';
    if (byte === OPEN_ARRAY) return 'array';
    if (byte === QUOTE) return 'string';
    if (byte === 0x2d || isDigit(byte)) return 'number';
    if (byte !== undefined && byte >= 0x61 && byte <= 0x7a) return 'word';
    throw this.#fault(byte === undefined ? 'its end before a value' : 'what begins no value');
  }

  /** The keys of the object that comes next, all different. Whoever asks for a key reads its value before the next. */
  *keys(): Generator<string, void> {
    this.#enter(OPEN_OBJECT);
    const few: string[] = [];
    let many: Set<string> | undefined;
    while (!this.#leaves(CLOSE_OBJECT, few.length === 0 && many === undefined)) {
      const key = this.string();
      if (many?.has(key) || few.includes(key)) throw this.#fault(`the key ${shown(key)} twice`);
      if (many === undefined) few.push(key);
      else many.add(key);
      if (few.length > FEW_KEYS) many = new Set(few.splice(0));
      if (many !== undefined && many.size > MAX_JSON_KEYS) {
        throw this.#fault(`more than ${MAX_JSON_KEYS} keys in one object`);
      }
      this.#take(COLON, 'a colon');
      yield key;
    }
  }

  /** One turn for each element of the array that comes next. Whoever takes a turn reads its element. */
  *elements(): Generator<void, void> {
    this.#enter(OPEN_ARRAY);
    for (let first = true; !this.#leaves(CLOSE_ARRAY, first); first = false) yield;
  }

  string(): string {
    this.#take(QUOTE, 'a string');
    const start = this.#at;
    let seen = 0;
    let escaped = false;
    for (let at = start; ; at += 1) {
      const byte = this.#bytes[at];
      if (byte === undefined) throw this.#fault('the end within a string');
      if (byte === QUOTE) {
        this.#at = at + 1;
        break;
      }
      if (at - start > MAX_STRING) throw this.#fault('a string of too many bytes');
      if (byte < 0x20) throw this.#fault('a control character within a string');
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
    const start = this.#skipSpace();
    let value = 0;
    for (let at = start; ; at += 1) {
      const byte = this.#bytes[at];
      if (isDigit(byte) && at - start <= MAX_NUMBER) value = value * 10 + (byte! - 0x30);
      else if (isOfNumber(byte)) return this.#unusualNumber(start);
      else {
        const plain = at - start < 16 && (at - start === 1 || this.#bytes[start] !== 0x30);
        if (at === start || !plain) return this.#unusualNumber(start);
        this.#at = at;
        return value;
      }
    }
  }

  /** Passes over the value that comes next, whatever it is. */
  skip(until = this.#at + MAX_SKIPPED): void {
    if (this.#at > until) throw this.#fault('a value of many bytes that means nothing here');
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
        this.#word();
    }
  }

  /** Nothing but white space may be left. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#bytes.length) throw this.#fault('more after the end');
  }

  #enter(bracket: number): void {
    this.#take(bracket, bracket === OPEN_OBJECT ? 'an object' : 'an array');
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#fault(`more than ${MAX_DEPTH} levels`);
  }

  /** Whether the object or array ends here; otherwise its next part is next. */
  #leaves(bracket: number, first: boolean): boolean {
    const byte = this.#next();
    if (byte === bracket) {
      this.#at += 1;
      this.#depth -= 1;
      return true;
    }
    if (!first) this.#take(COMMA, 'a comma or the end of its list');
    return false;
  }

  #unescaped(start: number, end: number): string {
    try {
      return JSON.parse(this.#decoded(start - 1, end + 1)) as string;
    } catch (cause) {
      if (JsonFault.is(cause)) throw cause;
      throw this.#fault('an unknown escape within a string');
    }
  }

  #decoded(start: number, end: number): string {
    try {
      return this.#decoder.decode(this.#bytes.subarray(start, end));
    } catch {
      throw this.#fault('bytes that are no UTF-8');
    }
  }

  #unusualNumber(start: number): number {
    let end = start;
    while (end - start <= MAX_NUMBER && isOfNumber(this.#bytes[end])) end += 1;
    const text = this.#bytes.toString('latin1', start, Math.min(end, start + MAX_NUMBER));
    if (end - start > MAX_NUMBER || !NUMBER.test(text)) throw this.#fault('what is no number');
    this.#at = end;
    return Number(text);
  }

  #word(): void {
    let end = this.#at;
    while (end < this.#at + 6 && /[a-z]/.test(String.fromCharCode(this.#bytes[end] ?? 0))) end += 1;
    if (!WORDS.has(this.#bytes.toString('latin1', this.#at, end)))
      throw this.#fault('what is no value');
    this.#at = end;
  }

  #take(byte: number, expected: string): void {
    if (this.#next() !== byte) throw this.#fault(`something other than ${expected}`);
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

  #fault(what: string): JsonFault {
    return new JsonFault(`it has ${what} at byte ${this.#at} of ${this.#bytes.length}`);
  }
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
