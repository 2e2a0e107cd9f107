/** Files that people open as tables and models and that are something else: told by their first bytes. */

import { Buffer } from '../support/node-builtins.js';

/** What to do with numbers that lie in another format. */
export const SAVE_ARRAYS = 'save the array with numpy.save or the tensors as .safetensors';

/** Bytes as Latin-1, where they stand, and what the file is. */
const FORMATS: readonly (readonly [magic: string, what: string])[] = [
  ['\x1f\x8b', 'is compressed by gzip; decompress it first'],
  ['\x28\xb5\x2f\xfd', 'is compressed by Zstandard; decompress it first'],
  ['\xfd7zXZ\0', 'is compressed by xz; decompress it first'],
  ['BZh', 'is compressed by bzip2; decompress it first'],
  ['\x04\x22\x4d\x18', 'is compressed by LZ4; decompress it first'],
  ['\xff\x06\0\0sNaPpY', 'is compressed by Snappy; decompress it first'],
  ['7z\xbc\xaf\x27\x1c', 'is a 7z archive; extract the file from it'],
  ['PAR1', `is a Parquet file; ${SAVE_ARRAYS}`],
  ['ARROW1', `is an Arrow file; ${SAVE_ARRAYS}`],
  ['\x89HDF\r\n\x1a\n', `is an HDF5 file; ${SAVE_ARRAYS}`],
  ['FEA1', `is a Feather file; ${SAVE_ARRAYS}`],
  ['ORC', `is an ORC file; ${SAVE_ARRAYS}`],
  ['Obj\x01', `is an Avro file; ${SAVE_ARRAYS}`],
  ['IxF', `is an index of Faiss; ${SAVE_ARRAYS}`],
  ['GGUF', `is a GGUF file; ${SAVE_ARRAYS}`],
  ['SQLite format 3\0', `is an SQLite database; ${SAVE_ARRAYS}`],
  ['version https://git-lfs', 'is a pointer of Git LFS, not the file itself; run git lfs pull'],
  ['<!DOCTYPE', 'is an HTML page, perhaps of a download that failed'],
  ['<html', 'is an HTML page, perhaps of a download that failed'],
];

const ZIP = 'PK\x03\x04';
/** Behind the name, sizes and times of a tar archive's first file. */
const USTAR_AT = 257;
/** The byte order mark of UTF-16. */
const UTF16 = /^(?:\xff\xfe|\xfe\xff)/;
const OPEN_OBJECT = 0x7b;

/** What `start`, the beginning of a file, says that the file is; undefined: nothing that is known here. */
export function foreignFormat(start: Uint8Array): string | undefined {
  // The JSON of a .safetensors file, behind a length that looks like something else.
  if (start[8] === OPEN_OBJECT) return undefined;
  const text = Buffer.from(start.subarray(0, 512)).toString('latin1');
  if (text.startsWith(ZIP)) return zipArchive(text);
  if (isZlib(start)) return 'is compressed by zlib; decompress it first';
  if (text.startsWith('ustar', USTAR_AT)) return 'is a tar archive; extract the file from it';
  if (isPickle(start)) {
    return `is a pickle, as older checkpoints of PyTorch (.pt, .pth) are; ${SAVE_ARRAYS}`;
  }
  const format = FORMATS.find(([magic]) => text.startsWith(magic));
  if (format !== undefined) return format[1];
  return isText(text) || UTF16.test(text) ? textFormat(text) : undefined;
}

/** The length at the beginning of a .safetensors file ends in zeros. */
function isText(text: string): boolean {
  return text.length > 0 && /^[\t\n\r -~\x80-\xff]+$/.test(text);
}

function textFormat(text: string): string {
  const kind = /^(?:\xef\xbb\xbf)?\s*[[{]/.test(text) ? 'JSON' : 'text, as CSV is';
  return `is ${kind}; read it into an array, and ${SAVE_ARRAYS}`;
}

/** Its first entry tells who wrote it. */
function zipArchive(text: string): string {
  if (/\.npy/.test(text.slice(30, 300))) {
    return 'is an .npz archive of several arrays; save the one that is meant with numpy.save';
  }
  if (/data\.pkl|\.data\/|\/version|\.format_version/.test(text.slice(30, 300))) {
    return 'is a checkpoint of PyTorch (.pt, .pth); save its tensors as .safetensors';
  }
  return `is a ZIP archive; ${SAVE_ARRAYS}`;
}

/** Protocols 2 to 5 begin with their number. */
function isPickle(start: Uint8Array): boolean {
  const [mark, protocol = 0] = start;
  return mark === 0x80 && protocol >= 2 && protocol <= 5 && !isLength(start);
}

/** The usual window, and one of the three levels of compression that are said. */
function isZlib(start: Uint8Array): boolean {
  const [method, level = 0] = start;
  return method === 0x78 && [0x01, 0x9c, 0xda].includes(level) && !isLength(start);
}

/** Whether a .safetensors file may begin so, with the length of its header. */
function isLength(start: Uint8Array): boolean {
  return start.subarray(2, 8).every((byte) => byte === 0);
}
