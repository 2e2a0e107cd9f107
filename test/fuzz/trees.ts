/** Damaged files of index trees and of their scorers, the trees' checksums set right again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, History, IndexTree, TreeScorer } from 'kleio';
import type { Random } from '../cases/random.js';
import { safetensorsOf } from '../cases/tensor-files.js';
import { drawScorer, type ScorerShape } from '../cases/tree-scorers.js';
import { drawCorpus, TreeFolder } from '../cases/trees.js';
import { DTYPES } from '../oracle/float-formats.js';
import type { FuzzTarget } from './fuzzing.js';
import { damaged } from './mutations.js';
import { xxh64 } from './xxh64.js';

const ITEMS = 13;
const DIM = 5;

async function savedTree(random: Random): Promise<{ bytes: Uint8Array; ids: BigInt64Array }> {
  const { table, ids } = drawCorpus(
    { items: ITEMS, dim: DIM, dtype: random.pick(DTYPES), family: 'normal' },
    random,
  );
  const folder = new TreeFolder();
  try {
    using tree = await IndexTree.build(table, { seed: random.integer(0, 100) });
    return { bytes: await folder.bytesOf(tree), ids };
  } finally {
    table.close();
    folder.clear();
  }
}

/** The last eight bytes, if the damage has left them in their place. */
function withChecksum(file: Uint8Array): Uint8Array {
  if (file.length < 16) return file;
  const end = file.length - 8;
  new DataView(file.buffer, file.byteOffset).setBigUint64(end, xxh64(file.subarray(0, end)), true);
  return file;
}

export const TREES: FuzzTarget = {
  name: 'trees',
  async draw(random, folder) {
    const { bytes } = await savedTree(random);
    if (Buffer.compare(bytes, withChecksum(Uint8Array.from(bytes))) !== 0) {
      throw new Error('a tree of another checksum than XXH64');
    }
    const path = join(folder, 'tree');
    const file = withChecksum(Uint8Array.from(damaged(bytes, random)));
    writeFileSync(path, file);
    const open = async () => {
      using tree = await IndexTree.open(path);
      const user = new Float32Array(tree.dim).fill(1);
      await tree.search({ user, beam: 4, n: 4 });
      await tree.quality();
      await tree.remove(BigInt64Array.of(1n));
      await tree.save(join(folder, 'again'));
      (await IndexTree.open(join(folder, 'again'))).close();
    };
    return { bytes: file.length, doors: [open] };
  },
};

const LIST = { heads: [[3, 2]], outputs: 4 } as const;

function drawShape(random: Random): ScorerShape {
  const union = random.chance(0.3);
  return {
    dim: 4,
    keepTop: 3,
    shortSteps: random.pick([0, 2]),
    userWidth: random.pick([0, 2]),
    coGsu: random.pick(['projected', 'inner', 'twin']),
    coWidth: 3,
    lists: union ? 'union' : 'separate',
    esu: union ? 'attention' : random.pick(['attention', 'semantic']),
    first: LIST,
    multimodal: LIST,
    hidden: [5],
    tierWidth: 0.5,
  };
}

export const SCORERS: FuzzTarget = {
  name: 'scorers',
  async draw(random, folder) {
    const ids = BigInt64Array.from({ length: ITEMS }, (_, at) => BigInt(at));
    const shape = drawShape(random);
    const { tensors, metadata } = drawScorer(
      shape,
      { ids: [...ids], builtInner: ITEMS - 1 },
      random,
    );
    const file = damaged(safetensorsOf(Object.fromEntries(tensors), metadata), random);
    const path = join(folder, 'scorer');
    writeFileSync(path, file);
    const open = async () => {
      using scorer = await TreeScorer.open(path);
      const values = Int8Array.from({ length: ITEMS * DIM }, () => random.integer(-9, 9));
      using table = EmbeddingTable.from(values, { dim: DIM, ids });
      using tree = await IndexTree.build(table);
      using history = new History(table);
      history.append(ids);
      const user = new Float32Array(scorer.userWidth);
      await tree.search({ scorer, history, user, beam: 4, n: 4 });
    };
    return { bytes: file.length, doors: [open] };
  },
};
