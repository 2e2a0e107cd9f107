/** Files that people open as tables and models and that are something else: told by their first bytes. */

import { Buffer } from '../support/node-builtins.js';

const SAVE_ARRAYS = 'save the array with numpy.save or the tensors as .safetensors';

/** Bytes as Latin-1, where they stand, and what the file is. */
const FORMATS: readonly (readonly [magic: string, what: string])[] = [
  ['\x1f\x8b', 'is compressed by gzip; decompress it first'],
  ['\x28\xb5\x2f\xfd', 'is compressed by Zstandard; decompress it first'],
  ['\xfd7zXZ\0', 'is compressed by xz; decompress it first'],
  ['BZh', 'is compressed by bzip2; decompress it first'],
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
const OPEN_OBJECT = 0x7b;

/** What `start`, the beginning of a file, says that the file is; undefined: nothing that is known here. */
export function foreignFormat(start: Uint8Array): string | undefined {
  // The JSON of a .safetensors file, behind a length that looks like something else.
  if (start[8] === OPEN_OBJECT) return undefined;
  const text = Buffer.from(start.subarray(0, 512)).toString('latin1');
  if (text.startsWith(ZIP)) return zipArchive(text);
  if (isPickle(start)) {
    return `is a pickle, as older checkpoints of PyTorch (.pt, .pth) are; ${SAVE_ARRAYS}`;
  }
  const format = FORMATS.find(([magic]) => text.startsWith(magic));
  if (format !== undefined) return format[1];
  return isText(text) ? textFormat(text) : undefined;
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

/** Protocols 2 to 5 begin with their number, and what follows is not the rest of a small length. */
function isPickle(start: Uint8Array): boolean {
  const [mark, protocol = 0, ...rest] = start.subarray(0, 8);
  return mark === 0x80 && protocol >= 2 && protocol <= 5 && rest.some((byte) => byte !== 0);
}
