// Uses the package in a process whose built-in objects somebody has changed, in the way that argv names, before or
// after it was loaded; prints what came out.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const [, , way, when, weights] = process.argv;
const { stdout } = process;

const CHANGES = {
  nothing() {},
  freeze() {
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      const { value } = Object.getOwnPropertyDescriptor(globalThis, name);
      if (typeof value !== 'function' || value === process) continue;
      Object.freeze(value);
      if (value.prototype) Object.freeze(value.prototype);
    }
    Object.freeze(Object.getPrototypeOf(Int8Array.prototype));
  },
  // Names of options, of descriptors and of errors.
  pollute() {
    const options =
      'k by dim dtype ids device names capacity categories times minScore since until exclude fields rows sequences from count items before distinct threads weights eps seed split onProgress beam n lists beams user scorer history allow block startLevel interests emptyPlaces lifelong tensors metadata targets';
    // Where every object has these, Node.js itself loads no module.
    const late = when === 'after' ? 'signal get set' : '';
    for (const name of `${options} cause code once ${late}`.trim().split(' ')) {
      Object.prototype[name] = 'polluted';
    }
    Array.prototype.added = () => 0;
  },
  silence() {
    Error.stackTraceLimit = 0;
    Object.defineProperty(Error, 'stackTraceLimit', { writable: false });
    Error.prepareStackTrace = () => {
      throw new Error('no stack');
    };
    delete Error.captureStackTrace;
  },
  // As test runners do: in the modules too, unless the package is loaded within a realm.
  stopClock() {
    const never = () => 0;
    const names = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
    const objects = [globalThis];
    if (when === 'after') objects.push(require('node:timers'), require('node:timers/promises'));
    for (const object of objects) for (const name of names) object[name] = never;
    process.nextTick = never;
    performance.now = never;
    const began = Date.now();
    globalThis.Date = class extends Date {
      static now = () => began;
    };
  },
  // As realms of test runners are.
  strip() {
    const names = `TextDecoder TextEncoder Buffer URL setImmediate clearImmediate setTimeout clearTimeout
      setInterval clearInterval queueMicrotask performance structuredClone MessageChannel crypto fetch`;
    for (const name of names.split(/\s+/)) delete globalThis[name];
  },
  // What libraries do that mean well.
  patch() {
    for (const [Kind, name] of [
      [Array, 'map'],
      [Array, 'slice'],
      [Map, 'get'],
      [Set, 'has'],
      [WeakMap, 'get'],
      [WeakSet, 'has'],
      [WeakSet, 'add'],
      [String, 'slice'],
    ]) {
      Kind.prototype[name] = () => {
        throw new Error(`${name} is patched`);
      };
    }
  },
};

if (when === 'before') CHANGES[way]();
const {
  EmbeddingTable,
  gauc,
  History,
  IndexTree,
  Ranker,
  searchMany,
  simTier,
  topK,
} = require('../../dist/index.js');
const outcomes = [];

async function outcome(name, call) {
  let value;
  try {
    value = await call();
  } catch (error) {
    const { code } = Object(error);
    value = Object.hasOwn(Object(error), 'code') ? code : `no code: ${error?.message}`;
  }
  outcomes[outcomes.length] = `${name}: ${value}`;
}

const warmUp = EmbeddingTable.from(Int8Array.of(3, 4), { dim: 2 });
if (when === 'after') CHANGES[way]();
warmUp.close();

const ids = BigInt64Array.of(101n, 102n, 103n);
const table = () => EmbeddingTable.from(Int8Array.of(90, 10, -80, 20, 10, 90), { dim: 2, ids });
await outcome(
  'topK',
  () => `${topK(Int8Array.of(0, 1), Int8Array.of(90, 10, 10, 90), { dim: 2, k: 2 }).positions}`,
);
await outcome('search', async () => {
  const history = new History(table());
  history.append(Int32Array.of(0, 1, 2));
  const { signal } = new AbortController();
  const { positions, ids } = await history.search(Int32Array.of(2), {
    k: 2,
    fields: ['ids'],
    signal,
  });
  const seen = history.has(Int32Array.of(0, 1));
  const removed = history.remove({ items: Int32Array.of(1) });
  return `${positions} ${ids} ${seen} ${removed} ${history.read({ fields: ['rows'] }).rows}`;
});
await outcome('many', async () => {
  const history = await History.build(table(), ids);
  return `${(await searchMany([{ history, targets: Int32Array.of(2), k: 1 }]))[0].positions}`;
});
await outcome('tree', async () => {
  const tree = await IndexTree.build(table(), { onProgress() {} });
  const { items } = await tree.search({ user: Float32Array.of(0, 1), beam: 2, n: 1 });
  return `${items}`;
});
await outcome('saved and opened', async () => {
  const path = join(tmpdir(), `kleio-changed-language-${process.pid}`);
  try {
    await (await IndexTree.build(table())).save(path);
    const opened = await IndexTree.open(path);
    const { items } = await opened.search({ user: Float32Array.of(0, 1), beam: 2, n: 1 });
    return `${items}`;
  } finally {
    rmSync(path, { force: true });
  }
});
await outcome('opened as soon as written', async () => {
  const path = join(tmpdir(), `kleio-changed-language-${process.pid}.npy`);
  const header = "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2), }".padEnd(118);
  try {
    const descriptor = openSync(path, 'w');
    writeSync(descriptor, `\u0093NUMPY\x01\x00\x76\x00${header}\x01\x02\x03\x04`, null, 'latin1');
    closeSync(descriptor);
    return (await EmbeddingTable.open(path)).rows;
  } finally {
    rmSync(path);
  }
});
await outcome('ranker', async () => {
  const ranker = await Ranker.open(weights);
  const history = ranker.history(ids);
  return history.length;
});
await outcome(
  'simTier',
  () => simTier(Float32Array.of(0.5, -1), { k: 2, weights: new Float32Array(21) }).length,
);
await outcome('gauc', () => gauc([1, 1], [0.5, 0.4], [1, 0]));
await outcome('CLOSED', () => {
  const closed = table();
  closed.close();
  return closed.rows;
});
await outcome('ARGUMENT', () => EmbeddingTable.from('text', { dim: 2 }));
await outcome('ARGUMENT', () =>
  topK(Int8Array.of(1), Int8Array.of(1), { dim: 1, k: 1, dtpye: 'int8' }),
);
await outcome('RANGE', () => EmbeddingTable.from(Int8Array.of(1), { dim: 0 }));
await outcome('SHAPE', () => EmbeddingTable.from(Int8Array.of(1), { dim: 2 }));
await outcome('DUPLICATE_ID', () =>
  EmbeddingTable.from(Int8Array.of(1, 2), { dim: 1, ids: BigInt64Array.of(1n, 1n) }),
);
await outcome('FILE', () => EmbeddingTable.open(join(tmpdir(), 'kleio-no-such-file.npy')));
await outcome('ARGUMENT', () => new History(table()).search(Int32Array.of(0), null));
await outcome('SHAPE', () => gauc([1], [0.5, 0.4], [1, 0]));
stdout.write(JSON.stringify(outcomes));
