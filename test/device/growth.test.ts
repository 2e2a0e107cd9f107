/** What goes to a device of a table that grows: its new rows, once. */
import { EmbeddingTable, History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from '../cases/bitwise.js';
import { usage } from '../cases/counted.js';
import { isSoftwareDevice, SOFTWARE_DEVICE, testDevice } from '../cases/device.js';
import { exhaustive } from '../cases/extent.js';
import { runProgram } from '../cases/programs.js';
import { Random } from '../cases/random.js';
import { describeWhere } from '../cases/waiting.js';
import { type Dtype, type Elements, elementsOf } from '../oracle/float-formats.js';

const seed = Number(process.env.KLEIO_SEED);
const DIM = 64;
const ROWS = 3000;
/** Codes, two factors, a norm and its square. */
const INT8_ROW_BYTES = DIM + 3 * 4 + 8;

/** The same table on the device and on the CPU, with a history each. */
class Twins {
  readonly #random = new Random(31);
  readonly #dtype: Dtype;
  readonly #draw: (random: Random) => number;
  readonly tables: readonly [EmbeddingTable, EmbeddingTable];
  readonly #histories: readonly [History, History];

  constructor(dtype: Dtype, draw: (random: Random) => number) {
    this.#dtype = dtype;
    this.#draw = draw;
    const values = this.#rows(ROWS);
    this.tables = [
      EmbeddingTable.from(values, { dim: DIM, dtype, device: testDevice }),
      EmbeddingTable.from(values, { dim: DIM, dtype }),
    ];
    this.#histories = [new History(this.tables[0]), new History(this.tables[1])];
    const rows = Int32Array.from({ length: 500 }, () => this.#random.integer(0, ROWS - 1));
    for (const history of this.#histories) history.append(rows);
  }

  #rows(count: number): Elements {
    const numbers = Float64Array.from({ length: count * DIM }, () => this.#draw(this.#random));
    return elementsOf(numbers, this.#dtype);
  }

  grow(count: number, values = this.#rows(count)): void {
    for (const table of this.tables) table.append(values);
  }

  append(count: number, values?: Elements): void {
    const first = this.tables[0].rows;
    this.grow(count, values);
    const rows = Int32Array.from({ length: count }, (_, at) => first + at);
    for (const history of this.#histories) history.append(rows);
  }

  async agree(by: 'cosine' | 'dot' = 'cosine'): Promise<void> {
    const { rows } = this.tables[0];
    const targets = Int32Array.of(0, rows - 1, this.#random.integer(0, rows - 1));
    const [here, there] = this.#histories;
    const options = { k: 40, by };
    const expected = there.searchSync(targets, options);
    expectSameBits(await here.search(targets, options), expected, `${rows} rows ${by}`);
  }
}

const code = (random: Random) => random.integer(-20, 20);

it('sends new rows alone, once', async () => {
  const twins = new Twins('int8', code);
  await twins.agree();
  let before = usage();
  // The first append finds no room: the device makes it, and copies by itself what it has.
  for (const count of [100, 1, 20, 7, 300]) {
    twins.grow(count);
    await twins.agree();
    const after = usage();
    expect(after.uploadedBytes - before.uploadedBytes).toBe(count * INT8_ROW_BYTES);
    await twins.agree('dot');
    expect(usage().uploadedBytes).toBe(after.uploadedBytes);
    before = after;
  }
});

it('takes room ahead, and gives it back', () => {
  const before = usage().tableBytes;
  const twins = new Twins('int8', code);
  const [table] = twins.tables;
  expect(table.deviceByteLength).toBe(usage().tableBytes - before);
  const made = table.deviceByteLength;
  twins.append(1);
  return twins.agree().then(async () => {
    const grown = table.deviceByteLength;
    expect(grown).toBeGreaterThan(made * 1.4);
    expect(grown).toBeLessThan(made * 1.6);
    expect(usage().tableBytes - before).toBe(grown);
    twins.append(ROWS / 3);
    await twins.agree();
    expect(table.deviceByteLength).toBe(grown);
  });
});

describe.each(['float16', 'bfloat16', 'float32', 'float8'] as const)('a table of %s', (dtype) => {
  it('takes rows that its codes did not expect', async () => {
    const twins = new Twins(dtype, (random) => random.pick([-1, 1]) * (0.5 + random.uniform()));
    await twins.agree();
    for (const magnitude of [1, 1e-6, 1e30, 400]) {
      const amplitude =
        dtype === 'float32' || dtype === 'bfloat16' ? magnitude : Math.min(magnitude, 400);
      const numbers = Float64Array.from(
        { length: 5 * DIM },
        (_, at) => amplitude * Math.sin(at + 1),
      );
      twins.append(5, elementsOf(numbers, dtype));
      for (const by of ['cosine', 'dot'] as const) await twins.agree(by);
      twins.append(3);
      for (const by of ['cosine', 'dot'] as const) await twins.agree(by);
    }
  });
});

it('is read by each search as it was, while it grows', async () => {
  const twins = new Twins('int8', code);
  const running: Promise<void>[] = [];
  for (let step = 0; step < 40; step += 1) {
    running.push(twins.agree(step % 2 === 0 ? 'cosine' : 'dot'));
    twins.append(step % 9 === 0 ? 1200 : 3);
  }
  await Promise.all(running);
});

interface Survived {
  readonly failures: number;
  readonly wrong: number;
}

describeWhere(isSoftwareDevice(), SOFTWARE_DEVICE)('a device without memory for new rows', () => {
  it('refuses the search, and serves the next one', async () => {
    let failures = 0;
    const step = exhaustive ? 1 : 4;
    for (let n = 1 + (seed % step); n <= 24; n += step) {
      for (const fault of [`fail_allocation=${n}`, `refuse=${4 * n}`]) {
        const survived = await runProgram<Survived>('growth-through-faults.mjs', {
          env: { KLEIO_SOFTWARE_DEVICE: fault },
        });
        expect(survived.wrong, fault).toBe(0);
        failures += survived.failures;
      }
    }
    expect(failures).toBeGreaterThan(exhaustive ? 5 : 1);
  });
});
