/**
 * Whether a binary is all there: the system's loader maps half a file too, and reading beyond it, or what a copy that
 * was broken off left as zeros, ends the process.
 */

import { Buffer, fs } from '../support/node-builtins.js';

const HEADER_BYTES = 64;
const MAGIC = 0x464c457f;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;

/** By their numbers in the header, in the words of `process.arch`. */
const PROCESSORS: Readonly<Record<number, string>> = {
  3: 'ia32',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

const SEGMENT_BYTES = 56;
const LOADED = 1;
const DYNAMIC = 2;

const SECTION_BYTES = 64;
const CODE = 1;
const STRINGS = 3;
const RELOCATIONS = 4;
const NO_BITS = 8;
const SYMBOLS = 11;
const ALLOCATED = 2;
const EXECUTABLE = 4;

/** Tags of the dynamic section without which the loader reads at address 0. */
const STRING_TABLE = 5n;
const SYMBOL_TABLE = 6n;

/** As file systems keep bytes, so as they lose them. */
const BLOCK = 4096;
const ZEROS = Buffer.alloc(BLOCK);

interface Part {
  readonly type: number;
  readonly flags: number;
  readonly start: number;
  readonly bytes: number;
}

/** Throws where an ELF file is not whole, or of another processor. Other files are not looked at. */
export function requireWholeElf(file: string): void {
  const handle = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    requireWhole(new ElfFile(handle));
  } finally {
    fs.closeSync(handle);
  }
}

class ElfFile {
  readonly size: number;

  constructor(readonly handle: number) {
    this.size = fs.fstatSync(handle).size;
  }

  /** Zeros where the file has ended. */
  bytes(start: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    fs.readSync(this.handle, bytes, 0, length, start);
    return bytes;
  }

  requireTo(end: number): void {
    if (end <= this.size) return;
    throw new Error(`is cut short: it has ${this.size} bytes of ${end}`);
  }
}

function requireWhole(file: ElfFile): void {
  if (file.size === 0) throw new Error('is cut short: it is empty');
  const header = file.bytes(0, HEADER_BYTES);
  if (header.readUInt32LE(0) !== MAGIC) return;
  if (header[4] !== CLASS_64 || header[5] !== LITTLE_ENDIAN) return;
  file.requireTo(HEADER_BYTES);
  requireProcessor(header.readUInt16LE(0x12));
  // Linkers write the table of sections last.
  const sections = tableAt(file, header, { place: 0x28, count: 0x3c, each: SECTION_BYTES });
  const segments = tableAt(file, header, { place: 0x20, count: 0x38, each: SEGMENT_BYTES });
  for (const part of segments.map(segmentOf)) requireSegment(file, part);
  // The first is none by definition.
  for (const part of sections.slice(1).map(sectionOf)) requireSection(file, part);
}

function requireProcessor(machine: number): void {
  const processor = PROCESSORS[machine];
  if (processor === undefined || processor === process.arch) return;
  throw new Error(`is for ${processor}; this Node.js is ${process.arch}`);
}

interface Table {
  readonly place: number;
  readonly count: number;
  readonly each: number;
}

function tableAt(file: ElfFile, header: Buffer, { place, count, each }: Table): Buffer[] {
  const start = Number(header.readBigUInt64LE(place));
  const entries = header.readUInt16LE(count);
  file.requireTo(start + entries * each);
  const table = file.bytes(start, entries * each);
  return Array.from({ length: entries }, (_, i) => table.subarray(i * each, (i + 1) * each));
}

const segmentOf = (entry: Buffer): Part => ({
  type: entry.readUInt32LE(0),
  flags: entry.readUInt32LE(4),
  start: Number(entry.readBigUInt64LE(8)),
  bytes: Number(entry.readBigUInt64LE(32)),
});

const sectionOf = (entry: Buffer): Part => ({
  type: entry.readUInt32LE(4),
  flags: Number(entry.readBigUInt64LE(8)),
  start: Number(entry.readBigUInt64LE(24)),
  bytes: Number(entry.readBigUInt64LE(32)),
});

function requireSegment(file: ElfFile, { type, start, bytes }: Part): void {
  if (type !== LOADED && type !== DYNAMIC) return;
  file.requireTo(start + bytes);
  if (type === LOADED) return;
  const entries = file.bytes(start, bytes);
  const tags = Array.from({ length: Math.floor(bytes / 16) }, (_, i) =>
    entries.readBigUInt64LE(i * 16),
  );
  if (tags.includes(STRING_TABLE) && tags.includes(SYMBOL_TABLE)) return;
  throw zeros(start, start + bytes);
}

function requireSection(file: ElfFile, { type, flags, start, bytes }: Part): void {
  if (type === 0) throw new Error('is damaged: the table of its sections holds zeros');
  if (type === NO_BITS) return;
  file.requireTo(start + bytes);
  if (!isNeverZero(type, flags)) return;
  const content = file.bytes(start, bytes);
  const first = (BLOCK - (start % BLOCK)) % BLOCK;
  for (let at = first; at + BLOCK <= bytes; at += BLOCK) {
    if (content.subarray(at, at + BLOCK).equals(ZEROS)) throw zeros(start + at, start + at + BLOCK);
  }
}

/** Whether no whole block of it is zeros: what data hold cannot be told. */
function isNeverZero(type: number, flags: number): boolean {
  if ((flags & ALLOCATED) === 0) return false;
  if (type === CODE) return (flags & EXECUTABLE) !== 0;
  return type === STRINGS || type === RELOCATIONS || type === SYMBOLS;
}

const zeros = (start: number, end: number): Error =>
  new Error(`is damaged: it holds zeros from byte ${start} to ${end}`);
