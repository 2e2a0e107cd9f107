/** Whether a binary is all there: the system's loader maps half a file too, and reading beyond it ends the process. */

import { Buffer, fs } from '../support/node-builtins.js';

const HEADER_BYTES = 64;
const MAGIC = 0x464c457f;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;

/** Throws where an ELF file ends before the table of its sections, which linkers write last. Others are not looked at. */
export function requireWholeElf(file: string): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const handle = fs.openSync(file, 'r');
  try {
    const read = fs.readSync(handle, header, 0, HEADER_BYTES, 0);
    const isElf = read >= 6 && header.readUInt32LE(0) === MAGIC;
    if (!isElf || header[4] !== CLASS_64 || header[5] !== LITTLE_ENDIAN) return;
    const sections = Number(header.readBigUInt64LE(0x28));
    const end = sections + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c);
    const { size } = fs.fstatSync(handle);
    if (read === HEADER_BYTES && end <= size) return;
    throw new Error(`is cut short: it has ${size} bytes of ${end}`);
  } finally {
    fs.closeSync(handle);
  }
}
