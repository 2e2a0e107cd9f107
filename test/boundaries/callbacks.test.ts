/** What callers pass to be called or to be listened to is code of theirs: it may fail in every way there is. */
import {
  EmbeddingTable,
  History,
  IndexTree,
  Ranker,
  type SearchOptions,
  searchMany,
  type TreeBuildOptions,
} from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRejection, untyped } from '../cases/coded-errors.js';
import { weightsPath } from '../cases/muse-golden.js';

const mine = new Error('from the caller');
const throwing = () => {
  throw mine;
};

/** Enough work for several calls of onProgress. */
const DIM = 64;
const items = EmbeddingTable.from(
  Int8Array.from({ length: 60_000 * DIM }, (_, i) => Math.imul(i, 2654435761) >>> 24),
  { dim: DIM },
);
const small = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3, 4, 3), { dim: 2 });
const history = new History(small);
history.append(Int32Array.of(0, 1, 2));
let ranker: Ranker;
beforeAll(async () => {
  ranker = await Ranker.open(weightsPath('muse_a'));
});
afterAll(() => {
  items.close();
  ranker.close();
});

describe('onProgress', () => {
  const build = (onProgress: unknown, options: TreeBuildOptions = {}) =>
    IndexTree.build(items, { threads: 1, ...options, onProgress: untyped(onProgress) });

  it.each([mine, undefined, null, 'text'])(
    'rejects the build with what it throws: %s',
    async (what) => {
      const outcome = await build(() => {
        throw what;
      }).then(
        () => 'built',
        (error: unknown) => ({ error }),
      );
      expect(outcome).toEqual({ error: what });
    },
  );

  it('rejects the build with what its promise rejects with, late or at once', async () => {
    await expect(build(async () => throwing())).rejects.toBe(mine);
    await expect(
      build(() => new Promise((_, reject) => setTimeout(reject, 20, mine))),
    ).rejects.toBe(mine);
  });

  it('rejects with what it throws at the end, when everything is done', async () => {
    const atTheEnd = (done: number) => (done === 1 ? throwing() : undefined);
    await expect(IndexTree.build(small, { onProgress: atTheEnd })).rejects.toBe(mine);
    const later = async (done: number) => atTheEnd(done);
    await expect(IndexTree.build(small, { onProgress: later })).rejects.toBe(mine);
  });

  it('is called no more once it has failed', async () => {
    let calls = 0;
    const counting = () => {
      calls += 1;
      throw mine;
    };
    await expect(build(counting)).rejects.toBe(mine);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(calls).toBe(1);
  });

  it.each([5, 'text', {}, null, Symbol('s')])('is refused where it is no function: %s', (what) =>
    expectRejection(() => build(what), 'ERR_KLEIO_ARGUMENT', 'onProgress must be a function'),
  );

  it('may use the package, close what is built over, and abort the build', async () => {
    const table = EmbeddingTable.from(
      Int8Array.from({ length: 40_000 * 8 }, (_, i) => i),
      { dim: 8 },
    );
    const tree = await IndexTree.build(table, {
      async onProgress() {
        table.close();
        await history.search(Int32Array.of(0), { k: 1 });
        history.searchSync(Int32Array.of(0), { k: 1 });
      },
    });
    expect(tree.items).toBe(40_000);
    const controller = new AbortController();
    const { signal } = controller;
    await expect(build(() => controller.abort(mine), { signal })).rejects.toBe(mine);
  });

  it('may give a promise that never settles, and one that throws when it is asked', async () => {
    const onProgress = () => new Promise(() => {});
    expect((await IndexTree.build(small, { onProgress })).items).toBe(3);
    const thenable = new Proxy({}, { get: throwing });
    await expect(IndexTree.build(small, { onProgress: () => thenable })).rejects.toBe(mine);
  });
});

interface Listening {
  readonly signal: AbortSignal;
  readonly listeners: (() => void)[];
}

/** A signal made by hand: what a realm of its own or a polyfill could give. */
function handmade(change: object = {}): Listening {
  const listeners: (() => void)[] = [];
  const signal = {
    aborted: false,
    addEventListener: (_: string, listener: () => void) => listeners.push(listener),
    removeEventListener: () => {},
  };
  Object.defineProperties(signal, Object.getOwnPropertyDescriptors(change));
  return { signal: untyped(signal), listeners };
}

const large = new History(items);
large.append(Int32Array.from({ length: 200_000 }, (_, i) => i % 60_000));
const many = () => Int32Array.from({ length: 400 }, (_, i) => i);

/** Every call that takes a signal, each long enough to be stopped. */
const CALLS: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  search: (signal) => large.search(many(), { k: 5, signal }),
  searchMany: (signal) => searchMany([{ history: large, targets: many(), k: 5 }], { signal }),
  'History.build': (signal) =>
    History.build(
      items,
      Int32Array.from({ length: 500_000 }, (_, i) => i % 60_000),
      { signal },
    ),
  'IndexTree.build': (signal) => IndexTree.build(items, { threads: 1, signal }),
  buildHistory: (signal) => ranker.buildHistory(new BigInt64Array(500_000), { signal }),
};

describe.each(Object.entries(CALLS))('the signal of %s', (_, call) => {
  it.each<[string, object]>([
    [
      'aborted',
      {
        get aborted() {
          return throwing();
        },
      },
    ],
    ['addEventListener', { addEventListener: throwing }],
    [
      'the getter of addEventListener',
      {
        get addEventListener() {
          return throwing();
        },
      },
    ],
    ['removeEventListener', { removeEventListener: throwing }],
  ])('rejects the promise where it throws from %s', async (place, change) => {
    const { signal } = handmade(change);
    const error: Error & { code?: string } = await call(signal).then(() => undefined, untyped);
    if (error === mine) return;
    // Read as the option that it is.
    expect(place).toContain('etter');
    expect(error).toMatchObject({ code: 'ERR_KLEIO_ARGUMENT', cause: mine });
  });

  it('rejects the promise with what a promise of addEventListener rejects with', async () => {
    const rejecting = async () => throwing();
    await expect(call(handmade({ addEventListener: rejecting }).signal)).rejects.toBe(mine);
  });

  it('may give promises that reject when the call is over', async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const { signal, listeners } = handmade({
      removeEventListener: async () => throwing(),
      reason: mine,
    });
    const running = call(signal);
    for (const listener of listeners) listener();
    await expect(running).rejects.toBe(mine);
    const odd = handmade({ aborted: Promise.reject(mine) });
    await expectRejection(() => call(odd.signal), 'ERR_KLEIO_ARGUMENT', 'signal');
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
  });

  it('rejects with a code where it aborts without a reason', async () => {
    const { signal, listeners } = handmade();
    const running = call(signal);
    for (const listener of listeners) listener();
    await expectRejection(() => running, 'ERR_KLEIO_ABORTED', 'no reason');
    await expectRejection(() => call(handmade({ aborted: true }).signal), 'ERR_KLEIO_ABORTED');
  });

  it('rejects with a code, and the cause, where asking for the reason throws', async () => {
    const { signal } = handmade({
      aborted: true,
      get reason() {
        return throwing();
      },
    });
    await expect(call(signal)).rejects.toMatchObject({ code: 'ERR_KLEIO_ABORTED', cause: mine });
  });

  it('may call its listener at once, and twice', async () => {
    const eager = (_: string, listener: () => void) => {
      listener();
      listener();
    };
    const { signal } = handmade({ addEventListener: eager, reason: mine });
    await expect(call(signal)).rejects.toBe(mine);
  });

  it('may abort while it is listened to, without calling anybody', async () => {
    const { signal } = handmade({ reason: mine });
    const silent = () => Object.assign(signal, { aborted: true });
    Object.assign(signal, { addEventListener: silent });
    await expect(call(signal)).rejects.toBe(mine);
  });
});

it.each([
  {},
  5,
  'text',
  null,
  { aborted: false },
  { aborted: 1, addEventListener() {}, removeEventListener() {} },
])('a signal that is none is refused: %s', async (signal) => {
  const options: SearchOptions = { k: 1, signal: untyped(signal) };
  await expectRejection(
    () => history.search(Int32Array.of(0), options),
    'ERR_KLEIO_ARGUMENT',
    'signal',
  );
});

it('reads each option once', async () => {
  const reads: string[] = [];
  const counted = (options: object) =>
    new Proxy(options, {
      get(target, name) {
        reads.push(String(name));
        return Reflect.get(target, name);
      },
    });
  const { signal } = new AbortController();
  await history.search(
    Int32Array.of(0),
    untyped(counted({ k: 1, minScore: 0, threads: 1, signal })),
  );
  expect(new Set(reads).size).toBe(reads.length);
  reads.length = 0;
  await IndexTree.build(small, counted({ seed: 1, threads: 1, onProgress: () => {}, signal }));
  expect(new Set(reads).size).toBe(reads.length);
});

describe('an object of the package that is posted', () => {
  const posted = () => ({ table: small, history, ranker });

  it.each(['structuredClone', 'postMessage', 'JSON.stringify'])('is refused by %s', async (way) => {
    const { port1, port2 } = new MessageChannel();
    const tree = await IndexTree.build(small);
    for (const handle of [...Object.values(posted()), tree]) {
      for (const value of [handle, { inside: [handle] }]) {
        const post = {
          structuredClone: () => structuredClone(value),
          postMessage: () => port1.postMessage(value),
          'JSON.stringify': () => JSON.stringify(value),
        }[way] as () => unknown;
        expect(post).toThrow(expect.objectContaining({ code: 'ERR_KLEIO_ARGUMENT' }));
        // What can be shared says how.
        const advice = expect(post);
        if (handle === history) advice.not.toThrow(/share/);
        else advice.toThrow(/share\(\) gives what another thread makes a handle of/);
      }
    }
    port1.close();
    port2.close();
  });
});
