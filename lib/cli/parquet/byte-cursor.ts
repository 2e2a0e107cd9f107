/** A place in bytes that may say anything: nothing is read beyond their end. */

export class ByteCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    if (!(offset >= 0 && offset <= end && end <= bytes.length)) {
      throw new Error(
        `${end - offset} bytes are said to begin at byte ${offset} of ${bytes.length}`,
      );
    }
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  byte(): number {
    if (this.offset >= this.end) throw new Error('ends too soon');
    return this.bytes[this.offset++]!;
  }

  /** Where the next `count` bytes begin; the cursor goes behind them. */
  skip(count: number): number {
    if (!(count >= 0 && count <= this.left)) {
      throw new Error(`${count} bytes are said to follow where ${this.left} do`);
    }
    const start = this.offset;
    this.offset += count;
    return start;
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** Seven bits a byte, the lowest first. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    throw new Error('a number has more than 53 bits');
  }

  /** A varint whose lowest bit is the sign. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A zigzag varint of 64 bits. */
  zigzag64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new Error('a number has more than 64 bits');
  }
}
