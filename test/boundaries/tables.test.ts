/** What EmbeddingTable.from makes of hostile values. */
import { runInNewContext } from 'node:vm';
import { EmbeddingTable, type TableOptions } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, untyped } from '../cases/coded-errors.js';
import {
  detached,
  lying,
  misaligned,
  outOfBounds,
  resizableBuffer,
  shared,
} from '../cases/hostile-views.js';
import { Random } from '../cases/random.js';

const from = (values: unknown, options: unknown) => () =>
  EmbeddingTable.from(untyped(values), untyped(options));
const floats = () => Float32Array.of(1, 2, 3, 4, 5, 6);

describe('values', () => {
  it.each([
    ['an array', [1, 2], 'an array of 2'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a string', 'abc', '"abc"'],
    ['a DataView', new DataView(new ArrayBuffer(4)), 'DataView'],
    ['an ArrayBuffer', new ArrayBuffer(4), 'ArrayBuffer'],
    ['a proxy of a typed array', new Proxy(new Int8Array(4), {}), 'got'],
    ['an impostor', Object.create(Int8Array.prototype), 'got'],
  ])('refuses %s', (_, values, shown) => {
    expectError(from(values, { dim: 2 }), 'ERR_KLEIO_ARGUMENT', 'values must be', shown);
  });

  it.each([Float64Array, Int16Array, Int32Array, BigInt64Array, Uint8ClampedArray])(
    'refuses a %o as of no dtype',
    (View) => {
      expectError(from(new View(4), { dim: 2 }), 'ERR_KLEIO_DTYPE', 'Float32Array', View.name);
    },
  );

  it('asks what the bits of a Uint16Array are', () => {
    const said = ["'float16'", "'bfloat16'"];
    expectError(from(new Uint16Array(4), { dim: 2 }), 'ERR_KLEIO_DTYPE', 'dtype', ...said);
  });

  it('asks what the bits of a Uint8Array are', () => {
    expectError(from(new Uint8Array(4), { dim: 2 }), 'ERR_KLEIO_DTYPE', 'dtype', "'float8'");
    const table = EmbeddingTable.from(Uint8Array.of(0x38, 0, 0, 0xb8), { dim: 2, dtype: 'float8' });
    expect([table.rows, table.dtype, table.byteLength]).toEqual([2, 'float8', 4]);
  });

  it('refuses a dtype that the array cannot hold', () => {
    const options = { dim: 2, dtype: 'float32' };
    expectError(from(new Int8Array(4), options), 'ERR_KLEIO_DTYPE', 'float32', 'Int8Array');
  });

  it('suggests the dtype that was meant', () => {
    const options = { dim: 2, dtype: 'float_32' };
    expectError(from(floats(), options), 'ERR_KLEIO_RANGE', "did you mean 'float32'?");
  });

  it.each([
    [7, 4, 3],
    [3, 4, 3],
    [4097, 4096, 1],
  ])('refuses %i elements for dim %i', (length, dim, remainder) => {
    const text = `values.length must be a multiple of dim (${dim}); got ${length} (remainder ${remainder})`;
    expectError(from(new Int8Array(length), { dim }), 'ERR_KLEIO_SHAPE', text);
  });

  it.each<[string, unknown, string, string]>([
    ['float32', Float32Array.of(1, 2, 3, 4, 5, Number.NaN), 'row 2', 'column 1'],
    ['float32', Float32Array.of(1, Number.POSITIVE_INFINITY, 3, 4, 5, 6), 'row 0', 'column 1'],
    ['float32', Float32Array.of(1, 2, Number.NEGATIVE_INFINITY, 4, 5, 6), 'row 1', 'column 0'],
    ['float16', Uint16Array.of(0, 0, 0, 0x7c01, 0, 0), 'row 1', 'column 1'],
    ['float16', Uint16Array.of(0, 0, 0, 0, 0xfc00, 0), 'row 2', 'column 0'],
    ['bfloat16', Uint16Array.of(0x7f80, 0, 0, 0, 0, 0), 'row 0', 'column 0'],
    ['bfloat16', Uint16Array.of(0, 0, 0, 0, 0, 0xffff), 'row 2', 'column 1'],
    ['float8', Uint8Array.of(0x7e, 0xfe, 0, 0x7f, 0, 0), 'row 1', 'column 1 is NaN'],
    ['float8', Uint8Array.of(0, 0, 0, 0, 0xff, 0), 'row 2', 'column 0 is NaN'],
  ])('refuses a %s that is not finite', (dtype, values, ...where) => {
    expectError(from(values, { dim: 2, dtype }), 'ERR_KLEIO_NOT_FINITE', ...where);
  });

  it('finds the first that is not finite wherever it hides', () => {
    for (const at of [0, 1, 31, 32, 33, 1000, 4095, 4096, 99_999]) {
      const values = new Float32Array(100_000).fill(3e38);
      values[at] = Number.NaN;
      if (at < 99_999) values[99_999] = Number.NaN;
      const where = [`row ${Math.floor(at / 10)}`, `column ${at % 10}`];
      expectError(from(values, { dim: 10 }), 'ERR_KLEIO_NOT_FINITE', ...where);
    }
  });

  it('refuses views that lost their memory', () => {
    expectError(from(detached(floats()), { dim: 2 }), 'ERR_KLEIO_ARGUMENT', 'must have its memory');
    expectError(from(outOfBounds(6), { dim: 2 }), 'ERR_KLEIO_ARGUMENT', 'must have its memory');
  });

  it('reads shared, misaligned, length-tracking and subclassed views as what they hold', () => {
    const tracking = new Float32Array(resizableBuffer(24, 48));
    tracking.set(floats());
    class Embeddings extends Float32Array {}
    const views = [shared(floats()), misaligned(floats()), tracking, Embeddings.from(floats())];
    for (const values of views) {
      const table = EmbeddingTable.from(values, { dim: 2 });
      expect([table.rows, table.dim, table.dtype, table.byteLength]).toEqual([3, 2, 'float32', 24]);
      table.close();
    }
  });

  it('never believes a length that is not the view’s own', () => {
    for (const length of [2 ** 31, 2 ** 33, 600, 4, -2, Number.NaN, 'x']) {
      try {
        const table = EmbeddingTable.from(lying(floats(), untyped(length)), { dim: 2 });
        expect(table.rows).toBe(3);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^ERR_KLEIO_(SHAPE|ARGUMENT|RANGE)$/);
      }
    }
  });

  it('is not fooled by a view that loses its memory while the options are read', () => {
    const values = floats();
    const options = {
      get dim() {
        detached(values);
        return 2;
      },
    };
    expectError(from(values, options), 'ERR_KLEIO_ARGUMENT', 'must have its memory');
  });

  it('reads arrays of another realm', () => {
    const values = runInNewContext('Float32Array.of(1, 2, 3, 4)') as Float32Array;
    expect(EmbeddingTable.from(values, { dim: 2 }).rows).toBe(2);
  });

  it('makes an empty table of no values', () => {
    const table = EmbeddingTable.from(new Int8Array(0), { dim: 5 });
    expect([table.rows, table.dim, table.byteLength]).toEqual([0, 5, 0]);
  });
});

describe('options', () => {
  it.each<[string, unknown, string, ...string[]]>([
    ['dim', 0, 'ERR_KLEIO_RANGE', 'an integer from 1 to 4096; got 0'],
    ['dim', -1, 'ERR_KLEIO_RANGE', 'got -1'],
    ['dim', 1.5, 'ERR_KLEIO_RANGE', 'got 1.5'],
    ['dim', 4097, 'ERR_KLEIO_RANGE', 'got 4097'],
    ['dim', 2 ** 31, 'ERR_KLEIO_RANGE', 'got 2147483648'],
    ['dim', 2 ** 32 + 2, 'ERR_KLEIO_RANGE', 'got 4294967298'],
    ['dim', Number.NaN, 'ERR_KLEIO_RANGE', 'got NaN'],
    ['dim', Number.POSITIVE_INFINITY, 'ERR_KLEIO_RANGE', 'got Infinity'],
    ['dim', '2', 'ERR_KLEIO_ARGUMENT', 'dim must be a number; got "2"'],
    ['dim', undefined, 'ERR_KLEIO_ARGUMENT', 'dim must be a number; got undefined'],
    ['dim', 2n, 'ERR_KLEIO_ARGUMENT', 'got 2n'],
    ['ids', Int32Array.of(1, 2, 3), 'ERR_KLEIO_ARGUMENT', 'ids must be a BigInt64Array'],
    ['ids', [1n, 2n, 3n], 'ERR_KLEIO_ARGUMENT', 'ids must be a BigInt64Array'],
    ['ids', BigInt64Array.of(1n), 'ERR_KLEIO_SHAPE', 'ids.length must be 3'],
    ['ids', BigInt64Array.of(4n, 9n, 4n), 'ERR_KLEIO_DUPLICATE_ID', '0', '2', '4'],
    ['ids', detached(BigInt64Array.of(1n, 2n, 3n)), 'ERR_KLEIO_ARGUMENT', 'must have its memory'],
    ['dtype', 5, 'ERR_KLEIO_ARGUMENT', 'dtype must be'],
    ['device', 'cuda:0', 'ERR_KLEIO_DEVICE', 'cuda:0'],
    ['device', 7, 'ERR_KLEIO_DEVICE', '7'],
    ['dimension', 2, 'ERR_KLEIO_ARGUMENT', "have no 'dimension'"],
    ['dims', 2, 'ERR_KLEIO_ARGUMENT', "did you mean 'dim'?"],
    ['Ids', undefined, 'ERR_KLEIO_ARGUMENT', "did you mean 'ids'?"],
  ])('%s: %o', (name, value, code, ...parts) => {
    expectError(from(floats(), { dim: 2, [name]: value }), code, ...parts);
  });

  it.each([undefined, null, 2, 'dim'])('refuses options that are %o', (options) => {
    expectError(from(floats(), options), 'ERR_KLEIO_ARGUMENT', 'table options must be an object');
  });

  it('tells 64-bit ids apart to the last bit', () => {
    const ids = BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 2n ** 53n, 2n ** 53n + 1n);
    const table = EmbeddingTable.from(new Int8Array(6), { dim: 1, ids });
    expect(Array.from(table.rowsOf(ids))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Array.from(table.rowsOf(BigInt64Array.of(1n, 2n ** 53n - 1n)))).toEqual([-1, -1]);
    expectError(() => table.rowsOf(untyped([1n])), 'ERR_KLEIO_ARGUMENT', 'a BigInt64Array');
    expectError(() => table.rowsOf(untyped(5n)), 'ERR_KLEIO_ARGUMENT', 'got 5n');
  });

  it.each([0, 1, 15, 16, 17, 5000])('finds %i ids at once, known and unknown', (count) => {
    const random = new Random(Number(process.env.KLEIO_SEED));
    const known = new Set<bigint>();
    while (known.size < 3000) known.add(BigInt(random.integer(-9000, 9000)));
    const rowOf = new Map([...known].map((id, row) => [id, row]));
    const table = EmbeddingTable.from(new Int8Array(rowOf.size), {
      dim: 1,
      ids: BigInt64Array.from(rowOf.keys()),
    });
    const asked = Array.from({ length: count }, () => BigInt(random.integer(-9000, 9000)));
    const rows = asked.map((id) => rowOf.get(id) ?? -1);
    expect(Array.from(table.rowsOf(BigInt64Array.from(asked)))).toEqual(rows);
  });

  it('knows no ids where there are none', () => {
    const table = EmbeddingTable.from(floats(), { dim: 2 });
    const rows = () => table.rowsOf(BigInt64Array.of(0n));
    expect(Array.from(rows())).toEqual([-1]);
  });

  it('lets a getter that throws have its say', () => {
    const options: TableOptions = {
      get dim(): number {
        throw new Error('from the getter');
      },
    };
    expect(from(floats(), options)).toThrow('from the getter');
  });
});

it('is made by its two factories alone', () => {
  expectError(() => new (untyped(EmbeddingTable))(), 'ERR_KLEIO_ARGUMENT', 'EmbeddingTable.from');
});
