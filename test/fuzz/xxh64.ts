/** XXH64 with seed 0, by its specification: the checksum of an index tree's file. */

const WORD = (1n << 64n) - 1n;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const times = (a: bigint, b: bigint) => (a * b) & WORD;
const plus = (a: bigint, b: bigint) => (a + b) & WORD;
const rotated = (a: bigint, bits: bigint) => ((a << bits) | (a >> (64n - bits))) & WORD;
const round = (lane: bigint, input: bigint) =>
  times(rotated(plus(lane, times(input, P2)), 31n), P1);
const merged = (hash: bigint, lane: bigint) => plus(times(hash ^ round(0n, lane), P1), P4);

export function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  let at = 0;
  let hash = P5;
  if (length >= 32) {
    let lanes = [plus(P1, P2), P2, 0n, plus(0n, WORD + 1n - P1)];
    for (; at + 32 <= length; at += 32) {
      lanes = lanes.map((lane, index) => round(lane, view.getBigUint64(at + 8 * index, true)));
    }
    const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
    hash = plus(plus(rotated(a, 1n), rotated(b, 7n)), plus(rotated(c, 12n), rotated(d, 18n)));
    hash = lanes.reduce(merged, hash);
  }
  hash = plus(hash, BigInt(length));
  for (; at + 8 <= length; at += 8) {
    hash = plus(times(rotated(hash ^ round(0n, view.getBigUint64(at, true)), 27n), P1), P4);
  }
  if (at + 4 <= length) {
    hash = plus(times(rotated(hash ^ times(BigInt(view.getUint32(at, true)), P1), 23n), P2), P3);
    at += 4;
  }
  for (; at < length; at += 1) {
    hash = times(rotated(hash ^ times(BigInt(view.getUint8(at)), P5), 11n), P1);
  }
  hash = times(hash ^ (hash >> 33n), P2);
  hash = times(hash ^ (hash >> 29n), P3);
  return hash ^ (hash >> 32n);
}
