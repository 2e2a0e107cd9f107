/** Every door that opens a file, with two files for each that must not be taken for one another. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EmbeddingTable, History, IndexTree, Ranker, TreeScorer } from 'kleio';
import { drawModel } from './muse-models.js';
import { readParquet } from './parquet-rows.js';
import { idColumn, parquetSketch } from './parquet-sketch.js';
import { Random } from './random.js';
import { bytesOf, safetensorsOf } from './tensor-files.js';

export const VERSIONS = ['old', 'new'] as const;
export type Version = (typeof VERSIONS)[number];

export interface Opened {
  /** `old`, `new`, or what else it seems to be. */
  read(): Promise<string>;
  close(): void;
}

export interface Door {
  readonly name: string;
  readonly write: (path: string, version: Version) => Promise<void>;
  readonly open: (path: string | URL) => Promise<Opened>;
}

const ROWS = 40_000;
const DIM = 16;

/** Ids and embeddings of the two versions have nothing in common. */
const tables: Door = {
  name: 'EmbeddingTable.open',
  async write(path, version) {
    const place = VERSIONS.indexOf(version);
    const values = Float32Array.from({ length: ROWS * DIM }, (_, i) => Number(i % DIM === place));
    const ids = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row + place * ROWS));
    const tensors = {
      values: { dtype: 'F32', shape: [ROWS, DIM], bytes: bytesOf(values) },
      ids: { dtype: 'I64', shape: [ROWS], bytes: bytesOf(ids) },
    };
    writeFileSync(path, safetensorsOf(tensors));
  },
  async open(path) {
    const table = await EmbeddingTable.open(path);
    const history = new History(table);
    history.append(Int32Array.from({ length: ROWS }, (_, row) => row));
    const has = async (place: number) => {
      const target = Float32Array.from({ length: DIM }, (_, d) => Number(d === place));
      const { scores } = await history.search(target, { k: 1 });
      const ids = BigInt64Array.of(BigInt(place * ROWS), BigInt((place + 1) * ROWS - 1));
      return [scores[0] === 1, ...table.rowsOf(ids).map((row) => Number(row >= 0))].map(Boolean);
    };
    return {
      read: async () => versionOf([await has(0), await has(1)].map(String)),
      close: () => {
        history.close();
        table.close();
      },
    };
  },
};

const versionOf = ([old, young]: string[]) => {
  const [all, none] = ['true,true,true', 'false,false,false'];
  if (old === all && young === none) return 'old';
  return old === none && young === all ? 'new' : `old ${old}, new ${young}`;
};

const user = new Float32Array(8).fill(1);
const treeOf = (version: Version) => {
  const seed = version === 'old' ? 40503 : 30011;
  const values = Int8Array.from({ length: 20_000 * 8 }, (_, i) => Math.imul(i, seed) >> 7);
  return IndexTree.build(EmbeddingTable.from(values, { dim: 8 }));
};
const trees: Door = named('IndexTree.open', {
  write: async (path, version) => (await treeOf(version)).save(path),
  open: (path) => IndexTree.open(path),
  said: async (tree) => String((await tree.search({ user, beam: 50, n: 10 })).logits),
});

const LAYERS = {
  embeddingDim: 8,
  keepTop: 4,
  shortSteps: 2,
  heads: [[8, 8]],
  userWidths: [4, 4, 4, 4, 4, 4],
  hidden: [16],
  tierWidth: 0.5,
  spareTiers: [0, 0],
  attentionScale: 1,
  similarityDim: 16,
  similarityDtype: 'int8',
  items: 20_000,
  categories: 5,
} as const;
const one = BigInt64Array.of(1n);
const rankers: Door = named('Ranker.open', {
  async write(path, version) {
    const { tensors, metadata } = drawModel(LAYERS, new Random(version === 'old' ? 1 : 2));
    writeFileSync(path, safetensorsOf(tensors, metadata));
  },
  open: (path) => Ranker.open(path),
  async said(ranker) {
    const candidates = { items: one, categories: one, cities: one, provinces: one };
    const history = ranker.history(one);
    const asked = { history, user: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n), candidates };
    return String((await ranker.rank(asked)).probabilities);
  },
});

const scored = IndexTree.build(
  EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 }),
);
const scorers: Door = named('TreeScorer.open', {
  async write(path, version) {
    const scale = version === 'old' ? 1 : 2;
    const floats = (rows: number) => ({
      dtype: 'F32',
      shape: [rows, 1],
      bytes: bytesOf(Float32Array.from({ length: rows }, (_, row) => row * scale)),
    });
    const ids = bytesOf(BigInt64Array.of(0n, 1n, 2n, 3n));
    const tensors = {
      'item.ids': { dtype: 'I64', shape: [4], bytes: ids },
      'item.embeddings': floats(5),
      'node.embeddings': floats(4),
    };
    writeFileSync(path, safetensorsOf(tensors, { kind: 'two-tower' }));
  },
  open: (path) => TreeScorer.open(path),
  async said(scorer) {
    const search = { scorer, user: Float32Array.of(1), beam: 4, n: 4 };
    return String((await (await scored).search(search)).logits);
  },
});

/** Read from the first row to the last; nothing is read of it afterwards. */
const parquets: Door = {
  name: 'ParquetFile.open',
  async write(path, version) {
    const ids = new Array<bigint>(300).fill(BigInt(VERSIONS.indexOf(version)));
    const group = { rows: ids.length, columns: [idColumn('id', ids)] };
    writeFileSync(path, parquetSketch(new Array(20).fill(group)));
  },
  async open(path) {
    const rows = await readParquet(typeof path === 'string' ? path : fileURLToPath(path), {
      id: 'id',
    });
    const seen = [...new Set(rows.map(({ id }) => VERSIONS[Number(id)]))];
    return { read: async () => seen.join(), close: () => undefined };
  },
};

export const DOORS: readonly Door[] = [tables, rankers, scorers, trees, parquets];

/** A door whose versions are told apart by what they say to one question. */
function named<Thing extends { close(): void }>(
  name: string,
  door: {
    readonly write: Door['write'];
    readonly open: (path: string | URL) => Promise<Thing>;
    readonly said: (thing: Thing) => Promise<string>;
  },
): Door {
  const known = new Map<string, Version>();
  return {
    name,
    async write(path, version) {
      await door.write(path, version);
      if ([...known.values()].includes(version)) return;
      const thing = await door.open(path);
      known.set(await door.said(thing), version);
      thing.close();
    },
    async open(path) {
      const thing = await door.open(path);
      const read = async () => {
        const said = await door.said(thing);
        return known.get(said) ?? said;
      };
      return { read, close: () => thing.close() };
    },
  };
}
