/** Handles and arrays may be closed, dropped, transferred or aborted at any moment. */
import { getEventListeners, setMaxListeners } from 'node:events';
import { EmbeddingTable, History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { testDevice } from './cases/device.js';
import { times } from './cases/extent.js';
import { detached } from './cases/hostile-views.js';
import { MEASURED } from './cases/live-memory.js';
import { runProgram } from './cases/programs.js';
import { Random } from './cases/random.js';

const DIM = 64;
const ROWS = 4000;

function subject(seed = 1, length = 20_000) {
  const random = new Random(seed);
  const values = Int8Array.from({ length: ROWS * DIM }, () => random.integer(-128, 127));
  const table = EmbeddingTable.from(values, { dim: DIM, device: testDevice });
  const history = new History(table);
  const categories = Int32Array.from({ length }, () => random.integer(0, 3));
  history.append(
    Int32Array.from({ length }, () => random.integer(0, ROWS - 1)),
    { categories },
  );
  const targets = () => values.slice(0, 50 * DIM);
  return { table, history, targets };
}

describe('while a search runs', () => {
  it('closing history and table lets it complete', async () => {
    const { table, history, targets } = subject();
    const expected = history.searchSync(targets(), { k: 20 });
    const running = Array.from({ length: 20 }, () => history.search(targets(), { k: 20 }));
    history.close();
    table.close();
    for (const kept of await Promise.all(running)) expect(kept).toEqual(expected);
  });

  it('targets may be transferred, overwritten or resized', async () => {
    const { history, targets } = subject();
    const expected = history.searchSync(targets(), { k: 20 });
    const transferred = targets();
    const overwritten = targets();
    const running = [
      history.search(transferred, { k: 20 }),
      history.search(overwritten, { k: 20 }),
    ];
    detached(transferred);
    overwritten.fill(1);
    for (const kept of await Promise.all(running)) expect(kept).toEqual(expected);
  });

  it('categories and excluded items too', async () => {
    const { history } = subject();
    const asked = () => ({
      k: 20,
      by: 'category' as const,
      categories: BigInt64Array.of(1n, 2n),
      exclude: Int32Array.from({ length: 100 }, (_, row) => row),
    });
    const expected = history.searchSync(undefined, asked());
    const options = asked();
    const running = history.search(undefined, options);
    detached(options.categories);
    detached(options.exclude);
    expect(await running).toEqual(expected);
  });

  it('appended batches may be transferred at once', () => {
    const { table } = subject();
    const history = new History(table);
    const rows = Int32Array.from({ length: 1000 }, (_, row) => row);
    history.append(rows);
    detached(rows);
    expect(history.searchSync(Int32Array.of(999), { k: 1 }).positions[0]).toBe(999);
  });
});

it('gives results that are ordinary arrays: they transfer and outlive everything', async () => {
  const { table, history, targets } = subject();
  const kept = await history.search(targets(), { k: 20 });
  history.close();
  table.close();
  const expected = kept.positions.slice();
  const { buffer } = kept.positions;
  const moved = structuredClone(kept.positions, { transfer: [buffer as ArrayBuffer] });
  expect(moved).toEqual(expected);
  expect(kept.positions.length).toBe(0);
});

describe('abort', () => {
  it('before the call rejects with the reason', async () => {
    const { history, targets } = subject();
    const reason = new Error('no longer needed');
    const signal = AbortSignal.abort(reason);
    await expect(history.search(targets(), { k: 5, signal })).rejects.toBe(reason);
    expect(() => history.searchSync(targets(), { k: 5, signal })).toThrow(reason);
  });

  it('during the search rejects with the reason, and the history goes on', async () => {
    const { history, targets } = subject();
    const expected = history.searchSync(targets(), { k: 5 });
    for (const reason of [undefined, 'a string', new RangeError('mine'), 0]) {
      const controller = new AbortController();
      const { signal } = controller;
      const running = history.search(targets(), { k: 5, signal });
      controller.abort(reason);
      await expect(running).rejects.toBe(signal.reason);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    }
    expect(await history.search(targets(), { k: 5 })).toEqual(expected);
  });

  it('rejects all that wait on one signal, and no other', async () => {
    const { history, targets } = subject();
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const searches = Array.from({ length: 300 }, () =>
      history.search(targets(), { k: 5, signal: controller.signal }),
    );
    const other = history.search(targets(), { k: 5 });
    controller.abort();
    const outcomes = await Promise.allSettled(searches);
    // Answers are delivered by the event loop, which has not turned before the abort.
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBe(300);
    expect((await other).count).toBe(50);
  });

  it('after the answer changes nothing and leaves no listener behind', async () => {
    const { history, targets } = subject();
    const controller = new AbortController();
    const { signal } = controller;
    const kept = await history.search(targets(), { k: 5, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const before = kept.positions.slice();
    controller.abort();
    expect(kept.positions).toEqual(before);
  });

  it('obeys AbortSignal.timeout', async () => {
    const env = { KLEIO_QUEUE: '4', KLEIO_THREADS: '1' };
    const outcome = await runProgram('timed-out.mjs', { env });
    expect(outcome).toEqual({ name: 'TimeoutError', afterwards: true });
  });
});

describe('in a process of its own', () => {
  it('exits in the middle of searches', async () => {
    expect(await runProgram('exit-in-flight.mjs')).toEqual({ exited: true });
  });

  it('lives until its searches have answered, and no longer', async () => {
    expect(await runProgram('nobody-waits.mjs')).toEqual({ answered: 20 });
  });

  it('collects handles whose searches run', async () => {
    const { grown, handle, taken } = await runProgram<{
      readonly grown: Readonly<Record<'live' | 'native', number>>;
      readonly handle: number;
      readonly taken: number;
    }>('collected-in-flight.mjs', {
      ...MEASURED,
      env: { ...MEASURED.env, KLEIO_TEST_ROUNDS: String(times(10, 2)) },
    });
    // Not one of the handles stays every time.
    expect(grown.live, `of ${taken} bytes`).toBeLessThanOrEqual(handle);
    expect(grown.native, `of ${taken} bytes`).toBeLessThanOrEqual(handle);
  });

  it('refuses searches beyond the queue, clearly, until some have left it', async () => {
    const env = { KLEIO_QUEUE: '4', KLEIO_THREADS: '1' };
    const { message, ...outcome } = await runProgram<Record<string, unknown>>('full-queue.mjs', {
      env,
    });
    expect(message).toContain('the queue holds 4 waiting calls');
    expect(outcome).toEqual({
      refused: ['ERR_KLEIO_QUEUE_FULL'],
      left: new Array(3).fill('AbortError'),
      later: new Array(2).fill('ERR_KLEIO_QUEUE_FULL'),
      answered: 4,
      wrong: 0,
      afterwards: true,
    });
  });
});
