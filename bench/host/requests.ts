/** The requests whose way through the host is measured: each call asks for something else. */

import type { Kleio } from '../../lib/bench/harness/case.js';
import { Random } from '../../lib/synthetic/random.js';
import { cities, provinces, syntheticModel } from '../../lib/synthetic/synthetic-model.js';

export interface HostRequest {
  readonly name: string;
  readonly targets: number;
  readonly sync: () => void;
  readonly async: () => Promise<unknown>;
}

const LENGTH = 100_000;
/** Several times what a core's own cache holds, so that targets are not in it. */
const ROWS = 400_000;
const DIM = 128;
const K = 50;
const COUNTS = [1, 100, 1000];
/** Sets of targets that take turns. */
const SETS = 64;
const CATEGORIES = 5000;
const FIRST_ID = 1_000_000;
const ID_STRIDE = 7;

type Numbers = Int8Array | Float32Array;
type By<Ask> = (ask: Ask) => { sync: () => void; async: () => Promise<unknown> };

const random = new Random(1);

export function searchRequests(kleio: Kleio, dtype: 'int8' | 'float32'): HostRequest[] {
  const values = drawn(dtype, ROWS * DIM);
  const table = kleio.EmbeddingTable.from(values, { dim: DIM, device: 'cuda:0' });
  const history = new kleio.History(table);
  history.append(Int32Array.from({ length: LENGTH }, (_, behaviour) => behaviour * 3));
  const options = { k: K };
  const search: By<Int32Array | Numbers> = (targets) => ({
    sync: () => history.searchSync(targets, options),
    async: () => history.search(targets, options),
  });
  return COUNTS.flatMap((targets) => [
    inTurn(`search ${dtype}, rows`, targets, search, () => rowsOf(targets)),
    inTurn(`search ${dtype}, embeddings`, targets, search, () => {
      const embeddings = values.slice(0, targets * DIM);
      rowsOf(targets).forEach((row, target) => {
        embeddings.set(values.subarray(row * DIM, (row + 1) * DIM), target * DIM);
      });
      return embeddings;
    }),
  ]);
}

export async function rankRequests(kleio: Kleio): Promise<HostRequest[]> {
  const ids = BigInt64Array.from({ length: ROWS }, (_, row) => idOf(row));
  const similarity = drawn('int8', ROWS * DIM) as Int8Array;
  const model = syntheticModel(random, { ids, similarity, categories: CATEGORIES });
  const ranker = await kleio.Ranker.open(model, { device: 'cuda:0' });
  const categories = idsBelow(LENGTH, CATEGORIES);
  const history = ranker.history(ids.slice(0, LENGTH), { categories });
  const user = BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n);
  type Candidates = Parameters<typeof ranker.rank>[0]['candidates'];
  const rank: By<Candidates> = (candidates) => ({
    sync: () => ranker.rankSync({ history, user, candidates }),
    async: () => ranker.rank({ history, user, candidates }),
  });
  return COUNTS.slice(1).map((count) =>
    inTurn('rank', count, rank, () => ({
      items: BigInt64Array.from(rowsOf(count), idOf),
      categories: idsBelow(count, CATEGORIES),
      cities: idsBelow(count, cities),
      provinces: idsBelow(count, provinces),
    })),
  );
}

function inTurn<Ask>(name: string, targets: number, by: By<Ask>, draw: () => Ask): HostRequest {
  const calls = Array.from({ length: SETS }, () => by(draw()));
  let turn = 0;
  const next = () => calls[turn++ % SETS]!;
  return { name, targets, sync: () => next().sync(), async: () => next().async() };
}

const idOf = (row: number): bigint => BigInt(FIRST_ID + ID_STRIDE * row);

const rowsOf = (count: number): Int32Array =>
  Int32Array.from({ length: count }, () => random.below(ROWS));

const idsBelow = (count: number, values: number): BigInt64Array =>
  BigInt64Array.from({ length: count }, () => BigInt(1 + random.below(values)));

function drawn(dtype: 'int8' | 'float32', length: number): Numbers {
  const values = dtype === 'int8' ? new Int8Array(length) : new Float32Array(length);
  for (let i = 0; i < length; ++i) values[i] = random.below(255) - 127;
  return values;
}
