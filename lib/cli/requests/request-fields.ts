/**
 * What a request may say: each kind of value is a reader, and an object names the fields that it must and may have.
 * What is not named is refused, at any depth; nothing is taken for a value of another type.
 */

import { shown } from '../../support/errors.js';
import { nearest } from '../../support/options.js';
import { bitsOfDigits, idOfDigits } from '../../text/ids.js';
import { digitsShown, type RequestJson } from './request-json.js';

/** Reads a value. `path` is what messages call it. */
export type Reader<T> = (json: RequestJson, path: string) => T;

type Readers = Readonly<Record<string, Reader<unknown>>>;

/** The values of an object: those of `needed`, and of `others` what is there. */
export type FieldsOf<Needed extends Readers, Others extends Readers> = {
  readonly [Name in keyof Needed]: ReturnType<Needed[Name]>;
} & { readonly [Name in keyof Others]?: ReturnType<Others[Name]> };

/** What the outermost object is called. */
export const REQUEST = 'the request';

/** Longer names are no slips of the hand. */
const MOST_NAME = 64;

export function object<Needed extends Readers, Others extends Readers>(
  needed: Needed,
  others: Others,
): Reader<FieldsOf<Needed, Others>> {
  const readers = new Map<string, Reader<unknown>>(Object.entries({ ...needed, ...others }));
  return (json, path) => {
    const within = (field: string) => (path === REQUEST ? field : `${path}.${field}`);
    const values = new Map<string, unknown>();
    const start = json.place();
    for (const field of json.fields(path, within)) {
      const read = readers.get(field);
      if (read === undefined) {
        throw json.refused(unknownField(field, within, path, [...readers.keys()]));
      }
      values.set(field, read(json, within(field)));
    }
    const missing = Object.keys(needed).find((field) => !values.has(field));
    if (missing !== undefined) throw json.refused(`${within(missing)} is missing`, start);
    return Object.fromEntries(values) as FieldsOf<Needed, Others>;
  };
}

function unknownField(
  field: string,
  within: (field: string) => string,
  path: string,
  known: readonly string[],
): string {
  const near = field.length > MOST_NAME ? undefined : nearest(field, known);
  const name = within(field.length > MOST_NAME ? `${field.slice(0, MOST_NAME)}…` : field);
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean '${near}'?`;
  return `${path} has no field ${JSON.stringify(name)}; ${hint}`;
}

/** 64-bit ids, as numbers or as strings of digits. */
export const ids: Reader<BigInt64Array> = (json, path) => {
  const found = new Growing((length) => new BigInt64Array(length));
  const place = () => `${path}[${found.length}]`;
  for (const _ of json.elements(path, 'an array of ids')) {
    const few = json.fewDigits();
    found.push(few === undefined ? writtenId(json, place) : BigInt(few));
  }
  return found.values();
};

function writtenId(json: RequestJson, place: () => string): bigint {
  const isText = json.isText();
  const written = json.digitsOrString(place, 'a 64-bit id');
  const id = idOfDigits(written);
  if (id !== undefined) return id;
  const bits = bitsOfDigits(written);
  const hint = bits === undefined ? '' : ` (ids are signed: these bits are ${bits})`;
  const got = isText ? shown(written) : digitsShown(written);
  throw json.refused(`${place()} must be a 64-bit id; got ${got}${hint}`);
}

export const float32s: Reader<Float32Array> = (json, path) => {
  const found = new Growing((length) => new Float32Array(length));
  const place = () => `${path}[${found.length}]`;
  for (const _ of json.elements(path, 'an array of numbers')) {
    const written = json.digits(place, 'a number');
    const number = Math.fround(Number(written));
    if (!Number.isFinite(number)) {
      throw json.refused(
        `${place()} must be a number that float32 can hold; got ${digitsShown(written)}`,
      );
    }
    found.push(number);
  }
  return found.values();
};

interface Elements<Value> {
  readonly length: number;
  [index: number]: Value;
  set(values: this): void;
  slice(start: number, end: number): this;
}

/** A typed array that doubles as it fills. */
class Growing<Value, Values extends Elements<Value>> {
  readonly #make: (length: number) => Values;
  #values: Values;
  #length = 0;

  constructor(make: (length: number) => Values) {
    this.#make = make;
    this.#values = make(64);
  }

  get length(): number {
    return this.#length;
  }

  push(value: Value): void {
    if (this.#length === this.#values.length) {
      const grown = this.#make(2 * this.#length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  values(): Values {
    return this.#values.slice(0, this.#length);
  }
}
