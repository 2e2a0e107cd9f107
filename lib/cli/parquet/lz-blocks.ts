/**
 * Blocks of Snappy and LZ4, into arrays of the size that the page says. Each step reads at least one byte and
 * writes no further than the array goes.
 */

import { ByteCursor } from './byte-cursor.js';

/** What has been decompressed so far. */
class Output {
  readonly bytes: Uint8Array;
  length = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  literals(input: ByteCursor, length: number): void {
    const start = input.skip(length);
    this.#requireRoom(length);
    this.bytes.set(input.bytes.subarray(start, input.offset), this.length);
    this.length += length;
  }

  /** The bytes `distance` back, which may go on into what they write. */
  copy(distance: number, length: number): void {
    if (distance === 0 || distance > this.length) {
      throw new Error(`a copy begins ${distance} bytes back of ${this.length}`);
    }
    this.#requireRoom(length);
    const from = this.length - distance;
    if (distance >= length) this.bytes.copyWithin(this.length, from, from + length);
    else for (let at = 0; at < length; ++at) this.bytes[this.length + at] = this.bytes[from + at]!;
    this.length += length;
  }

  requireWhole(): void {
    if (this.length === this.bytes.length) return;
    throw new Error(`decompresses to ${this.length} bytes, not to ${this.bytes.length}`);
  }

  #requireRoom(length: number): void {
    if (length <= this.bytes.length - this.length) return;
    throw new Error(`decompresses to more than the ${this.bytes.length} bytes that it claims`);
  }
}

export function snappy(compressed: Uint8Array, size: number): Uint8Array {
  const input = new ByteCursor(compressed);
  const claimed = input.varint();
  if (claimed !== size) throw new Error(`claims to decompress to ${claimed} bytes, not to ${size}`);
  const output = new Output(new Uint8Array(size));
  while (input.left > 0) {
    const tag = input.byte();
    switch (tag & 3) {
      case 0:
        output.literals(input, snappyLength(input, tag >> 2));
        break;
      case 1:
        output.copy(((tag >> 5) << 8) | input.byte(), ((tag >> 2) & 7) + 4);
        break;
      default:
        output.copy(littleEndian(input, (tag & 3) === 2 ? 2 : 4), (tag >> 2) + 1);
    }
  }
  output.requireWhole();
  return output.bytes;
}

/** Up to 60 the tag says it itself, beyond that how many bytes do. */
function snappyLength(input: ByteCursor, said: number): number {
  return 1 + (said < 60 ? said : littleEndian(input, said - 59));
}

function littleEndian(input: ByteCursor, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; ++index) value += input.byte() * 256 ** index;
  return value;
}

/** One block, without a frame. */
export function lz4Raw(compressed: Uint8Array, size: number): Uint8Array {
  const output = new Output(new Uint8Array(size));
  lz4Block(new ByteCursor(compressed), output);
  output.requireWhole();
  return output.bytes;
}

/** Blocks behind their sizes, as Hadoop frames them. Writers that leave the frame out are read as well. */
export function lz4Hadoop(compressed: Uint8Array, size: number): Uint8Array {
  if (!isHadoopFramed(compressed, size)) return lz4Raw(compressed, size);
  const output = new Output(new Uint8Array(size));
  const input = new ByteCursor(compressed);
  while (input.left > 0) {
    const end = output.length + bigEndian32(input);
    while (output.length < end) {
      const length = bigEndian32(input);
      const start = input.skip(length);
      const before = output.length;
      lz4Block(new ByteCursor(compressed, start, input.offset), output);
      if (output.length === before) throw new Error('a block holds nothing');
    }
    if (output.length !== end) throw new Error('a frame decompresses to more than it claims');
  }
  output.requireWhole();
  return output.bytes;
}

/** The sizes of the first frame and its first block can hardly be those of a bare block. */
function isHadoopFramed(compressed: Uint8Array, size: number): boolean {
  if (compressed.length < 8) return false;
  const input = new ByteCursor(compressed);
  const [decompressed, length] = [bigEndian32(input), bigEndian32(input)];
  return decompressed <= size && length <= input.left;
}

function bigEndian32(input: ByteCursor): number {
  return input.view.getUint32(input.skip(4), false);
}

function lz4Block(input: ByteCursor, output: Output): void {
  while (input.left > 0) {
    const token = input.byte();
    output.literals(input, lz4Length(input, token >> 4));
    // The last sequence has literals alone.
    if (input.left === 0) return;
    const distance = littleEndian(input, 2);
    output.copy(distance, lz4Length(input, token & 15) + 4);
  }
}

function lz4Length(input: ByteCursor, said: number): number {
  let length = said;
  if (said < 15) return length;
  for (let more = 255; more === 255; length += more) more = input.byte();
  return length;
}
