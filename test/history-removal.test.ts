/** What is removed is gone, once, and what stays is found where it was, whatever came and went before. */
import { EmbeddingTable, History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { cases } from './cases/extent.js';
import { Random } from './cases/random.js';

const SEED = Number(process.env.KLEIO_SEED);

it('takes an item that is named twice for one, known or not', () => {
  const ids = BigInt64Array.of(7n, 8n);
  const history = new History(EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, ids }));
  history.append(BigInt64Array.of(7n, 99n, 8n, 99n, 7n, 100n));
  expect(history.remove({ items: BigInt64Array.of(99n, 7n, 99n, 7n) })).toBe(4);
  expect([...history.read().sequences]).toEqual([2, 5]);
  expect([history.length, history.distinct]).toEqual([2, 1]);
  history.append(BigInt64Array.of(99n));
  expect([...history.read().sequences]).toEqual([2, 5, 6]);
});

const UNKNOWN = 1000;

interface Behaviour {
  readonly sequence: number;
  readonly item: number;
  readonly time: number;
}

/** What is asked for, and which behaviours that is. */
interface Asked {
  readonly what: Parameters<History['remove']>[0];
  readonly gone: (behaviour: Behaviour) => boolean;
}

/** A history of a few items that come again and again, and a list of what must be in it. */
class Subject {
  readonly #random: Random;
  readonly #history: History;
  readonly #items: number;
  readonly #capacity: number;
  #present: Behaviour[] = [];
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#items = random.pick([2, 5, 150]);
    this.#capacity = random.pick([9, 200, 10_000]);
    const table = EmbeddingTable.from(
      Int8Array.from({ length: this.#items * 3 }, (_, index) =>
        index % 3 === 0 ? 100 : index % 7,
      ),
      { dim: 3, ids: BigInt64Array.from({ length: this.#items }, (_, row) => BigInt(row)) },
    );
    this.#history = new History(table, { capacity: this.#capacity });
  }

  append(): void {
    const count = this.#random.pick([1, 3, 30, 400]);
    const item = () =>
      this.#random.chance(0.1) ? UNKNOWN : this.#random.integer(0, this.#items - 1);
    const items = Array.from({ length: count }, item);
    const times = Float64Array.from(items, () => this.#random.integer(0, 9));
    this.#history.append(BigInt64Array.from(items, BigInt), { times });
    for (const [index, item] of items.entries()) {
      this.#present.push({ sequence: this.#next, item, time: times[index]! });
      this.#next += 1;
    }
    this.#present = this.#present.slice(-this.#capacity);
  }

  remove(): void {
    const { what, gone } = this.#random.pick([this.#sequences, this.#named, this.#old]).call(this);
    expect(this.#history.remove(what)).toBe(this.#present.filter(gone).length);
    this.#present = this.#present.filter((behaviour) => !gone(behaviour));
  }

  #sequences(): Asked {
    const asked = Array.from({ length: this.#random.integer(0, 40) }, () =>
      this.#random.integer(0, this.#next),
    );
    const gone = ({ sequence }: Behaviour) => asked.includes(sequence);
    return { what: { sequences: Float64Array.from(asked) }, gone };
  }

  #named(): Asked {
    const asked = Array.from({ length: this.#random.integer(0, 3) }, () =>
      this.#random.pick([UNKNOWN, this.#random.integer(0, this.#items)]),
    );
    const gone = ({ item }: Behaviour) => asked.includes(item);
    return { what: { items: BigInt64Array.from(asked, BigInt) }, gone };
  }

  #old(): Asked {
    const before = this.#random.integer(0, 3);
    return { what: { before }, gone: ({ time }: Behaviour) => time < before };
  }

  check(): void {
    const history = this.#history;
    const present = this.#present;
    const first = present[0]?.sequence ?? this.#next;
    expect([history.length, history.firstSequence]).toEqual([present.length, first]);
    if (present.length === 0) return;
    const { sequences, ids } = history.read({ fields: ['ids'] });
    expect([...sequences]).toEqual(present.map(({ sequence }) => sequence));
    expect([...ids].map(Number)).toEqual(present.map(({ item }) => item));
    const known = present.filter(({ item }) => item !== UNKNOWN);
    const newest = new Map(known.map(({ item, sequence }) => [item, sequence]));
    expect(history.distinct).toBe(newest.size);
    expect(this.#found(false)).toEqual(known.map(({ sequence }) => sequence));
    expect(this.#found(true)).toEqual([...newest.values()].sort((a, b) => a - b));
  }

  /** All that a search finds, by sequence numbers. */
  #found(distinct: boolean): number[] {
    const kept = this.#history.searchSync(Int8Array.of(1, 0, 0), { k: 3000, distinct });
    return [...kept.positions]
      .filter((position) => position >= 0)
      .map((position) => kept.first + position)
      .sort((a, b) => a - b);
  }
}

describe('between appends and evictions', () => {
  it.each(Array.from({ length: cases(400, 40) }, (_, index) => [SEED + index]))(
    'leaves what was not meant, seed %i',
    (seed) => {
      const random = new Random(seed);
      const subject = new Subject(random);
      for (let step = 0; step < 12; step += 1) {
        subject.append();
        if (random.chance(0.8)) subject.remove();
        if (random.chance(0.3)) subject.remove();
        subject.check();
      }
    },
  );
});
