/** Callers of bytes of histories that do what they like with them meanwhile. */
import { History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectRejection, untyped } from '../cases/coded-errors.js';
import { detached, resizableBuffer } from '../cases/hostile-views.js';
import { drawn, TABLE, tableOf } from '../cases/small-history.js';

describe('callers', () => {
  it('are refused what is no array of bytes, no ground and no option', async () => {
    const bytes = await drawn().toBytes();
    for (const value of [undefined, [1], new Int8Array(200), bytes.buffer, 'x']) {
      await expectRejection(() => History.fromBytes(TABLE, untyped(value)), 'ERR_KLEIO_ARGUMENT');
    }
    await expectRejection(
      () => History.fromBytes(TABLE, detached(Uint8Array.from(bytes))),
      'ERR_KLEIO_ARGUMENT',
      'memory',
    );
    for (const value of [undefined, {}, drawn(), 1]) {
      await expectRejection(() => History.fromBytes(untyped(value), bytes), 'ERR_KLEIO_ARGUMENT');
      await expectRejection(() => drawn().onto(untyped(value)), 'ERR_KLEIO_ARGUMENT');
    }
    await expectRejection(
      () => drawn().toBytes(untyped({ pack: true })),
      'ERR_KLEIO_ARGUMENT',
      'pack',
    );
    await expectRejection(() => drawn().toBytes(untyped({ packed: 1 })), 'ERR_KLEIO_ARGUMENT');
    await expectRejection(
      () => History.fromBytes(TABLE, bytes, { capacity: 0 }),
      'ERR_KLEIO_RANGE',
    );
    const closed = drawn();
    closed.close();
    await expectRejection(() => closed.toBytes(), 'ERR_KLEIO_CLOSED');
    await expectRejection(() => closed.onto(TABLE), 'ERR_KLEIO_CLOSED');
    for (const receiver of [undefined, {}, TABLE, History.prototype]) {
      const call = (method: 'toBytes' | 'onto') => () =>
        Reflect.apply(History.prototype[method], receiver, [TABLE]) as Promise<unknown>;
      await expectRejection(call('toBytes'), 'ERR_KLEIO_ARGUMENT', 'History');
      await expectRejection(call('onto'), 'ERR_KLEIO_ARGUMENT', 'History');
    }
  });

  it('may give shared memory, and parts of buffers', async () => {
    const bytes = await drawn().toBytes({ packed: true });
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3);
    shared.set(bytes);
    expect((await History.fromBytes(TABLE, shared)).length).toBe(4);
  });

  it('may do with their bytes what they like once they are copied, and hear of it before', async () => {
    const { large, table } = await largeBytes();
    const own = Uint8Array.from(large);
    const reading = History.fromBytes(table, own);
    detached(own);
    await expectRejection(() => reading, 'ERR_KLEIO_ARGUMENT', 'lost their memory');
    const written = Uint8Array.from(large);
    const torn = History.fromBytes(table, written);
    written.fill(0, AFTER_ONE_TURN);
    await expectRejection(() => torn, 'ERR_KLEIO_FORMAT');
    const buffer = resizableBuffer(large.length, large.length);
    new Uint8Array(buffer).set(large);
    const shrunk = History.fromBytes(table, new Uint8Array(buffer));
    buffer.resize(AFTER_ONE_TURN);
    await expectRejection(() => shrunk, 'ERR_KLEIO_ARGUMENT', 'lost their memory');
    const kept = History.fromBytes(table, large);
    table.close();
    expect((await kept).length).toBe(400_000);
  });

  it('may stop all of it', async () => {
    const { large, table, history } = await largeBytes();
    const signal = AbortSignal.abort(new Error('enough'));
    for (const call of [
      () => history.toBytes({ signal }),
      () => History.fromBytes(table, large, { signal }),
      () => history.onto(table, { signal }),
    ]) {
      await expect(call()).rejects.toThrow('enough');
    }
    const controller = new AbortController();
    const stopped = [
      history.toBytes({ packed: true, signal: controller.signal }),
      History.fromBytes(table, large, controller),
      history.onto(table, controller),
    ];
    const settled = Promise.allSettled(stopped);
    controller.abort(new Error('later'));
    expect((await settled).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'rejected',
    ]);
  });
});

/** More than is copied in one turn of the event loop. */
const AFTER_ONE_TURN = 2 ** 21 + 2 ** 12;

async function largeBytes() {
  const table = tableOf([3, 4, -4, 3, 1, 0], [1, 2, 3]);
  const history = await History.build(
    table,
    BigInt64Array.from({ length: 400_000 }, (_, index) => BigInt(index % 3) + 1n),
  );
  return { table, history, large: await history.toBytes() };
}
