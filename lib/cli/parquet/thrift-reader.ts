/**
 * Thrift's compact protocol, as footers and page headers are written. Fields are pulled one by one and what
 * nobody asks for is passed over, so that reading takes no memory but that of what is asked for.
 */

import { ByteCursor } from './byte-cursor.js';

enum Type {
  Stop = 0,
  True = 1,
  False = 2,
  Byte = 3,
  Int16 = 4,
  Int32 = 5,
  Int64 = 6,
  Double = 7,
  Binary = 8,
  List = 9,
  Set = 10,
  Map = 11,
  Struct = 12,
}

/** Real metadata is nested six deep. */
const MAX_DEPTH = 32;

/** Readers of fields by their numbers, or one that reads or skips every field. */
export type Fields = Readonly<Record<number, () => void>> | ((id: number) => void);

const decoder = new TextDecoder();

export class ThriftReader {
  readonly #cursor: ByteCursor;
  #type: number = Type.Struct;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#cursor = new ByteCursor(bytes);
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#cursor.offset;
  }

  /** Reads the fields that have a reader here, and skips the others. */
  struct(fields: Fields): void {
    this.#require(Type.Struct);
    this.#deeper(() => {
      for (let id = 0; ; ) {
        const byte = this.#cursor.byte();
        const type = byte & 0x0f;
        if (type === Type.Stop) return;
        const step = byte >> 4;
        id = step === 0 ? this.#cursor.zigzag() : id + step;
        this.#type = type;
        if (typeof fields === 'function') fields(id);
        else (fields[id] ?? (() => this.skip()))();
      }
    });
  }

  list(each: () => void): void {
    this.#require(Type.List);
    const { type, length } = this.#listHeader();
    for (let index = 0; index < length; ++index) {
      this.#type = type;
      each();
    }
  }

  /** fastparquet writes numbers that are 0 or 1 as flags. */
  int(): number {
    if (this.#type === Type.True || this.#type === Type.False) return Number(this.flag());
    if (this.#type === Type.Byte) return this.#cursor.byte();
    if (this.#type < Type.Int16 || this.#type > Type.Int64) throw this.#unexpected();
    return this.#cursor.zigzag();
  }

  /** Of a field of a struct: its type says it. */
  flag(): boolean {
    if (this.#type !== Type.True && this.#type !== Type.False) throw this.#unexpected();
    return this.#type === Type.True;
  }

  text(): string {
    this.#require(Type.Binary);
    const start = this.#cursor.skip(this.#cursor.varint());
    const { bytes, offset } = this.#cursor;
    return decoder.decode(bytes.subarray(start, offset));
  }

  /** Passes over the value, whatever it is. */
  skip(): void {
    switch (this.#type) {
      case Type.True:
      case Type.False:
        return;
      case Type.Byte:
        this.#cursor.skip(1);
        return;
      case Type.Int16:
      case Type.Int32:
      case Type.Int64:
        this.#skipVarint();
        return;
      case Type.Double:
        this.#cursor.skip(8);
        return;
      case Type.Binary:
        this.#cursor.skip(this.#cursor.varint());
        return;
      case Type.List:
      case Type.Set:
        this.#deeper(() => this.#skipList());
        return;
      case Type.Map:
        this.#deeper(() => this.#skipMap());
        return;
      case Type.Struct:
        this.struct({});
        return;
      default:
        throw this.#unexpected();
    }
  }

  #skipVarint(): void {
    for (let bytes = 0; bytes < 10; ++bytes) {
      if (this.#cursor.byte() < 0x80) return;
    }
    throw new Error('a number has more than 64 bits');
  }

  #skipList(): void {
    const { type, length } = this.#listHeader();
    for (let index = 0; index < length; ++index) this.#skipElement(type);
  }

  #skipMap(): void {
    const length = this.#cursor.varint();
    if (length === 0) return;
    const types = this.#cursor.byte();
    for (let index = 0; index < length; ++index) {
      this.#skipElement(types >> 4);
      this.#skipElement(types & 0x0f);
    }
  }

  /** Every element has a byte at least, so that a length that is no element's costs nothing. */
  #skipElement(type: number): void {
    const isFlag = type === Type.True || type === Type.False;
    this.#type = isFlag ? Type.Byte : type;
    this.skip();
  }

  #listHeader(): { type: number; length: number } {
    const byte = this.#cursor.byte();
    const length = byte >> 4 === 15 ? this.#cursor.varint() : byte >> 4;
    if (length > this.#cursor.left) {
      throw new Error(`a list of ${length} is said to be in ${this.#cursor.left} bytes`);
    }
    return { type: byte & 0x0f, length };
  }

  #deeper(read: () => void): void {
    if (++this.#depth > MAX_DEPTH) throw new Error(`is nested more than ${MAX_DEPTH} deep`);
    read();
    this.#depth -= 1;
  }

  #require(type: Type): void {
    if (this.#type !== type) throw this.#unexpected();
  }

  #unexpected(): Error {
    return new Error(`holds a value of Thrift's type ${this.#type} where none is`);
  }
}
