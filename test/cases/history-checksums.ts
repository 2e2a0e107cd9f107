/** Bytes of a history that somebody changed and whose checksums are right again. */

import { xxh64 } from '../fuzz/xxh64.js';
import { sectionChecksum } from '../oracle/history-bytes.js';

export function withRightChecksums(changed: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(changed);
  if (bytes.length < 128) return bytes;
  const view = new DataView(bytes.buffer);
  const end = 128 + 32 * view.getUint32(20, true);
  if (end <= bytes.length) {
    for (let at = 128; at < end; at += 32) setSectionChecksum(bytes, view, at);
    view.setBigUint64(112, xxh64(bytes.subarray(128, end)), true);
  }
  view.setBigUint64(120, xxh64(bytes.subarray(0, 120)), true);
  return bytes;
}

function setSectionChecksum(bytes: Uint8Array, view: DataView, entry: number): void {
  const [offset, length] = [8, 16].map((at) => Number(view.getBigUint64(entry + at, true)));
  const end = offset! + Math.ceil(length! / 64) * 64;
  if (end > bytes.length) return;
  view.setBigUint64(entry + 24, sectionChecksum(bytes.subarray(offset, end)), true);
}
