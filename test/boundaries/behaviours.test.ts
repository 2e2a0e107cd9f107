/** What reading behaviours back, asking for them and removing them make of hostile arguments. */
import { EmbeddingTable, History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, untyped } from '../cases/coded-errors.js';
import { withRightChecksums } from '../cases/history-checksums.js';
import { detached, shared } from '../cases/hostile-views.js';

const ids = BigInt64Array.of(10n, 20n, 30n);

function user({ named = true, timed = true } = {}): History {
  const values = Float32Array.of(1, 0, 0, 1, 0.6, 0.8);
  const table = EmbeddingTable.from(values, { dim: 2, ...(named && { ids }) });
  const history = new History(table);
  history.append(Int32Array.of(0, 1, 2, 0), timed ? { times: Float64Array.of(1, 2, 3, 4) } : {});
  return history;
}

describe('read', () => {
  it.each<[unknown, string, string]>([
    [null, 'ERR_KLEIO_ARGUMENT', 'read options must be an object'],
    [{ form: 1 }, 'ERR_KLEIO_ARGUMENT', "did you mean 'from'?"],
    [{ from: -1 }, 'ERR_KLEIO_RANGE', 'from must be an integer from 0'],
    [{ from: 0.5 }, 'ERR_KLEIO_RANGE', '0.5'],
    [{ from: '1' }, 'ERR_KLEIO_ARGUMENT', 'from must be a number'],
    [{ count: -1 }, 'ERR_KLEIO_RANGE', 'count'],
    [{ count: Number.NaN }, 'ERR_KLEIO_RANGE', 'NaN'],
    [{ fields: 'ids' }, 'ERR_KLEIO_ARGUMENT', 'fields must be an array'],
    [{ fields: ['categories'] }, 'ERR_KLEIO_ARGUMENT', "fields: 'categories' needs"],
  ])('refuses %o', (options, code, text) => {
    expectError(() => user().read(untyped(options)), code, text);
  });

  it('refuses ids where the table has none', () => {
    const options = { fields: ['ids'] } as const;
    expectError(() => user({ named: false }).read(options), 'ERR_KLEIO_ARGUMENT', "ask for 'rows'");
  });

  it('gives what there is, wherever it begins and ends', () => {
    const history = user();
    expect(history.read({ from: 2 ** 52 })).toEqual({ count: 0, sequences: new Float64Array() });
    expect(history.read({ from: 3, count: 9 }).sequences).toEqual(Float64Array.of(3));
    expect(history.read({ count: 0, fields: ['ids'] }).ids).toEqual(new BigInt64Array());
    history.remove({ sequences: Float64Array.of(1, 2) });
    const { count, sequences, ids } = history.read({ fields: ['ids', 'ids', 'sequences'] });
    expect([count, sequences, ids]).toEqual([2, Float64Array.of(0, 3), BigInt64Array.of(10n, 10n)]);
    // A column has no more memory than it shows.
    expect([ids.buffer.byteLength, sequences.buffer.byteLength]).toEqual([16, 16]);
  });
});

describe('has', () => {
  it.each<[unknown, string, string]>([
    [undefined, 'ERR_KLEIO_ARGUMENT', 'items must be rows (Int32Array) or ids (BigInt64Array)'],
    [[10n], 'ERR_KLEIO_ARGUMENT', 'an array of 1'],
    [Int32Array.of(3), 'ERR_KLEIO_RANGE', '3'],
    [detached(Int32Array.of(0)), 'ERR_KLEIO_ARGUMENT', 'must have its memory'],
  ])('refuses %o', (items, code, text) => {
    expectError(() => user().has(untyped(items)), code, text);
  });

  it('takes shared and empty arrays, and no item for one', () => {
    const history = user();
    expect(history.has(shared(Int32Array.of(2, -1, 1)))).toEqual(Uint8Array.of(1, 0, 1));
    expect(history.has(new BigInt64Array())).toEqual(new Uint8Array());
    expectError(() => user({ named: false }).has(ids), 'ERR_KLEIO_ARGUMENT', 'ids');
  });
});

describe('remove', () => {
  const sequences = Float64Array.of(0);
  it.each<[unknown, string, string]>([
    [undefined, 'ERR_KLEIO_ARGUMENT', 'removals must be an object'],
    [{}, 'ERR_KLEIO_ARGUMENT', 'exactly one of items, sequences and before; got 0'],
    [{ sequences, before: 1 }, 'ERR_KLEIO_ARGUMENT', 'got 2'],
    [{ sequence: sequences }, 'ERR_KLEIO_ARGUMENT', "did you mean 'sequences'?"],
    [{ sequences: [0] }, 'ERR_KLEIO_ARGUMENT', 'sequences must be a Float64Array'],
    [{ sequences: detached(sequences.slice()) }, 'ERR_KLEIO_ARGUMENT', 'must have its memory'],
    [{ items: [0] }, 'ERR_KLEIO_ARGUMENT', 'items must be rows'],
    [{ items: Int32Array.of(7) }, 'ERR_KLEIO_RANGE', '7'],
    [{ before: Number.NaN }, 'ERR_KLEIO_RANGE', 'before'],
    [{ before: '1' }, 'ERR_KLEIO_ARGUMENT', 'before must be a number'],
  ])('refuses %o and removes nothing', (what, code, text) => {
    const history = user();
    expectError(() => history.remove(untyped(what)), code, text);
    expect(history.length).toBe(4);
  });

  it('refuses a time where behaviours have none', () => {
    expectError(() => user({ timed: false }).remove({ before: 1 }), 'ERR_KLEIO_ARGUMENT', 'times');
  });

  it('passes over what is not there', () => {
    const history = user();
    const none = Float64Array.of(-1, 4, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 60);
    expect(history.remove({ sequences: none })).toBe(0);
    expect(history.remove({ items: BigInt64Array.of(99n) })).toBe(0);
    expect(history.remove({ items: Int32Array.of(-1, -1) })).toBe(0);
    expect(history.remove({ before: -Infinity })).toBe(0);
    expect(history.remove({ before: Infinity })).toBe(4);
    expect([history.length, history.firstSequence, history.nextSequence]).toEqual([0, 4, 4]);
    expect(history.remove({ before: 5 })).toBe(0);
  });

  it('lets what comes after all have gone bring other columns', () => {
    const history = user();
    history.remove({ items: Int32Array.of(0, 1, 2) });
    history.append(Int32Array.of(1), { categories: Int32Array.of(5) });
    const { sequences, categories } = history.read({ fields: ['categories'] });
    expect([sequences, categories]).toEqual([Float64Array.of(4), BigInt64Array.of(5n)]);
  });

  it('leaves a search that runs as it was', async () => {
    const history = user();
    const running = history.search(Int32Array.of(0), { k: 4, fields: ['sequences', 'times'] });
    history.remove({ items: Int32Array.of(0) });
    const { sequences, times } = await running;
    expect([sequences, times]).toEqual([Float64Array.of(3, 0, 2, 1), Float64Array.of(4, 1, 3, 2)]);
    expect(history.searchSync(Int32Array.of(0), { k: 4 }).positions[0]).toBe(1);
  });
});

it('numbers end where those of JavaScript do', async () => {
  const table = EmbeddingTable.from(Int8Array.of(3, 4), { dim: 2 });
  const history = new History(table);
  history.append(new Int32Array(1));
  const bytes = Uint8Array.from(await history.toBytes());
  new DataView(bytes.buffer).setBigInt64(32, 2n ** 53n - 2n, true);
  const last = await History.fromBytes(table, withRightChecksums(bytes));
  expect([last.firstSequence, last.nextSequence]).toEqual([2 ** 53 - 2, 2 ** 53 - 1]);
  expectError(() => last.append(new Int32Array(1)), 'ERR_KLEIO_RANGE', 'beyond 2^53 - 1');
  expect(last.remove({ sequences: last.read().sequences })).toBe(1);
});
