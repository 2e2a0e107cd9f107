/**
 * The JSON of a request: a reader asks for what it expects, and every refusal names the file, the line and the column.
 */

import { type CodedError, codedError, shown } from '../../support/errors.js';
import { JsonFault, type JsonKind, JsonReader } from '../../support/json-reader.js';

const LINE_FEED = 0x0a;

const SHOWN_DIGITS = 40;

/** A number as it is written, as an error text shows it. */
export const digitsShown = (written: string): string =>
  written.length > SHOWN_DIGITS ? `${written.slice(0, SHOWN_DIGITS)}…` : written;

export class RequestJson {
  readonly #name: string;
  readonly #bytes: Buffer;
  readonly #json: JsonReader;

  /**
   * @param name of the file, for refusals.
   * @param bytes UTF-8, without a mark of the byte order.
   */
  constructor(name: string, bytes: Uint8Array) {
    this.#name = name;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#json = new JsonReader(bytes);
  }

  /** What `read` makes of the text, after which nothing may follow. */
  whole<Value>(read: () => Value): Value {
    try {
      const value = read();
      this.#json.end();
      return value;
    } catch (cause) {
      throw JsonFault.is(cause) ? this.refused(cause.message, cause.at) : cause;
    }
  }

  /** The names of an object's fields, each of which is read before the next. `within` is what messages call one. */
  fields(path: string, within: (field: string) => string): Iterable<string> {
    this.#require('object', path, 'an object');
    return this.#json.keys(within);
  }

  /** A turn for each element, which is read in it. */
  elements(path: string, expected: string): Iterable<void> {
    this.#require('array', path, expected);
    return this.#json.elements();
  }

  /** The number that comes next if it is a few digits and nothing else. */
  fewDigits(): number | undefined {
    return this.#json.fewDigits();
  }

  /** A number as it is written. There are many, so `path` is made where it is needed. */
  digits(path: () => string, expected: string): string {
    if (this.#json.kind() !== 'number') this.#require('number', path(), expected);
    return this.#json.digits();
  }

  /** Whether a string comes next. */
  isText(): boolean {
    return this.#json.kind() === 'string';
  }

  /** A number or a string, as it is written between its quotes. */
  digitsOrString(path: () => string, expected: string): string {
    return this.isText() ? this.#json.string() : this.digits(path, expected);
  }

  /** Where the next value begins, for `refused`. */
  place(): number {
    return this.#json.next;
  }

  /** The error for what begins at `place`: what was read last if nothing else is said. */
  refused(what: string, place = this.#json.began): CodedError {
    // Lines are counted when there is somebody to tell.
    let line = 1;
    let start = 0;
    for (;;) {
      const end = this.#bytes.indexOf(LINE_FEED, start);
      if (end === -1 || end >= place) break;
      line += 1;
      start = end + 1;
    }
    const column = 1 + this.#bytes.toString('utf8', start, place).length;
    return codedError('ERR_KLEIO_FORMAT', `${this.#name}:${line}:${column}: ${what}`);
  }

  #require(kind: JsonKind, path: string, expected: string): void {
    const actual = this.#json.kind();
    if (actual === kind) return;
    const place = this.#json.next;
    throw this.refused(`${path} must be ${expected}; got ${this.#shown(actual)}`, place);
  }

  /** Read no further than a message shows. */
  #shown(kind: JsonKind): string {
    switch (kind) {
      case 'object':
        return 'an object';
      case 'array':
        return 'an array';
      case 'string':
        return shown(this.#json.string());
      case 'number':
        return digitsShown(this.#json.digits());
      case 'word':
        return this.#json.word();
    }
  }
}
