/** What `console.log` shows of the objects of this package: what they are, whatever state they are in. */
import { inspect } from 'node:util';
import * as library from 'kleio';
import { afterAll, describe, expect, it } from 'vitest';
import { weightsPath } from '../cases/muse-golden.js';

const { Auc, EmbeddingTable, Gauc, History, IndexTree, KleioError, Ranker, TreeScorer } = library;

const table = EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 });
afterAll(() => table.close());

function threeBehaviours() {
  const history = new History(table);
  history.append(Int32Array.of(0, 1, 0));
  return history;
}

const twoTowers = {
  tensors: {
    'item.ids': { shape: [1], values: BigInt64Array.of(0n) },
    'item.embeddings': { shape: [2, 1], values: Float32Array.of(0, 0.1) },
    'node.embeddings': { shape: [4, 1], values: Float32Array.of(0, 0.4, 0.4, 0.3) },
  },
  metadata: { kind: 'two-tower' },
};

/** One of every class, and what must be seen of it. */
const objects: readonly (readonly [string, () => object | Promise<object>, RegExp])[] = [
  [
    'EmbeddingTable',
    () => EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2 }),
    /^\{ rows: 1, dim: 2, dtype: 'int8', device: 'cpu', byteLength: 2 \}$/,
  ],
  ['History', threeBehaviours, /^\{ length: 3, distinct: 2, byteLength: \d+ \}$/],
  [
    'IndexTree',
    () => IndexTree.build(table),
    /^\{ items: 4, nodes: 7, depth: 2, dim: 2, dtype: 'int8', byteLength: \d+ \}$/,
  ],
  ['Ranker', () => Ranker.open(weightsPath('muse_a')), /^\{ k: \d+, device: 'cpu' \}$/],
  ['TreeScorer', () => TreeScorer.open(twoTowers), /^\{ k: 0, userWidth: 1, innerNodes: 3 \}$/],
  ['Auc', () => new Auc().add([0.5, 0.2, 0.1], [1, 0, 0]), /^\{ samples: 3, clicked: 1 \}$/],
  ['Gauc', () => new Gauc(), /^\{ users: 0 \}$/],
];

const line = (object: unknown) => inspect(object, { breakLength: Infinity, compact: true });

it('is tested for every class there is', () => {
  const isClass = (value: unknown) =>
    typeof value === 'function' && /^class\b/.test(String(value)) && value !== KleioError;
  const names = Object.entries(library).flatMap(([name, value]) => (isClass(value) ? [name] : []));
  expect(objects.map(([name]) => name)).toEqual(expect.arrayContaining(names));
});

describe.each(objects)('%s', (name, make, facts) => {
  it('tells what it is, and after close that it is closed', async () => {
    const object = await make();
    const [shown, rest] = [line(object).slice(0, name.length), line(object).slice(name.length + 1)];
    expect(shown).toBe(name);
    expect(rest).toMatch(facts);
    if (!('close' in object)) return;
    (object as { close(): void }).close();
    expect(line(object)).toBe(`${name} { closed: true }`);
  });

  it('tells its class where it lies too deep', async () => {
    const deep = { a: { b: { c: await make() } } };
    expect(inspect(deep, { depth: 2 })).toContain(`[${name}]`);
  });

  it('throws for nothing that is printed', async () => {
    const object = await make();
    const prototype: object = Object.getPrototypeOf(object);
    for (const foreign of [prototype, Object.create(prototype), Object.create(object)]) {
      expect(() => inspect(foreign, { showHidden: true, getters: true })).not.toThrow();
    }
  });
});

it('answers are plain', () => {
  const kept = threeBehaviours().searchSync(Int32Array.of(0), { k: 2 });
  expect(line(kept)).toContain('positions: Int32Array(2) [ 2, 0 ]');
});
