/** Ids that somebody has chosen so that a known hash puts them all in one place cost no more than others. */
import { EmbeddingTable, IndexTree } from 'kleio';
import { expect, it } from 'vitest';
import { IdNumbers } from '../../lib/cli/taobao/id-numbers.js';

const IDS = 200_000;
/** The square of so many takes 60 to 200 times as long; the rest is for a machine that does something else besides. */
const MOST_TIMES = 10;
const BESIDES_MS = 1000;

const BITS = (1n << 64n) - 1n;

/** By which `odd` is undone, modulo 2^64. */
function inverse(odd: bigint): bigint {
  let found = 1n;
  for (let bits = 1; bits < 64; bits *= 2) found = (found * (2n - odd * found)) & BITS;
  return found;
}

/** Undoes `x ^ x >> shift`. */
function unshifted(bits: bigint, shift: bigint): bigint {
  let found = bits;
  for (let known = shift; known < 64n; known += shift) found = bits ^ (found >> shift);
  return found;
}

const FIRST = inverse(0xbf58476d1ce4e5b9n);
const SECOND = inverse(0x94d049bb133111ebn);

/** The key that `mixed_bits` of native/core/hash.h mixes to these bits. */
function unmixed(bits: bigint): bigint {
  const second = unshifted((unshifted(bits, 31n) * SECOND) & BITS, 27n);
  return BigInt.asIntN(64, unshifted((second * FIRST) & BITS, 30n));
}

/** Ids that nobody has chosen. */
const ordinary = (length: number): BigInt64Array =>
  BigInt64Array.from({ length }, (_, at) =>
    BigInt.asIntN(64, BigInt(at + 1) * 0x9e3779b97f4a7c15n),
  );

async function expectNoMore(
  ids: BigInt64Array,
  use: (ids: BigInt64Array) => unknown,
): Promise<void> {
  expect(new Set(ids).size).toBe(ids.length);
  const took = async (given: BigInt64Array) => {
    const began = performance.now();
    await use(given);
    return performance.now() - began;
  };
  const most = MOST_TIMES * (await took(ordinary(ids.length))) + BESIDES_MS;
  expect(await took(ids)).toBeLessThan(most);
}

it('in a table', () => {
  const chosen = BigInt64Array.from({ length: IDS }, (_, at) => unmixed(BigInt(at) << 24n));
  return expectNoMore(chosen, (ids) => {
    using table = EmbeddingTable.from(new Int8Array(IDS).fill(1), { dim: 1, ids });
    expect(table.rowsOf(ids.subarray(IDS - 2))).toEqual(Int32Array.of(IDS - 2, IDS - 1));
  });
});

it('in a tree that grows', () => {
  // In GCC's library 100 000 numbers have 172 933 places, and each is its own hash.
  const length = 100_000;
  const chosen = BigInt64Array.from({ length }, (_, at) => BigInt(at + 1) * 172_933n);
  return expectNoMore(chosen, async (ids) => {
    using tree = await IndexTree.build(EmbeddingTable.from(Int8Array.of(1, 2, 3), { dim: 1 }));
    await tree.insert(ids, new Int8Array(length).fill(1));
    expect(tree.items).toBe(3 + length);
  });
});

it('in parquet files', () => {
  const undone = Number(BigInt.asIntN(32, inverse(0x85ebca6bn)));
  const chosen = BigInt64Array.from({ length: IDS }, (_, high) => {
    const low = Math.imul(Math.imul(high, 0xc2b2ae35), undone) >>> 0;
    return (BigInt(high) << 32n) | BigInt(low);
  });
  return expectNoMore(chosen, (ids) => {
    const numbers = new IdNumbers();
    for (const id of ids) numbers.add(id);
    expect(numbers.count).toBe(IDS);
    expect(numbers.find(ids[7]!)).toBe(7);
  });
});
