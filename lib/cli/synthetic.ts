/**
 * A synthetic user shaped like real ones: items in categories of very different sizes, behaviours in
 * sessions of one category, about 40 % of them repeats of an earlier item. Embeddings have the norm and
 * the cosines of the public Taobao-MM table: 0.05 ± 0.09 between categories, up to about 0.5 within.
 */

import { EmbeddingTable, History } from '../index.js';
import { Random } from '../synthetic/random.js';
import { cities, provinces, syntheticModel } from '../synthetic/synthetic-model.js';
import type { Progress } from '../text/progress.js';
import type { Scenario } from './scenario.js';

export interface SyntheticOptions {
  readonly behaviours: number;
  readonly targets: number;
  readonly seed: number;
}

const DIM = 128;
const NORM = 122.5;
const REPEATED = 0.4;
const MAX_SESSION = 20;
const ITEMS_PER_CATEGORY = 150;
const SECONDS_PER_BEHAVIOUR = 900;
const NEWEST_TIME = 1_760_000_000;

/** Weights of what all items, the items of a category and one item alone point to; squares add to 1. */
const COMMON = 0.22;
const OF_CATEGORY = 0.6;
const OWN = Math.sqrt(1 - COMMON ** 2 - OF_CATEGORY ** 2);

interface Catalogue {
  readonly ids: BigInt64Array;
  /** Category of each row; the rows of a category are neighbours. */
  readonly categories: Int32Array;
  readonly similarity: Int8Array;
}

export function syntheticScenario(options: SyntheticOptions, progress: Progress): Scenario {
  const random = new Random(options.seed);
  const catalogue = makeCatalogue(random, Math.ceil(options.behaviours * 0.65), progress);
  const table = EmbeddingTable.from(catalogue.similarity, { dim: DIM, ids: catalogue.ids });
  const rows = visitRows(random, catalogue.categories, options.behaviours);
  const items = BigInt64Array.from(rows, (row) => catalogue.ids[row]!);
  const categories = BigInt64Array.from(rows, (row) => BigInt(catalogue.categories[row]!));
  const history = new History(table);
  history.append(items, { categories, times: timesOf(rows.length) });
  const targets = BigInt64Array.from(
    { length: options.targets },
    () => catalogue.ids[random.below(catalogue.ids.length)]!,
  );
  const categoryOf = (item: bigint) => {
    const [row] = table.rowsOf(BigInt64Array.of(item));
    return BigInt(catalogue.categories[row!]!);
  };
  return {
    source: `synthetic, seed ${options.seed}`,
    table,
    long: { name: 'synthetic', history, items, categories },
    users: [],
    targets,
    categoryOf,
    ranking: {
      weights: syntheticModel(random, { ...catalogue, categories: catalogue.categories.at(-1)! }),
      user: {
        user: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n),
        behaviours: { items, categories },
        candidates: {
          items: targets,
          categories: targets.map(categoryOf),
          cities: targets.map(() => BigInt(1 + random.below(cities))),
          provinces: targets.map(() => BigInt(1 + random.below(provinces))),
        },
      },
    },
  };
}

function makeCatalogue(random: Random, items: number, progress: Progress): Catalogue {
  const categories = categorySizes(random, items);
  const embeddings = new Int8Array(items * DIM);
  const ids = new BigInt64Array(items);
  const common = random.direction(DIM);
  let centre = random.direction(DIM);
  progress.start('making embeddings', items);
  for (let row = 0; row < items; ++row) {
    if (row > 0 && categories[row] !== categories[row - 1]) centre = random.direction(DIM);
    writeEmbedding(embeddings, row, common, centre, random.direction(DIM));
    // Distinct, since the low bits count the rows; unordered, as real ids are.
    ids[row] = (BigInt(random.below(2 ** 31)) << 32n) | BigInt(row + 1);
    progress.step();
  }
  return { ids, categories, similarity: embeddings };
}

/** The category of each row, from 1; sizes fall off like 1/sqrt(rank). */
function categorySizes(random: Random, items: number): Int32Array {
  const count = Math.max(1, Math.round(items / ITEMS_PER_CATEGORY));
  const cumulative = new Float64Array(count);
  for (let rank = 0; rank < count; ++rank) {
    cumulative[rank] = (cumulative[rank - 1] ?? 0) + 1 / Math.sqrt(rank + 1);
  }
  return Int32Array.from({ length: items }, () => 1 + random.weighted(cumulative)).sort();
}

function writeEmbedding(
  embeddings: Int8Array,
  row: number,
  common: Float64Array,
  centre: Float64Array,
  own: Float64Array,
): void {
  for (let d = 0; d < DIM; ++d) {
    const element = COMMON * common[d]! + OF_CATEGORY * centre[d]! + OWN * own[d]!;
    embeddings[row * DIM + d] = Math.max(-127, Math.min(127, Math.round(NORM * element)));
  }
}

/** Row of each behaviour: sessions within a category, earlier items again and again. */
function visitRows(random: Random, categories: Int32Array, behaviours: number): Int32Array {
  const rows = new Int32Array(behaviours);
  const unseen = new Uint8Array(categories.length).fill(1);
  let session = 0;
  let next = 0;
  for (let position = 0; position < behaviours; ++position) {
    if (position > 0 && random.uniform() < REPEATED) {
      rows[position] = rows[position - 1 - repeatDistance(random, position)]!;
      continue;
    }
    if (session === 0) {
      session = 1 + random.below(MAX_SESSION);
      next = random.below(categories.length);
    }
    for (let tried = 0; tried < unseen.length && unseen[next] === 0; ++tried) {
      next = (next + 1) % unseen.length;
    }
    unseen[next] = 0;
    rows[position] = next;
    --session;
  }
  return rows;
}

/** Recent behaviours are repeated most: log-uniform over what there is. */
function repeatDistance(random: Random, position: number): number {
  return Math.min(position - 1, Math.floor(Math.exp(random.uniform() * Math.log(position))));
}

function timesOf(behaviours: number): Float64Array {
  return Float64Array.from(
    { length: behaviours },
    (_, position) => NEWEST_TIME - (behaviours - 1 - position) * SECONDS_PER_BEHAVIOUR,
  );
}
