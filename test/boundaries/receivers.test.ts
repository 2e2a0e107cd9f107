/** Methods called on something that is not theirs, and handles after close. */
import { EmbeddingTable, History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, expectRejection, untyped } from '../cases/coded-errors.js';

const open = () => {
  const table = EmbeddingTable.from(Int8Array.of(1, 0, 0, 1), {
    dim: 2,
    ids: BigInt64Array.of(1n, 2n),
  });
  const history = new History(table);
  history.append(Int32Array.of(0, 1));
  return { table, history };
};

/** Every method and getter with arguments that are right. */
const USES: Readonly<Record<string, ReadonlyArray<[name: string, args: readonly unknown[]]>>> = {
  EmbeddingTable: [
    ['rows', []],
    ['dim', []],
    ['dtype', []],
    ['device', []],
    ['byteLength', []],
    ['deviceByteLength', []],
    ['duplicates', []],
    ['rowsOf', [BigInt64Array.of(1n)]],
    ['append', [new Int8Array(), { ids: new BigInt64Array() }]],
    ['read', [Int32Array.of(1)]],
    ['share', []],
  ],
  History: [
    ['length', []],
    ['distinct', []],
    ['byteLength', []],
    ['firstSequence', []],
    ['nextSequence', []],
    ['append', [Int32Array.of(0)]],
    ['read', []],
    ['has', [Int32Array.of(0)]],
    ['remove', [{ items: Int32Array.of(0) }]],
    ['clear', []],
    ['searchSync', [Int32Array.of(0), { k: 1 }]],
  ],
};

/** Calls a method, or a getter, of a class on any receiver. */
function use(prototype: object, name: string, receiver: unknown, args: readonly unknown[]) {
  const { value, get } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  return Reflect.apply(get ?? value, receiver, args);
}

const classes = [
  ['EmbeddingTable', EmbeddingTable.prototype, () => open().table],
  ['History', History.prototype, () => open().history],
] as const;

describe.each(classes)('%s', (className, prototype, make) => {
  const uses = USES[className] ?? [];

  it('has no method or getter that this test forgets', () => {
    const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
    const tested = [...uses.map(([name]) => name), 'close', 'search', 'toBytes', 'onto'];
    expect(tested).toEqual(expect.arrayContaining(names));
  });

  const foreign = [undefined, null, 5, 'x', {}, [], () => 0, Object.create(prototype), prototype];
  const { table, history } = open();
  const other = className === 'History' ? table : history;

  it.each(uses)('%s refuses a foreign this', (name, args) => {
    for (const receiver of [...foreign, other]) {
      expectError(() => use(prototype, name, receiver, args), 'ERR_KLEIO_ARGUMENT', className);
    }
  });

  it('close refuses a foreign this', () => {
    for (const receiver of foreign) {
      expectError(() => use(prototype, 'close', receiver, []), 'ERR_KLEIO_ARGUMENT', className);
    }
  });

  it.each(uses)('%s throws after close', (name, args) => {
    const handle = make();
    handle.close();
    expectError(() => use(prototype, name, handle, args), 'ERR_KLEIO_CLOSED', 'is closed');
  });

  it('closes twice without harm', () => {
    const handle = make();
    handle.close();
    expect(() => handle.close()).not.toThrow();
  });

  it('closes by Symbol.dispose where the runtime has it', () => {
    const handle = make();
    const dispose = untyped(handle)[untyped(Symbol).dispose];
    if (dispose === undefined) return;
    dispose.call(handle);
    expectError(() => use(prototype, 'byteLength', handle, []), 'ERR_KLEIO_CLOSED');
  });
});

it('search rejects on a foreign this and after close', async () => {
  const { history } = open();
  const search = (receiver: unknown) =>
    Reflect.apply(History.prototype.search, receiver, [Int32Array.of(0), { k: 1 }]);
  for (const receiver of [undefined, {}, History.prototype]) {
    await expectRejection(() => search(receiver), 'ERR_KLEIO_ARGUMENT', 'History');
  }
  history.close();
  await expectRejection(() => search(history), 'ERR_KLEIO_CLOSED', 'is closed');
});

it('a history outlives the handle of its table', async () => {
  const { table, history } = open();
  table.close();
  history.append(Int32Array.of(1));
  history.append(BigInt64Array.of(1n));
  const { positions } = await history.search(Int32Array.of(0), { k: 4 });
  expect(Array.from(positions)).toEqual([3, 0, 2, 1]);
});
