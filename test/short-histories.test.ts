/** Histories that keep few behaviours and live long: what they hold moves through their storage for ever. */
import { EmbeddingTable, History } from 'kleio';
import { expect, it } from 'vitest';
import { testDevice } from './cases/device.js';
import { times } from './cases/extent.js';
import { Random } from './cases/random.js';

const DIM = 3;
const ROWS = 300;
const DTYPES = ['int8', 'float32'] as const;

interface Behaviour {
  readonly row: number;
  readonly category: bigint;
  readonly time: number;
}

const columnsOf = (behaviours: readonly Behaviour[]) => ({
  categories: BigInt64Array.from(behaviours, ({ category }) => category),
  times: Float64Array.from(behaviours, ({ time }) => time),
});
const append = (history: History, behaviours: readonly Behaviour[]) =>
  history.append(
    Int32Array.from(behaviours, ({ row }) => row),
    columnsOf(behaviours),
  );

const seed = Number(process.env.KLEIO_SEED);

it.each(Array.from({ length: times(40, 8) }, (_, index) => index))(
  'answers as a new history of what is left does, case %i',
  async (index) => {
    const random = new Random(seed + index);
    const dtype = random.pick(DTYPES);
    const values = Float32Array.from({ length: ROWS * DIM }, () => random.integer(-90, 90));
    const table = EmbeddingTable.from(dtype === 'int8' ? new Int8Array(values) : values, {
      dim: DIM,
      device: testDevice,
    });
    // Around the numbers at which columns, items and the table of rows change what they lie in.
    const capacity = random.pick([1, 2, 5, 20, 31, 32, 33, 64, 65, 200, 250, 500, 1010, 1100]);
    const items = random.pick([1, 10, 31, 32, 33, 34, 63, 65, ROWS]);
    const step = random.pick([1, 7, 100, 300]);
    const history = new History(table, { capacity });
    const draw = (at: number): Behaviour => ({
      row: random.chance(0.1) ? -1 : random.integer(0, items - 1),
      category: BigInt(random.integer(0, 3)),
      time: at,
    });
    const ask = async (of: History, since: number) => {
      const targets = Int32Array.of(0, items - 1);
      const categories = BigInt64Array.of(1n, 2n);
      const answers = await Promise.all([
        of.search(targets, { k: 7 }),
        of.search(targets, { k: 7, by: 'dot', since, distinct: true }),
        of.search(undefined, { k: 7, by: 'category', categories, since }),
      ]);
      // Sequence numbers are those of one history.
      return answers.map(({ first: _, ...kept }) => kept);
    };
    let present: Behaviour[] = [];
    let at = 0;
    while (at < 3 * 4096) {
      const added = Array.from({ length: random.integer(1, step) }, (_, next) => draw(at + next));
      at += added.length;
      if (!random.chance(30 / 4096 / (1 / step))) {
        append(history, added);
        present = [...present, ...added].slice(-capacity);
        continue;
      }
      // A search that was begun before sees nothing of what comes.
      const since = at - random.integer(0, capacity);
      const before = new History(table);
      append(before, present);
      const [running, expected] = [ask(history, since), ask(before, since)];
      append(history, added);
      present = [...present, ...added].slice(-capacity);
      const after = new History(table);
      append(after, present);
      const items = new Set(present.filter(({ row }) => row >= 0).map(({ row }) => row)).size;
      expect([history.length, history.distinct]).toEqual([present.length, items]);
      expect(await running).toEqual(await expected);
      expect(await ask(history, since)).toEqual(await ask(after, since));
      before.close();
      after.close();
      if (random.chance(0.05)) {
        history.clear();
        present = [];
      }
    }
    history.close();
    table.close();
  },
);

it('takes no more for having lived long', () => {
  const table = EmbeddingTable.from(new Int8Array(1000 * 64).fill(1), { dim: 64 });
  const history = new History(table, { capacity: 20 });
  const rows = Int32Array.from({ length: 20 }, (_, at) => at);
  history.append(rows);
  const { byteLength } = history;
  for (let index = 20; index < 20_000; ++index) history.append(Int32Array.of((index * 7) % 1000));
  expect(history.length).toBe(20);
  // A list of slots that are free for a moment.
  expect(history.byteLength).toBeLessThanOrEqual(byteLength + 128);
});
