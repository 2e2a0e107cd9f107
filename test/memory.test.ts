/** A history takes what it says, and everything is given back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddingTable, History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { historyBytes, OBJECT_BYTES } from '../lib/cli/memory-formula.js';
import { exhaustive, times } from './cases/extent.js';
import { MEASURED } from './cases/live-memory.js';
import { runProgram } from './cases/programs.js';
import { Random } from './cases/random.js';
import { writeTaobaoData } from './cases/taobao-data.js';
import { DTYPES, type Dtype, ELEMENT_TYPES } from './oracle/float-formats.js';

interface Measured {
  readonly byteLength: number;
  readonly grown: number;
  readonly length: number;
  readonly distinct: number;
}

/** docs/memory.md: what a million behaviours of 300 000 items take at least and at most. */
function documented(dtype: Dtype): readonly [least: number, most: number] {
  const behaviours = 1_000_000 * (8 + 8 + 8);
  const scanned = dtype === 'int8' ? 128 + 16 : 128 + 28;
  return [behaviours + 300_000 * (scanned + 32), behaviours + 300_000 * (scanned + 48)];
}

it.each(DTYPES)('a history over %s takes what is documented, within 10 %%', async (dtype) => {
  const { byteLength, grown, length, distinct } = await runProgram<Measured>('memory-formula.mjs', {
    ...MEASURED,
    env: {
      ...MEASURED.env,
      KLEIO_TEST_DTYPE: dtype,
      KLEIO_TEST_BYTES: String(ELEMENT_TYPES[dtype].array.BYTES_PER_ELEMENT),
    },
  });
  expect([length, distinct]).toEqual([1_000_000, 300_000]);
  const [least, most] = documented(dtype);
  expect(byteLength).toBeGreaterThanOrEqual(least);
  expect(byteLength).toBeLessThanOrEqual(most);
  expect(grown / byteLength, `${grown} bytes measured, ${byteLength} said`).toBeGreaterThan(0.9);
  expect(grown / byteLength, `${grown} bytes measured, ${byteLength} said`).toBeLessThan(1.1);
});

it('histories of any dtype, width and length take exactly what they say', async () => {
  const draw = { seed: Number(process.env.KLEIO_SEED), count: times(400, 60) };
  const env = { ...MEASURED.env, KLEIO_TEST_DRAW: JSON.stringify(draw) };
  expect(await runProgram('memory-exact.mjs', { ...MEASURED, env })).toEqual([]);
});

it('histories take what the formula says, whatever they are of', () => {
  const random = new Random(Number(process.env.KLEIO_SEED));
  const lengths = [0, 1, 2, 5, 10, 20, 31, 32, 33, 63, 64, 65, 100, 250, 1000, 1025, 5000, 20_000];
  for (let index = 0; index < times(1000, 200); ++index) {
    const dtype = random.pick(DTYPES);
    const dim = random.pick([1, 2, 3, 16, 64, 100, 128, 384, 768]);
    const behaviours = random.pick(lengths);
    const items = Math.min(behaviours, random.pick([...lengths, behaviours].filter((n) => n > 0)));
    const [categories, withTimes] = [random.chance(0.5), random.chance(0.5)];
    const shape = { dim, dtype, behaviours, items, categories, times: withTimes, ranker: false };
    const { array } = ELEMENT_TYPES[dtype];
    const table = EmbeddingTable.from(new array(Math.max(1, items) * dim).fill(1), { dim, dtype });
    const history = new History(table);
    history.append(
      Int32Array.from({ length: behaviours }, (_, at) => at % items),
      {
        ...(categories && { categories: new BigInt64Array(behaviours) }),
        ...(withTimes && { times: new Float64Array(behaviours) }),
      },
    );
    const ratio = historyBytes(shape) / history.byteLength;
    expect(Math.abs(ratio - 1), `${JSON.stringify(shape)}: ${history.byteLength}`).toBeLessThan(
      0.02,
    );
    history.close();
    table.close();
  }
});

interface Many {
  /** Bytes of the process for each history: outside of JavaScript's heap, with it, and after it was closed. */
  readonly each: number;
  readonly all: number;
  readonly left: number;
  readonly byteLength: number;
  readonly distinct: number;
}

/** What a handle takes beside: of JavaScript's bookkeeping outside of its heap. */
const HANDLE_BYTES = 500;
/** Of handles, whose small pieces the C library keeps for the next ones, however short the histories were. */
const KEPT_BYTES = 300;

/** A million of them where there is time. */
const HISTORIES = exhaustive ? 1_000_000 : 100_000;

it.each([10, 20])(
  `${HISTORIES} histories of %i behaviours take what the formula says`,
  async (behaviours) => {
    const dim = 64;
    const env = {
      ...MEASURED.env,
      KLEIO_TEST_MANY: JSON.stringify({ histories: HISTORIES, behaviours, dim }),
    };
    const measured = await runProgram<Many>('memory-of-many.mjs', { ...MEASURED, env });
    const { each, all, left, byteLength, distinct } = measured;
    const shape = { dim, dtype: 'int8', behaviours, items: behaviours } as const;
    const said = historyBytes({ ...shape, categories: false, times: false, ranker: false });
    expect(distinct).toBe(behaviours);
    expect(byteLength).toBe(said);
    expect(each).toBeLessThan(byteLength + HANDLE_BYTES);
    const what = JSON.stringify(measured);
    expect(all / (said + OBJECT_BYTES), what).toBeGreaterThan(0.9);
    expect(all / (said + OBJECT_BYTES), what).toBeLessThan(1.1);
    expect(left).toBeLessThan(KEPT_BYTES);
    // docs/memory.md: of 20 behaviours, 1.5 KB beside their codes, and a million in 4 GB.
    if (behaviours !== 20) return;
    expect(byteLength - behaviours * dim).toBeLessThan(1500);
    expect(all * 1e6).toBeLessThan(4e9);
  },
);

interface Returned {
  readonly before: number;
  readonly most: number;
  readonly after: number;
}

// As it comes: with the arenas and thresholds of the system's own malloc.
describe.runIf(process.platform === 'linux')('gives memory back to the system', () => {
  it.each([
    'histories',
    'histories that the collector finds',
    'histories that are cleared',
    'many small histories',
    'histories of floats, searched',
    'built histories',
    'small tables with ids',
    'what searches of a large K worked with',
    'trees, changed and saved',
  ])('%s', async (kind) => {
    for (const worker of [{}, { KLEIO_TEST_WORKER: '1' }]) {
      const { before, most, after } = await runProgram<Returned>('memory-returned.mjs', {
        nodeOptions: MEASURED.nodeOptions,
        env: { KLEIO_TEST_KIND: kind, ...worker },
      });
      const what = JSON.stringify({ ...worker, before, most, after });
      expect(most - before, what).toBeGreaterThan(2e6);
      expect(after - before, what).toBeLessThan(0.1 * (most - before) + SETTLING_BYTES);
    }
  });
});

/** What engine and heap move by, whatever is measured. */
const SETTLING_BYTES = 1.5e6;

interface Growth {
  /** Of JavaScript's objects and what they account for, and of the rest of the process, in bytes. */
  readonly live: number;
  readonly native: number;
}

interface Kinds<Value> {
  readonly searches: Value;
  readonly cycles: Value;
}

it('searches, and handles that are closed, leave nothing behind', async () => {
  const { grown, allowed } = await runProgram<{
    readonly grown: Kinds<Growth>;
    readonly allowed: Kinds<number>;
  }>('memory-growth.mjs', MEASURED);
  for (const kind of ['searches', 'cycles'] as const) {
    expect(grown[kind].live, kind).toBeLessThanOrEqual(allowed[kind]);
    expect(grown[kind].native, kind).toBeLessThanOrEqual(allowed[kind]);
  }
});

it('answers that can be extended go, with what they keep, or with their history', async () => {
  const { dropped, closed } = await runProgram<{ dropped: number; closed: number }>(
    'extendable-memory.mjs',
    MEASURED,
  );
  expect(dropped).toBeLessThan(2 ** 20);
  // Of 100 answers, each of which has targets of 128 KB: less than half of that.
  expect(closed).toBeLessThan(100 * 2 ** 16);
});

interface Evaluated {
  readonly samples: number;
  readonly parts: number;
  readonly looks: number;
  readonly mostLive: number;
}

/** What an exact AUC keeps of a sample, in an array that doubles. */
const AUC_BYTES = 16;
/** What the engine makes of code that runs ten times as long. */
const COMPILED_BYTES = 3e6;
const PART = times(20_000, 4000);

it(`evaluating ten times ${PART} samples takes no more memory than once`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-evaluate-'));
  // Groups of rows, and with them dictionaries, of the same size in both.
  const shape = { items: 2000, longestHistory: 60, rowGroupSize: PART / 2, pageSize: 2 ** 15 };
  const evaluate = (samples: number) => {
    const path = join(folder, String(samples));
    const { weights } = writeTaobaoData(path, 7, { ...shape, samples, users: samples / 20 });
    const env = {
      ...MEASURED.env,
      ...{ KLEIO_TEST_DATA: path, KLEIO_TEST_WEIGHTS: weights },
      ...{ KLEIO_TEST_PART: String(PART), KLEIO_TEST_LOOKS: '100' },
    };
    return runProgram<Evaluated>('evaluate-memory.mjs', { ...MEASURED, env });
  };
  try {
    const [few, many] = [await evaluate(PART), await evaluate(10 * PART)];
    expect([few.samples, many.samples]).toEqual([PART, 10 * PART]);
    expect([few.parts, many.parts]).toEqual([1, 10]);
    expect(few.looks).toBeGreaterThan(3);
    // Samples as rows, or their users' histories, would be a hundred bytes and more of each.
    const allowed = AUC_BYTES * (many.samples - few.samples) + COMPILED_BYTES;
    expect(many.mostLive - few.mostLive, JSON.stringify([few, many])).toBeLessThan(allowed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
