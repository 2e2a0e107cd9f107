/** What a search shows of the levels it went through, and what is measured by them: docs/tree.md. */
import { EmbeddingTable, IndexTree } from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TreeFolder } from './cases/trees.js';
import { itemsBelow, levelsOf, type OracleTree } from './oracle/tree.js';

const folder = new TreeFolder();
afterAll(() => folder.clear());

describe('the levels of a search', () => {
  const user = Float32Array.of(1, 1);
  let tree: IndexTree;
  let read: OracleTree;
  beforeAll(async () => {
    // A plain tree is uneven: one item apart from many.
    const rows = [[1, 120], ...Array.from({ length: 12 }, (_, at) => [100 + at, at])];
    tree = await IndexTree.build(EmbeddingTable.from(Int8Array.from(rows.flat()), { dim: 2 }), {
      split: 'plain',
    });
    read = await folder.read(tree);
    expect(levelsOf(read)[1]!.some(({ children }) => children === undefined)).toBe(true);
  });
  const leaves = (upTo: number) =>
    levelsOf(read)
      .slice(0, upTo + 1)
      .flat()
      .filter(({ children }) => children === undefined);

  it('begin with the leaves above the first, by their numbers, and then the beam', async () => {
    const startLevel = 3;
    const { levels } = await tree.search({ user, beam: 2, n: 9, startLevel, beams: true });
    const [{ level, nodes, logits }] = levels as [NonNullable<typeof levels>[0]];
    expect(level).toBe(startLevel);
    const above = leaves(startLevel).map(({ index }) => index);
    expect([...nodes.subarray(0, above.length)]).toEqual(above);
    const beam = [...logits.subarray(above.length)];
    expect(beam.length).toBe(
      Math.min(2, levelsOf(read)[startLevel]!.filter(({ children }) => children).length),
    );
    expect(beam).toEqual(beam.toSorted((a, b) => b - a));
  });

  it.each([
    ['a first level deeper than the tree', { beam: 1, startLevel: 40 }],
    ['a beam of everything', { beam: Infinity }],
  ])('are one for %s: all leaves', async (_, asked) => {
    const { levels, scored, items } = await tree.search({ user, n: 99, beams: true, ...asked });
    expect(levels).toHaveLength(1);
    expect(levels![0]!.level).toBe(tree.depth);
    expect([...levels![0]!.nodes]).toEqual(leaves(tree.depth).map(({ index }) => index));
    expect([scored, items.length]).toEqual([13, 13]);
  });

  it('count admitted nodes alone, and are none where nothing may be returned', async () => {
    const allow = BigInt64Array.of(0n, 1n);
    const { levels, scored } = await tree.search({ user, n: 99, beam: 1, allow, beams: true });
    expect(levels![0]!.level).toBe(1);
    // Both nodes of level 1, and from one of them a single way down to the leaf of item 1.
    const depth = levelsOf(read).findIndex((nodes) => nodes.some(({ item }) => item === 1));
    expect(scored).toBe(1 + depth);
    for (const ids of [new BigInt64Array(), BigInt64Array.of(-9n)]) {
      const none = await tree.search({ user, n: 9, beam: 1, allow: ids, beams: true });
      expect([none.items.length, none.scored, none.levels]).toEqual([0, 0, []]);
      expect(new Set(tree.hierarchicalRecall(none, allow).levels)).toEqual(new Set([1]));
    }
  });

  it('are measured by the nodes that lead to the truth, each once', async () => {
    const found = await tree.search({ user, n: 13, beam: Infinity, beams: true });
    const of = (...truth: bigint[]) => tree.hierarchicalRecall(found, BigInt64Array.from(truth));
    const last = (...truth: bigint[]) => of(...truth).levels.at(-1);
    // One id that is unknown, or several: one node that nothing holds.
    expect([last(1n, 2n), last(1n, 1n, -5n), last(1n, -5n, -6n), last()]).toEqual([1, 0.5, 0.5, 1]);
    expect([of(1n, 1n, -5n).items, of(1n, -5n, -6n).items, of().items]).toEqual([0.5, 1 / 3, 1]);
    // All items lie below the root.
    const narrow = await tree.search({ user, n: 13, beam: 1, startLevel: 0, beams: true });
    const { levels } = tree.hierarchicalRecall(narrow, BigInt64Array.from(read.ids));
    expect(levels[0]).toBe(1);
    expect(itemsBelow(read, 0)).toHaveLength(13);
    expect(levels[1]).toBe(1);
    expect(levels.at(-1)).toBeLessThan(1);
  });
});
