/** The values of a data page, one by one, by their encoding. */

import { BitReader } from './bit-reader.js';
import { ByteCursor } from './byte-cursor.js';
import type { ValueType } from './column-type.js';
import { DeltaValues } from './delta-values.js';
import { HybridRuns } from './hybrid-runs.js';

export interface ValueReader {
  next(): bigint;
  /** After the last value of the page: throws if there are more. */
  finish(): void;
}

/** Values that others are told by their index. */
export interface Dictionary {
  readonly count: number;
  readonly bytes: Uint8Array;
}

const ENCODING_NAMES: Readonly<Record<number, string>> = {
  0: 'PLAIN',
  2: 'PLAIN_DICTIONARY',
  3: 'RLE',
  4: 'BIT_PACKED',
  5: 'DELTA_BINARY_PACKED',
  6: 'DELTA_LENGTH_BYTE_ARRAY',
  7: 'DELTA_BYTE_ARRAY',
  8: 'RLE_DICTIONARY',
  9: 'BYTE_STREAM_SPLIT',
};

export function isPlain(encoding: number): boolean {
  return encoding === 0 || encoding === 2;
}

export function encodingName(encoding: number): string {
  return ENCODING_NAMES[encoding] ?? `encoding ${encoding}`;
}

export function valueReader(
  encoding: number,
  type: ValueType,
  values: ByteCursor,
  dictionary: Dictionary | undefined,
): ValueReader {
  const name = encodingName(encoding);
  if (type.width === 0) {
    if (name === 'PLAIN') return new PackedFlags(values);
    if (name === 'RLE') return new FlagRuns(values);
  } else {
    if (name === 'PLAIN') return new PlainValues(type, values);
    if (name === 'BYTE_STREAM_SPLIT') return new SplitValues(type, values);
    if (name === 'DELTA_BINARY_PACKED') return new DeltaValues(type, values);
    if (encoding === 2 || encoding === 8) {
      if (dictionary === undefined) throw new Error('needs a dictionary that is not there');
      return new DictionaryValues(type, values, dictionary);
    }
  }
  throw new Error(`${name} is not read for numbers of this type`);
}

class PlainValues implements ValueReader {
  readonly #type: ValueType;
  readonly #values: ByteCursor;

  constructor(type: ValueType, values: ByteCursor) {
    this.#type = type;
    this.#values = values;
  }

  next(): bigint {
    return this.#type.read(this.#values.view, this.#values.skip(this.#type.width));
  }

  /** fastparquet puts zeros behind the values. */
  finish(): void {
    const { bytes, offset, end, left } = this.#values;
    if (bytes.subarray(offset, end).some((byte) => byte !== 0)) {
      throw new Error(`${left} bytes follow the last value`);
    }
  }
}

/** First the first bytes of all values, then the second ones. */
class SplitValues implements ValueReader {
  readonly #type: ValueType;
  readonly #values: ByteCursor;
  readonly #count: number;
  readonly #joined = new DataView(new ArrayBuffer(8));
  #next = 0;

  constructor(type: ValueType, values: ByteCursor) {
    this.#type = type;
    this.#values = values;
    this.#count = values.left / type.width;
    if (!Number.isInteger(this.#count)) throw new Error(`${values.left} bytes are no whole values`);
  }

  next(): bigint {
    if (this.#next === this.#count) throw new Error('ends too soon');
    const { bytes, offset } = this.#values;
    for (let byte = 0; byte < this.#type.width; ++byte) {
      this.#joined.setUint8(byte, bytes[offset + byte * this.#count + this.#next]!);
    }
    this.#next += 1;
    return this.#type.read(this.#joined, 0);
  }

  finish(): void {
    const left = this.#count - this.#next;
    if (left > 0) throw new Error(`${left} values are more than the page's`);
  }
}

class DictionaryValues implements ValueReader {
  readonly #type: ValueType;
  readonly #values: ByteCursor;
  readonly #dictionary: Dictionary;
  readonly #view: DataView;
  #indices: HybridRuns | undefined;

  constructor(type: ValueType, values: ByteCursor, dictionary: Dictionary) {
    this.#type = type;
    this.#values = values;
    this.#dictionary = dictionary;
    const { buffer, byteOffset, byteLength } = dictionary.bytes;
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  next(): bigint {
    // A page of nulls alone may leave out even the width.
    this.#indices ??= new HybridRuns(this.#values, this.#values.byte());
    const index = this.#indices.next();
    const { count } = this.#dictionary;
    if (index >= count) throw new Error(`index ${index} into a dictionary of ${count}`);
    return this.#type.read(this.#view, index * this.#type.width);
  }

  finish(): void {
    this.#indices?.finish();
  }
}

class PackedFlags implements ValueReader {
  readonly #bits: BitReader;

  constructor(values: ByteCursor) {
    this.#bits = new BitReader(values);
  }

  next(): bigint {
    return BigInt(this.#bits.read(1));
  }

  finish(): void {}
}

class FlagRuns implements ValueReader {
  readonly #runs: HybridRuns;

  constructor(values: ByteCursor) {
    const length = values.uint32();
    const start = values.skip(length);
    this.#runs = new HybridRuns(new ByteCursor(values.bytes, start, values.offset), 1);
  }

  next(): bigint {
    return BigInt(this.#runs.next());
  }

  finish(): void {
    this.#runs.finish();
  }
}
