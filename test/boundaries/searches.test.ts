/** What searches make of hostile targets and options. */
import { EmbeddingTable, History, topK } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, expectRejection, untyped } from '../cases/coded-errors.js';
import { detached, lying, misaligned, outOfBounds, shared } from '../cases/hostile-views.js';

const values = () => Float32Array.of(1, 0, 0, 1, 0.6, 0.8);
const ids = BigInt64Array.of(10n, 20n, 30n);

function userOf(columns: { categories?: Int32Array; times?: Float64Array } = {}, named = true) {
  const table = EmbeddingTable.from(values(), { dim: 2, ...(named && { ids }) });
  const history = new History(table);
  history.append(Int32Array.of(0, 1, 2), columns);
  return history;
}

/** Both doors refuse alike, and the asynchronous one never throws in the caller's face. */
async function expectRefusal(
  history: History,
  targets: unknown,
  options: unknown,
  code: string,
  ...parts: string[]
) {
  const [given, asked] = [untyped(targets), untyped(options)];
  expectError(() => history.searchSync(given, asked), code, ...parts);
  await expectRejection(() => history.search(given, asked), code, ...parts);
}

describe('targets', () => {
  it.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'ERR_KLEIO_ARGUMENT', 'targets must be'],
    ['an array', [0], 'ERR_KLEIO_ARGUMENT', 'an array of 1'],
    ['a DataView', new DataView(new ArrayBuffer(8)), 'ERR_KLEIO_ARGUMENT', 'DataView'],
    ['a number', 0, 'ERR_KLEIO_ARGUMENT', 'got 0'],
    ['doubles', Float64Array.of(1, 0), 'ERR_KLEIO_DTYPE', 'Float64Array'],
    ['another dtype', Int8Array.of(1, 0), 'ERR_KLEIO_DTYPE', 'Int8Array'],
    ['16-bit floats', Uint16Array.of(1, 0), 'ERR_KLEIO_DTYPE', 'Uint16Array'],
    ['half a target', Float32Array.of(1, 0, 1), 'ERR_KLEIO_SHAPE', 'multiple of dim (2); got 3'],
    ['NaN', Float32Array.of(1, 0, 1, Number.NaN), 'ERR_KLEIO_NOT_FINITE', 'row 1, column 1'],
    ['infinity', Float32Array.of(-Infinity, 0), 'ERR_KLEIO_NOT_FINITE', 'row 0, column 0'],
    ['a row past the table', Int32Array.of(0, 3), 'ERR_KLEIO_RANGE', '3'],
    ['a row below -1', Int32Array.of(-2), 'ERR_KLEIO_RANGE', '-2'],
    [
      'a detached view',
      detached(Float32Array.of(1, 0)),
      'ERR_KLEIO_ARGUMENT',
      'must have its memory',
    ],
    ['a shrunken view', outOfBounds(4), 'ERR_KLEIO_ARGUMENT', 'must have its memory'],
    ['detached rows', detached(Int32Array.of(1)), 'ERR_KLEIO_ARGUMENT', 'must have its memory'],
  ])('refuses %s', async (_, targets, code, text) => {
    await expectRefusal(userOf(), targets, { k: 1 }, code, text);
  });

  it('refuses ids where the table has none', async () => {
    const history = userOf({}, false);
    await expectRefusal(history, BigInt64Array.of(1n), { k: 1 }, 'ERR_KLEIO_ARGUMENT', 'ids');
    const exclude = { k: 1, exclude: BigInt64Array.of(1n) };
    await expectRefusal(history, Int32Array.of(1), exclude, 'ERR_KLEIO_ARGUMENT', 'ids');
  });

  it('keeps nothing for absent, unknown and zero targets', async () => {
    const history = userOf();
    for (const targets of [Int32Array.of(-1), BigInt64Array.of(99n), Float32Array.of(0, -0)]) {
      const { positions, scores } = await history.search(targets, { k: 2 });
      expect(Array.from(positions)).toEqual([-1, -1]);
      expect(Array.from(scores)).toEqual([-Infinity, -Infinity]);
    }
  });

  it('answers no targets with no places', async () => {
    const history = userOf();
    for (const targets of [new Int32Array(0), new BigInt64Array(0), new Float32Array(0)]) {
      const kept = await history.search(targets, { k: 3 });
      expect([kept.count, kept.k, kept.positions.length, kept.scores.length]).toEqual([0, 3, 0, 0]);
    }
  });

  it('answers an empty history with empty places', () => {
    const table = EmbeddingTable.from(new Float32Array(0), { dim: 2 });
    const { positions } = new History(table).searchSync(Float32Array.of(1, 0), { k: 2 });
    expect(Array.from(positions)).toEqual([-1, -1]);
  });

  it('reads shared and misaligned views as what they hold', () => {
    const history = userOf();
    for (const targets of [shared(Float32Array.of(0, 1)), misaligned(Float32Array.of(0, 1))]) {
      expect(history.searchSync(targets, { k: 1 }).positions[0]).toBe(1);
    }
    const buffer = new ArrayBuffer(9);
    const codes = new Int8Array(buffer, 3, 2);
    codes.set([0, 1]);
    const { positions } = topK(codes, new Int8Array(Int8Array.of(1, 0, 0, 1)), { dim: 2, k: 1 });
    expect(positions[0]).toBe(1);
  });

  it('never believes a length that is not the view’s own', () => {
    const history = userOf();
    for (const length of [2 ** 31, 2 ** 34, 2000, 1, -1, Number.NaN, 'x']) {
      for (const view of [Float32Array.of(0, 1), Int32Array.of(1), BigInt64Array.of(20n)]) {
        try {
          const kept = history.searchSync(lying(view, untyped(length)), { k: 1 });
          expect(kept.positions[0]).toBe(1);
        } catch (error) {
          const { code } = error as { code?: string };
          expect(code, String(error)).toMatch(/^ERR_KLEIO_(SHAPE|ARGUMENT|RANGE|OUT_OF_MEMORY)$/);
        }
      }
    }
  });

  it('is not fooled by targets that lose their memory while the options are read', async () => {
    const targets = () => Float32Array.of(1, 0);
    const optionsOver = (view: Float32Array) => ({
      get k() {
        if (view.length > 0) detached(view);
        return 1;
      },
    });
    const [one, other] = [targets(), targets()];
    const history = userOf();
    expectError(
      () => history.searchSync(one, optionsOver(one)),
      'ERR_KLEIO_ARGUMENT',
      'transferred',
    );
    await expectRejection(() => history.search(other, optionsOver(other)), 'ERR_KLEIO_ARGUMENT');
  });
});

describe('options', () => {
  const rows = Int32Array.of(0);

  it.each<[string, unknown, string, string]>([
    ['k', 0, 'ERR_KLEIO_RANGE', 'k must be an integer from 1 to 2147483646; got 0'],
    ['k', -1, 'ERR_KLEIO_RANGE', 'got -1'],
    ['k', 1.5, 'ERR_KLEIO_RANGE', 'got 1.5'],
    ['k', Number.NaN, 'ERR_KLEIO_RANGE', 'got NaN'],
    ['k', 2 ** 31, 'ERR_KLEIO_RANGE', 'got 2147483648'],
    ['k', 2 ** 32 + 1, 'ERR_KLEIO_RANGE', 'got 4294967297'],
    ['k', 2 ** 31 - 2, 'ERR_KLEIO_RANGE', 'targets times k must be at most'],
    ['k', undefined, 'ERR_KLEIO_ARGUMENT', 'k must be a number; got undefined'],
    ['k', '5', 'ERR_KLEIO_ARGUMENT', 'k must be a number; got "5"'],
    ['by', 'cosin', 'ERR_KLEIO_RANGE', "did you mean 'cosine'?"],
    ['by', 'euclidean', 'ERR_KLEIO_RANGE', "'cosine', 'dot' or 'category'"],
    ['by', 1, 'ERR_KLEIO_ARGUMENT', 'by must be'],
    ['by', 'category', 'ERR_KLEIO_ARGUMENT', 'needs categories'],
    ['categories', Int32Array.of(1), 'ERR_KLEIO_ARGUMENT', "by: 'category'"],
    ['minScore', Number.NaN, 'ERR_KLEIO_RANGE', 'minScore'],
    ['minScore', '0.5', 'ERR_KLEIO_ARGUMENT', 'minScore must be a number'],
    ['since', Number.NaN, 'ERR_KLEIO_RANGE', 'since'],
    ['since', 5n, 'ERR_KLEIO_ARGUMENT', 'since must be a number; got 5n'],
    ['since', 5, 'ERR_KLEIO_ARGUMENT', 'times'],
    ['until', Number.NaN, 'ERR_KLEIO_RANGE', 'until'],
    ['until', '5', 'ERR_KLEIO_ARGUMENT', 'until must be a number; got '],
    ['until', 5, 'ERR_KLEIO_ARGUMENT', 'times'],
    ['fields', 'ids', 'ERR_KLEIO_ARGUMENT', 'fields must be an array of names of columns'],
    ['fields', ['id'], 'ERR_KLEIO_RANGE', "fields[0] must be 'rows', 'ids'"],
    ['fields', ['ids', 'row'], 'ERR_KLEIO_RANGE', "(did you mean 'rows'?)"],
    ['fields', [5], 'ERR_KLEIO_ARGUMENT', 'fields[0]'],
    ['fields', ['times'], 'ERR_KLEIO_ARGUMENT', "fields: 'times' needs the behaviours' times"],
    ['fields', ['categories'], 'ERR_KLEIO_ARGUMENT', "fields: 'categories' needs"],
    ['fields', ['__proto__'], 'ERR_KLEIO_RANGE', 'fields[0]'],
    ['exclude', Int32Array.of(0, 3), 'ERR_KLEIO_RANGE', 'exclude'],
    ['exclude', Int32Array.of(-2), 'ERR_KLEIO_RANGE', '-2'],
    ['exclude', [0], 'ERR_KLEIO_ARGUMENT', 'exclude must be'],
    ['exclude', Float32Array.of(0), 'ERR_KLEIO_ARGUMENT', 'Float32Array(1)'],
    ['exclude', detached(Int32Array.of(0)), 'ERR_KLEIO_ARGUMENT', 'must have its memory'],
    ['distinct', 1, 'ERR_KLEIO_ARGUMENT', 'distinct must be a boolean; got 1'],
    ['threads', 0, 'ERR_KLEIO_RANGE', 'threads must be an integer from 1'],
    ['threads', 2.5, 'ERR_KLEIO_RANGE', 'got 2.5'],
    ['threads', 1e9, 'ERR_KLEIO_RANGE', 'got 1000000000'],
    ['threads', 'all', 'ERR_KLEIO_ARGUMENT', 'threads must be a number'],
    ['signal', {}, 'ERR_KLEIO_ARGUMENT', 'signal must be an AbortSignal'],
    ['signal', 5, 'ERR_KLEIO_ARGUMENT', 'signal must be an AbortSignal'],
    ['topK', 5, 'ERR_KLEIO_ARGUMENT', "search options have no 'topK'"],
    ['minscore', 1, 'ERR_KLEIO_ARGUMENT', "did you mean 'minScore'?"],
  ])('%s: %o', async (name, value, code, text) => {
    await expectRefusal(userOf(), rows, { k: 1, [name]: value }, code, text);
  });

  it.each([undefined, null, 5])('refuses options that are %o', async (options) => {
    await expectRefusal(userOf(), rows, options, 'ERR_KLEIO_ARGUMENT', 'must be an object');
  });

  it('bounds the number of places, not its int32', async () => {
    const many = new Int32Array(65_537);
    const text = '65537 * 65537 = 4295098369';
    await expectRefusal(userOf(), many, { k: 65_537 }, 'ERR_KLEIO_RANGE', text);
  });

  it('refuses categories that do not fit', async () => {
    const history = userOf({ categories: Int32Array.of(1, 2, 1) });
    const by = { k: 1, by: 'category' };
    const one = Int32Array.of(1);
    await expectRefusal(
      history,
      Int32Array.of(0, 1),
      { ...by, categories: one },
      'ERR_KLEIO_SHAPE',
    );
    const floats = { ...by, categories: Float32Array.of(1) };
    await expectRefusal(history, undefined, floats, 'ERR_KLEIO_ARGUMENT', 'Float32Array(1)');
    const lost = { ...by, categories: detached(BigInt64Array.of(1n)) };
    await expectRefusal(history, undefined, lost, 'ERR_KLEIO_ARGUMENT', 'must have its memory');
    expect(
      history.searchSync(undefined, { k: 2, by: 'category', categories: one }).positions,
    ).toEqual(Int32Array.of(2, 0));
  });

  it('refuses a search by category over a history without categories', async () => {
    const options = { k: 1, by: 'category', categories: Int32Array.of(1) };
    await expectRefusal(userOf(), undefined, options, 'ERR_KLEIO_ARGUMENT', 'categories');
  });

  it('ignores excluded items that are not there', () => {
    const history = userOf();
    for (const exclude of [Int32Array.of(-1), BigInt64Array.of(7n, -1n)]) {
      expect(history.searchSync(rows, { k: 1, exclude }).positions[0]).toBe(0);
    }
    expect(history.searchSync(rows, { k: 1, exclude: new Int32Array(0) }).positions[0]).toBe(0);
  });

  it('takes infinities as bounds', () => {
    const history = userOf({ times: Float64Array.of(1, 2, 3) });
    const keeps = (options: object) => history.searchSync(rows, { k: 3, ...options }).positions;
    expect(keeps({ minScore: -Infinity, since: -Infinity })).toEqual(Int32Array.of(0, 2, 1));
    expect(keeps({ minScore: Infinity })).toEqual(Int32Array.of(-1, -1, -1));
    expect(keeps({ since: Infinity })).toEqual(Int32Array.of(-1, -1, -1));
  });

  it('keeps what reaches minScore exactly', () => {
    const history = userOf();
    const score = history.searchSync(rows, { k: 2 }).scores[1] as number;
    expect(history.searchSync(rows, { k: 2, minScore: score }).positions[1]).toBe(2);
    const above = score * (1 + 2 ** -23);
    expect(history.searchSync(rows, { k: 2, minScore: above }).positions[1]).toBe(-1);
  });
});

describe('topK', () => {
  const history = Float32Array.of(1, 0, 0, 1);
  const target = Float32Array.of(1, 0);

  it.each<[string, unknown, unknown, unknown, string, string]>([
    ['mixed dtypes', Int8Array.of(1, 0), history, {}, 'ERR_KLEIO_DTYPE', 'int8 and float32'],
    ['half a target', Float32Array.of(1), history, {}, 'ERR_KLEIO_SHAPE', 'targets.length'],
    ['half a behaviour', target, Float32Array.of(1), {}, 'ERR_KLEIO_SHAPE', 'history.length'],
    ['NaN targets', Float32Array.of(0, NaN), history, {}, 'ERR_KLEIO_NOT_FINITE', 'target'],
    ['NaN history', target, Float32Array.of(0, 0, NaN, 0), {}, 'ERR_KLEIO_NOT_FINITE', 'row 1'],
    ['dim 0', target, history, { dim: 0 }, 'ERR_KLEIO_RANGE', 'dim must be an integer'],
    ['dim 4097', target, history, { dim: 4097 }, 'ERR_KLEIO_RANGE', 'got 4097'],
    ['k 0', target, history, { k: 0 }, 'ERR_KLEIO_RANGE', 'k must be an integer'],
    ['huge k', target, history, { k: 2 ** 31 - 2 }, 'ERR_KLEIO_RANGE', 'targets times k'],
    ['a misspelling', target, history, { dtpye: 1 }, 'ERR_KLEIO_ARGUMENT', "did you mean 'dtype'?"],
    ['no history', target, undefined, {}, 'ERR_KLEIO_ARGUMENT', 'history must be'],
    ['no targets', null, history, {}, 'ERR_KLEIO_ARGUMENT', 'targets must be'],
    [
      'lost targets',
      detached(target.slice()),
      history,
      {},
      'ERR_KLEIO_ARGUMENT',
      'targets must have its memory',
    ],
    [
      'lost history',
      target,
      detached(history.slice()),
      {},
      'ERR_KLEIO_ARGUMENT',
      'history must have its memory',
    ],
  ])('refuses %s', (_, targets, rows, options, code, text) => {
    const call = () =>
      topK(untyped(targets), untyped(rows), { dim: 2, k: 1, ...(options as object) });
    expectError(call, code, text);
  });

  it('is not fooled by arrays that lose their memory while the options are read', () => {
    const rows = history.slice();
    const options = {
      k: 1,
      get dim() {
        detached(rows);
        return 2;
      },
    };
    expectError(() => topK(target, rows, options), 'ERR_KLEIO_ARGUMENT', 'must have its memory');
  });

  it('never believes a length that is not the view’s own', () => {
    for (const length of [2 ** 31, 2000, 2]) {
      try {
        expect(topK(target, lying(history.slice(), length), { dim: 2, k: 1 }).positions[0]).toBe(0);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^ERR_KLEIO_(SHAPE|ARGUMENT|RANGE)$/);
      }
    }
  });

  it('answers nothing with nothing', () => {
    const none = new Float32Array(0);
    expect(topK(none, history, { dim: 2, k: 4 }).positions.length).toBe(0);
    expect(Array.from(topK(target, none, { dim: 2, k: 2 }).positions)).toEqual([-1, -1]);
  });
});
