/**
 * JSON as it was written: numbers keep their digits, a field that stands twice is noticed, and every refusal names the
 * file, the line and the column. `JSON.parse` gives none of these.
 *
 * A reader asks for what it expects, so the depth of a text is the depth of its reader: time is linear in the text
 * whatever it holds.
 */

import { type CodedError, codedError, shown } from '../../support/errors.js';

/** What may come next, by its first character. */
type Kind = 'object' | 'array' | 'string' | 'number' | 'literal';

const LITERALS = ['true', 'false', 'null'];
const SPACES = /[ \t\n\r]*/y;
const OF_NUMBERS = /[-+.\deE]*/y;
const INTEGER = /^[1-9]\d*$/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A double needs 767 digits at most; whatever has more is a mistake. */
const MOST_DIGITS = 1000;

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const SPACE = 0x20;

export class JsonText {
  readonly #name: string;
  readonly #text: string;
  #at = 0;
  /** Where the value or the name began that was read last. */
  #began = 0;

  /** @param name of the file, for refusals. */
  constructor(name: string, text: string) {
    this.#name = name;
    this.#text = text;
  }

  /** Calls `read` with each field's name, to read its value. */
  object(path: string, expected: string, read: (field: string) => void): void {
    this.#require('object', path, expected);
    this.#members('}', () => {
      if (this.#next() !== '"') throw this.#broken('a field in quotes');
      const field = this.#string();
      if (this.#next() !== ':') throw this.#broken("':'");
      this.#at += 1;
      read(field);
    });
  }

  /** Calls `read` for each element, to read it. */
  array(path: string, expected: string, read: (index: number) => void): void {
    this.#require('array', path, expected);
    let index = 0;
    this.#members(']', () => read(index++));
  }

  /** A number as it is written. There are many, so `path` is made where it is needed. */
  digits(path: () => string, expected: string): string {
    if (!this.#beginsNumber()) this.#require('number', path(), expected);
    return this.#number();
  }

  /** A number or a string, as it is written between its quotes. */
  digitsOrString(path: () => string, expected: string): string {
    return this.#next() === '"' ? this.#string() : this.digits(path, expected);
  }

  /** Nothing but space may follow. */
  end(): void {
    if (this.#next() !== '') throw this.#broken('the end of the text');
  }

  /** Where the next value begins, for `refused`. */
  place(): number {
    this.#next();
    return this.#at;
  }

  /** The error for what begins at `place`: what was read last if nothing else is said. */
  refused(what: string, place = this.#began): CodedError {
    // Lines are counted when there is somebody to tell.
    const before = this.#text.slice(0, place);
    const line = before.split('\n').length;
    const column = place - before.lastIndexOf('\n');
    return codedError('ERR_KLEIO_FORMAT', `${this.#name}:${line}:${column}: ${what}`);
  }

  #require(kind: Kind, path: string, expected: string): void {
    const actual = this.#kind();
    if (actual === kind) return;
    const place = this.#at;
    throw this.refused(`${path} must be ${expected}; got ${this.#shown(actual)}`, place);
  }

  #kind(): Kind {
    const first = this.#next();
    if (first === '{') return 'object';
    if (first === '[') return 'array';
    if (first === '"') return 'string';
    if (this.#beginsNumber()) return 'number';
    if (LITERALS.some((word) => this.#text.startsWith(word, this.#at))) return 'literal';
    throw this.#broken('a value');
  }

  #beginsNumber(): boolean {
    const first = this.#next();
    return first === '-' || (first >= '0' && first <= '9');
  }

  /** Read no further than a message shows. */
  #shown(kind: Kind): string {
    switch (kind) {
      case 'object':
        return 'an object';
      case 'array':
        return 'an array';
      case 'string':
        return shown(this.#string());
      case 'number':
        return this.#number();
      case 'literal':
        return LITERALS.find((word) => this.#text.startsWith(word, this.#at))!;
    }
  }

  #members(close: '}' | ']', read: () => void): void {
    this.#at += 1;
    if (this.#next() === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      read();
      const after = this.#next();
      if (after !== ',' && after !== close) throw this.#broken(`',' or '${close}'`);
      this.#at += 1;
      if (after === close) return;
      this.#next();
    }
  }

  /** The next character that is not space; none at the end. */
  #next(): string {
    if (this.#text.charCodeAt(this.#at) <= SPACE) this.#skip(SPACES);
    return this.#text[this.#at] ?? '';
  }

  /** Past what may be there. */
  #skip(what: RegExp): void {
    what.lastIndex = this.#at;
    what.test(this.#text);
    this.#at = what.lastIndex;
  }

  #string(): string {
    this.#began = this.#at;
    let end = this.#at + 1;
    for (;;) {
      const unit = this.#text.charCodeAt(end);
      if (unit === QUOTE) break;
      if (!(unit >= SPACE)) {
        this.#at = end;
        throw this.#broken('a quote that ends the string');
      }
      end += unit === BACKSLASH ? 2 : 1;
    }
    this.#at = end + 1;
    const written = this.#text.slice(this.#began, this.#at);
    if (!written.includes('\\')) return written.slice(1, -1);
    try {
      return JSON.parse(written) as string;
    } catch {
      throw this.refused('is not JSON: a string has an escape that does not exist');
    }
  }

  #number(): string {
    this.#began = this.#at;
    this.#skip(OF_NUMBERS);
    if (this.#at - this.#began > MOST_DIGITS) {
      throw this.refused(`a number must have at most ${MOST_DIGITS} digits`);
    }
    const written = this.#text.slice(this.#began, this.#at);
    if (INTEGER.test(written) || NUMBER.test(written)) return written;
    throw this.refused(`is not JSON: expected a number; got ${shown(written)}`);
  }

  #broken(expected: string): CodedError {
    const actual = this.#text.slice(this.#at, this.#at + 1);
    const got = actual === '' ? 'the end of the text' : shown(actual);
    return this.refused(`is not JSON: expected ${expected}; got ${got}`, this.#at);
  }
}
