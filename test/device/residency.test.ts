/** What lies on a device is what the history holds, whatever happened to either since the last search. */
import { EmbeddingTable, History, type Kept, type SearchOptions } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from '../cases/bitwise.js';
import { usage } from '../cases/counted.js';
import { testDevice } from '../cases/device.js';
import { Random } from '../cases/random.js';

const DIM = 24;
const ROWS = 900;

/** The same history on the device and on the CPU. */
class Twins {
  readonly #random: Random;
  readonly #tables: readonly [EmbeddingTable, EmbeddingTable];
  readonly #histories: readonly [History, History];
  readonly #targets: Float32Array;

  constructor(seed: number, capacity?: number) {
    this.#random = new Random(seed);
    const values = Float32Array.from({ length: ROWS * DIM }, () => this.#random.integer(-3, 3));
    this.#tables = [
      EmbeddingTable.from(values, { dim: DIM, device: testDevice }),
      EmbeddingTable.from(values, { dim: DIM }),
    ];
    const options = capacity === undefined ? {} : { capacity };
    this.#histories = [
      new History(this.#tables[0], options),
      new History(this.#tables[1], options),
    ];
    this.#targets = Float32Array.from({ length: 3 * DIM }, () => this.#random.integer(-3, 3));
  }

  append(count: number): void {
    const rows = Int32Array.from({ length: count }, () => this.#random.integer(-1, ROWS - 1));
    const times = Float64Array.from(rows, () => this.#random.integer(0, 50));
    for (const history of this.#histories) history.append(rows, { times });
  }

  clear(): void {
    for (const history of this.#histories) history.clear();
  }

  /** Starts a search of the present on the device; ends when it gave what the CPU gave now. */
  async agree(options: Partial<SearchOptions> = {}): Promise<void> {
    const asked = { k: 20, ...options };
    const expected = this.#histories[1].searchSync(this.#targets, asked);
    expectSameBits(await this.#histories[0].search(this.#targets, asked), expected, 'device');
  }

  /** Five behaviours at a time, with a search after each. */
  async growTenTimes(): Promise<void> {
    for (let step = 0; step < 10; ++step) {
      this.append(5);
      await this.agree();
    }
  }

  get bytes(): number {
    return this.#histories[0].byteLength;
  }

  close(): void {
    for (const closable of [...this.#histories, ...this.#tables]) closable.close();
  }
}

describe('a history that changes between searches', () => {
  it.each([undefined, 300])('agrees after every append (capacity %s)', async (capacity) => {
    const random = new Random(11);
    const twins = new Twins(12, capacity);
    for (let step = 0; step < 60; ++step) {
      twins.append(random.integer(0, step % 10 === 0 ? 700 : 12));
      if (step % 25 === 24) twins.clear();
      await twins.agree();
    }
    twins.close();
  });

  it('sends what has changed, not the whole', async () => {
    const twins = new Twins(13);
    twins.append(20_000);
    await twins.agree();
    const before = usage();
    await twins.growTenTimes();
    const after = usage();
    expect(after.historiesUploaded).toBe(before.historiesUploaded);
    expect(after.historiesUpdated - before.historiesUpdated).toBe(10);
    // A behaviour is a step back (4 bytes) and at most one changed slot (12 bytes).
    expect(after.uploadedBytes - before.uploadedBytes).toBeLessThanOrEqual(10 * 5 * 16);
    await twins.agree();
    expect(usage().uploadedBytes).toBe(after.uploadedBytes);
    twins.close();
  });

  it('sends what has changed as the oldest leave, too', async () => {
    const twins = new Twins(17, 5000);
    twins.append(6000);
    await twins.agree();
    const before = usage();
    await twins.growTenTimes();
    expect(usage().historiesUploaded).toBe(before.historiesUploaded);
    // A slot for each behaviour that came, and one for each that left.
    expect(usage().uploadedBytes - before.uploadedBytes).toBeLessThanOrEqual(10 * 5 * 28);
    twins.close();
  });

  it('is seen by each search as it was when called', async () => {
    const twins = new Twins(14, 2000);
    twins.append(1500);
    const running: Promise<void>[] = [];
    for (let step = 0; step < 40; ++step) {
      running.push(twins.agree({ k: 1 + (step % 30) }));
      twins.append(step % 7 === 0 ? 1300 : 3);
      if (step === 20) twins.clear();
    }
    await Promise.all(running);
    twins.close();
  });

  it.each([
    [{ since: 25 }],
    [{ exclude: Int32Array.of(3, 5, 8, 13) }],
    [{ since: 10, exclude: Int32Array.of(1, 2), distinct: true }],
    [{ by: 'dot', minScore: 4 }],
    [{ k: 1500 }],
  ] as const)('keeps to %j', async (options) => {
    const twins = new Twins(15);
    for (let step = 0; step < 6; ++step) {
      twins.append(400);
      await twins.agree(options);
    }
    twins.close();
  });

  it('counts searches that the CPU answers', async () => {
    const twins = new Twins(16);
    twins.append(50);
    await twins.agree();
    const before = usage().cpuSearches;
    await twins.agree({ k: 1025 });
    expect(usage().cpuSearches).toBe(before + 1);
    twins.close();
  });
});

it('says what a table and a history take of the device, and gives it back', async () => {
  const table = EmbeddingTable.from(new Int8Array(64 * 1000).fill(3), {
    dim: 64,
    device: testDevice,
  });
  expect(table.device).toBe(testDevice);
  expect(table.deviceByteLength).toBeGreaterThanOrEqual(64 * 1000 + 20 * 1000);
  const held = usage().tableBytes;
  const history = new History(table);
  history.append(Int32Array.from({ length: 1000 }, (_, row) => row));
  const before = history.byteLength;
  await history.search(new Int8Array(64).fill(1), { k: 3 });
  expect(history.byteLength - before).toBeGreaterThanOrEqual(1000 * 12);
  const bytes = table.deviceByteLength;
  table.close();
  expect(usage().tableBytes).toBe(held); // the history keeps it
  history.close();
  expect(usage().tableBytes).toBe(held - bytes);
});

const digestsOf = (kept: readonly Kept[]) =>
  kept.map(({ positions, scores }) => [positions, scores]);

it('searches histories of both devices in one call', async () => {
  const { searchMany } = await import('kleio');
  const values = Int8Array.from({ length: 50 * 8 }, (_, index) => (index * 37) % 251);
  const histories = ['cpu', testDevice, 'cpu', testDevice, testDevice].map((device, index) => {
    const table = EmbeddingTable.from(values, { dim: 8, device: device as 'cpu' });
    const history = new History(table);
    history.append(Int32Array.from({ length: 20 + index }, (_, row) => (row * 7) % 50));
    return history;
  });
  const targets = Int32Array.of(1, 2, 3);
  const together = await searchMany(histories.map((history) => ({ history, targets, k: 4 })));
  const alone = histories.map((history) => history.searchSync(targets, { k: 4 }));
  expect(digestsOf(together)).toEqual(digestsOf(alone));
});
