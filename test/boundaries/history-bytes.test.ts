/** Bytes of histories that are damaged, forged, or of something else; and what is in none. */
import { EmbeddingTable, History, Ranker } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectRejection } from '../cases/coded-errors.js';
import { cases } from '../cases/extent.js';
import { withRightChecksums } from '../cases/history-checksums.js';
import { weightsPath } from '../cases/muse-golden.js';
import { Random } from '../cases/random.js';
import { drawn, ids, TABLE, tableOf } from '../cases/small-history.js';

const SEED = Number(process.env.KLEIO_SEED);
const FORMS = [{ packed: false }, { packed: true }];
const rows = (...of: number[]) => Int32Array.from(of);

/** The bytes with a number of the header, or of a section, in place of theirs, and right checksums. */
function forged(bytes: Uint8Array, change: (view: DataView, at: (kind: number) => number) => void) {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  change(view, (kind) => {
    for (let entry = 128; ; entry += 32) {
      if (view.getUint32(entry, true) === kind) return Number(view.getBigUint64(entry + 8, true));
    }
  });
  return withRightChecksums(copy);
}

const read = (bytes: Uint8Array) => () => History.fromBytes(TABLE, bytes);

describe('damaged bytes', () => {
  it.each(FORMS)('are refused, whichever byte it is: %o', async (form) => {
    const bytes = await drawn().toBytes(form);
    const random = new Random(SEED);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1 << random.integer(0, 7);
      await expectRejection(read(changed), 'ERR_KLEIO_FORMAT');
    }
  });

  it.each(FORMS)('are refused, wherever they end: %o', async (form) => {
    const bytes = await drawn().toBytes(form);
    for (let length = 0; length < bytes.length; length += 1) {
      await expectRejection(read(bytes.slice(0, length)), 'ERR_KLEIO_FORMAT');
    }
    await expectRejection(
      read(Uint8Array.from([...bytes, 0])),
      'ERR_KLEIO_FORMAT',
      `of ${bytes.length}`,
    );
  });

  it('are told apart from those of another version, and of something else', async () => {
    const bytes = await drawn().toBytes();
    const other = forged(bytes, (view) => view.setUint32(8, 2, true));
    await expectRejection(read(other), 'ERR_KLEIO_FORMAT', 'version 2', 'version 1');
    await expectRejection(read(new Uint8Array(300)), 'ERR_KLEIO_FORMAT', 'history.toBytes');
    await expectRejection(read(new Uint8Array(0)), 'ERR_KLEIO_FORMAT', 'history.toBytes');
  });

  it.each(FORMS)('are refused, in whichever part of a large section: %o', async (form) => {
    const random = new Random(SEED);
    const table = EmbeddingTable.from(
      Int8Array.from({ length: 40 * 5000 }, () => random.integer(-127, 127)),
      { dim: 40 },
    );
    const history = new History(table);
    history.append(Int32Array.from({ length: 100_000 }, (_, index) => index % 5000));
    const bytes = await history.toBytes(form);
    expect((await History.fromBytes(table, bytes)).length).toBe(100_000);
    for (let round = 0; round < 20; round += 1) {
      const changed = Uint8Array.from(bytes);
      changed[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
      await expectRejection(() => History.fromBytes(table, changed), 'ERR_KLEIO_FORMAT');
    }
  });

  it('name the section', async () => {
    const bytes = await drawn().toBytes({ packed: true });
    const changed = Uint8Array.from(bytes);
    changed[bytes.length - 1]! ^= 1;
    await expectRejection(read(changed), 'ERR_KLEIO_FORMAT', 'section items', 'checksum');
  });
});

describe('forged bytes', () => {
  type Forgery = (view: DataView, at: (kind: number) => number) => void;
  const PLAIN: [string, string, Forgery][] = [
    ['places beyond all', 'counts', (view) => view.setBigUint64(40, 2n ** 40n, true)],
    ['a first sequence below 0', 'counts', (view) => view.setBigInt64(32, -1n, true)],
    ['sequences beyond 2^53', 'counts', (view) => view.setBigInt64(32, 2n ** 53n - 2n, true)],
    ['no capacity', 'counts', (view) => view.setBigUint64(56, 0n, true)],
    ['more behaviours than places', 'counts', (view) => view.setBigUint64(48, 6n, true)],
    ['fewer behaviours', 'section present', (view) => view.setBigUint64(48, 3n, true)],
    ['more places than bits', 'section present', (view) => view.setBigUint64(40, 2000n, true)],
    ['unknown attributes', 'does not know', (view) => view.setUint32(16, 64, true)],
    ['another form', 'does not know', (view) => view.setUint32(12, 7, true)],
    ['a section of another kind', 'directory', (view) => view.setUint32(128, 77, true)],
    ['a section too many', 'header', (view) => view.setUint32(20, 2 ** 31, true)],
    ['a section elsewhere', 'lies where it cannot', (view) => view.setBigUint64(136, 64n, true)],
    ['a section without end', 'lies where', (view) => view.setBigUint64(144, 2n ** 64n - 8n, true)],
    ['no behaviour at first', 'section present', (view, at) => view.setUint8(at(1), 0b11110)],
    ['behaviours behind the last', 'section present', (view, at) => view.setUint8(at(1), 0xf1)],
    ['times without end', 'section times', (view, at) => view.setFloat64(at(6), Infinity, true)],
  ];
  const PACKED: [string, string, Forgery][] = [
    ['a slot beyond all', 'section slot_of', (view, at) => view.setInt32(at(7), 9, true)],
    ['a slot below all', 'section slot_of', (view, at) => view.setInt32(at(7), -3, true)],
    ['a removed one at first', 'section slot_of', (view, at) => view.setInt32(at(7), -2, true)],
    ['a slot that nobody has', 'section slot_of', (view, at) => view.setInt32(at(7) + 16, 0, true)],
    [
      'one behaviour removed more',
      'section slot_of',
      (view, at) => view.setInt32(at(7) + 8, -2, true),
    ],
    ['a row beyond the table', 'section slot_rows', (view, at) => view.setInt32(at(11), 3, true)],
    ['no row', 'section slot_rows', (view, at) => view.setInt32(at(11), -1, true)],
    ['a row twice', 'section slot_rows', (view, at) => view.setInt32(at(11) + 4, 0, true)],
    [
      'an unknown item nowhere',
      'section unknown',
      (view, at) => view.setBigInt64(at(10), -(2n ** 63n), true),
    ],
    [
      'an unknown item that is known',
      'section unknown',
      (view, at) => view.setBigInt64(at(10), 0n, true),
    ],
    [
      'something of a removed one',
      'section slot_of',
      (view, at) => view.setFloat64(at(6) + 8, 1, true),
    ],
    ['a norm below 0', 'section items', (view, at) => view.setFloat64(at(12), -1, true)],
    [
      'a norm that is none',
      'section items',
      (view, at) => view.setFloat64(at(12), Number.NaN, true),
    ],
    [
      'a scale that is none',
      'section items',
      (view, at) => view.setFloat32(at(12) + 16, Number.NaN, true),
    ],
    ['other slots than items', '', (view) => view.setBigUint64(96, 1n, true)],
  ];

  it('packed, of a number of an item behind thousands', async () => {
    const table = EmbeddingTable.from(new Float32Array(1500 * 2).fill(1), { dim: 2 });
    const history = new History(table);
    history.append(Int32Array.from({ length: 1500 }, (_, row) => row));
    const bytes = await history.toBytes({ packed: true });
    const whole = 1024 * 28 + 16 * 64 * 4;
    const numbers = [
      ['setFloat64', 1023 * 8, 1023],
      ['setFloat32', 1024 * 8 + 1000 * 4, 1000],
      ['setFloat32', 1024 * 24 + 7 * 4, 7],
      ['setFloat64', whole + 475 * 8, 1499],
      ['setFloat32', whole + 476 * 24 + 2 * 4, 1026],
    ] as const;
    for (const [set, offset, slot] of numbers) {
      const changed = forged(bytes, (view, at) => view[set](at(12) + offset, -1, true));
      await expectRejection(
        () => History.fromBytes(table, changed),
        'ERR_KLEIO_FORMAT',
        `section items has no norm and scales of slot ${slot}`,
      );
    }
  });

  it('packed, of a scale where there is no direction: the item is not found', async () => {
    const table = tableOf([3, 4, 0, 0]);
    const history = new History(table);
    history.append(rows(0, 1));
    const bytes = await history.toBytes({ packed: true });
    for (const column of [16, 24]) {
      const changed = forged(bytes, (view, at) => view.setFloat32(at(12) + column + 4, 1, true));
      const restored = await History.fromBytes(table, changed);
      for (const by of ['cosine', 'dot'] as const) {
        expect([...restored.searchSync(rows(0), { k: 2, by }).positions]).toEqual([0, -1]);
      }
    }
  });

  it.each(PLAIN)('plain, of %s', async (_, named, forgery) => {
    const bytes = await drawn().toBytes();
    await expectRejection(read(forged(bytes, forgery)), 'ERR_KLEIO_FORMAT', named);
  });

  it.each(PACKED)('packed, of %s', async (_, named, forgery) => {
    const bytes = await drawn().toBytes({ packed: true });
    await expectRejection(read(forged(bytes, forgery)), 'ERR_KLEIO_FORMAT', named);
  });
});

describe('bytes of something else', () => {
  it('are refused by another table, if they name rows', async () => {
    const rowless = tableOf([3, 4, -4, 3, 1, 0]);
    const history = new History(rowless);
    history.append(rows(0, 2));
    const other = tableOf([3, 4, -4, 3, 1, 1]);
    const smaller = tableOf([3, 4, -4, 3]);
    for (const form of FORMS) {
      const bytes = await history.toBytes(form);
      await expectRejection(
        () => History.fromBytes(other, bytes),
        'ERR_KLEIO_ARGUMENT',
        'another table',
        '3 rows of 2 int8',
      );
      await expectRejection(
        () => History.fromBytes(smaller, bytes),
        'ERR_KLEIO_ARGUMENT',
        'this one has 2 rows',
      );
      expect((await History.fromBytes(tableOf([3, 4, -4, 3, 1, 0]), bytes)).length).toBe(2);
    }
    await expectRejection(() => History.fromBytes(TABLE, new Uint8Array()), 'ERR_KLEIO_FORMAT');
    const plain = await history.toBytes();
    await expectRejection(() => History.fromBytes(TABLE, plain), 'ERR_KLEIO_ARGUMENT', 'by rows');
  });

  it('are no rows of any table', async () => {
    const rowless = tableOf([3, 4, -4, 3]);
    const history = new History(rowless);
    history.append(rows(0, 1));
    const bytes = forged(await history.toBytes(), (view, at) => view.setInt32(at(4), 2, true));
    await expectRejection(
      () => History.fromBytes(rowless, bytes),
      'ERR_KLEIO_FORMAT',
      'section rows',
    );
  });

  it('are read by a table that has grown since', async () => {
    const bytes = await drawn().toBytes({ packed: true });
    const grown = tableOf([3, 4, -4, 3, 1, 0, 9, 9], [1, 2, 3, 4]);
    expect((await History.fromBytes(grown, bytes)).length).toBe(4);
    const renamed = tableOf([3, 4, -4, 3, 1, 0], [1, 2, 4]);
    await expectRejection(
      () => History.fromBytes(renamed, bytes),
      'ERR_KLEIO_ARGUMENT',
      'other values or ids',
    );
  });

  it('are refused where ids mean nothing', async () => {
    const bytes = await drawn().toBytes();
    const rowless = tableOf([3, 4]);
    await expectRejection(() => History.fromBytes(rowless, bytes), 'ERR_KLEIO_ARGUMENT', 'ids');
    await expectRejection(() => drawn().onto(rowless), 'ERR_KLEIO_ARGUMENT', 'ids');
    const unnamed = new History(rowless);
    await expectRejection(() => unnamed.onto(TABLE), 'ERR_KLEIO_ARGUMENT', 'rows');
    unnamed.append(rows(0, 0));
    expect((await unnamed.onto(tableOf([1, 1, 2, 2]))).length).toBe(2);
    const wider = new History(tableOf([1, 1, 2, 2]));
    wider.append(rows(1));
    await expectRejection(() => wider.onto(rowless), 'ERR_KLEIO_RANGE', 'rows of the table');
  });

  it("are told apart, a ranker's and a table's", async () => {
    const [first, second] = await Promise.all(
      ['muse_a', 'muse_b'].map((set) => Ranker.open(weightsPath(set))),
    );
    const ranked = first!.history(ids(1, 2, 3));
    const packed = await ranked.toBytes({ packed: true });
    await expectRejection(
      () => History.fromBytes(TABLE, packed),
      'ERR_KLEIO_ARGUMENT',
      'that ranker',
    );
    await expectRejection(() => History.fromBytes(second!, packed), 'ERR_KLEIO_ARGUMENT');
    const table = await drawn().toBytes({ packed: true });
    await expectRejection(
      () => History.fromBytes(first!, table),
      'ERR_KLEIO_ARGUMENT',
      'plain bytes',
    );
    const plain = await ranked.toBytes();
    expect((await History.fromBytes(TABLE, plain)).length).toBe(3);
    first!.close();
    await expectRejection(() => History.fromBytes(first!, plain), 'ERR_KLEIO_CLOSED');
  });
});

describe('what was removed', () => {
  /** Whether bytes hold these, anywhere. */
  const holds = (bytes: Uint8Array, part: ArrayBufferView) =>
    Buffer.from(bytes).includes(Buffer.from(part.buffer, part.byteOffset, part.byteLength));

  it.each(Array.from({ length: cases(60, 10) }, (_, index) => [SEED + index]))(
    'or has left is nowhere in the bytes, seed %i',
    async (seed) => {
      const random = new Random(seed);
      const count = 150;
      const code = (row: number) => Int8Array.of(100, row - 75, 75 - row, row % 100);
      const table = EmbeddingTable.from(
        Int8Array.from({ length: count * 4 }, (_, index) => code(index >> 2)[index & 3]!),
        {
          dim: 4,
          ids: BigInt64Array.from({ length: count }, (_, row) => 0x7a5a_0000_0000n + BigInt(row)),
        },
      );
      // Every behaviour has marks of its own; some of unknown items.
      const idOf = (index: number) =>
        (index % 3 === 0 ? 0x6b4b_0000_0000n : 0x7a5a_0000_0000n) + BigInt(index);
      const marks = (index: number) => [
        BigInt64Array.of(idOf(index)),
        BigInt64Array.of(0x5c3c_0000_0000n + BigInt(index)),
        Float64Array.of(1e9 + index + 0.125),
      ];
      const history = new History(table, { capacity: 100 });
      const all = Array.from({ length: count }, (_, index) => index);
      history.append(BigInt64Array.from(all, idOf), {
        categories: BigInt64Array.from(all, (index) => 0x5c3c_0000_0000n + BigInt(index)),
        times: Float64Array.from(all, (index) => 1e9 + index + 0.125),
      });
      const gone = all.filter((index) => index >= 50 && random.chance(0.4));
      history.remove({ sequences: Float64Array.from(gone) });
      const there = new Set(history.read().sequences);
      for (const form of FORMS) {
        const bytes = await history.toBytes(form);
        for (const index of all) {
          const parts = form.packed ? marks(index).slice(1) : marks(index);
          for (const part of parts) expect(holds(bytes, part)).toBe(there.has(index));
          if (!form.packed || index % 3 === 0) continue;
          const stored = Uint8Array.from(code(index), (value) => value + 128);
          expect(holds(bytes, stored)).toBe(there.has(index));
        }
      }
    },
  );
});
