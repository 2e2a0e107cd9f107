/**
 * One process: a service of one kind of call, asked by clients that wait for each answer and ask again at
 * once when they are refused. Prints answers and refusals of the time that is measured.
 */

import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { rankingWorkload } from '../../lib/bench/harness/ranking-workload.js';
import { Workload } from '../../lib/bench/harness/workload.js';
import * as kleio from '../../lib/index.js';

export interface Served {
  readonly answered: number;
  readonly refused: number;
  readonly seconds: number;
}

type Service = () => Promise<unknown>;

const LENGTH = 50_000;
const DIM = 128;
const TARGETS = 20;
const CANDIDATES = 20;
const MANY = 4;
const WARM_UP_MS = 300;

const workload = new Workload(7);

export const SERVICES: Readonly<Record<string, () => Promise<Service>>> = {
  search: async () => {
    const { history, targets } = user();
    return () => history.search(targets, { k: 50 });
  },
  searchMany: async () => {
    const { history, targets } = user();
    const searches = new Array(MANY).fill({ history, targets, k: 50 });
    return () => kleio.searchMany(searches);
  },
  rank: async () => {
    const { ranker, request } = await ranking();
    return () => ranker.rank(request);
  },
  rankMany: async () => {
    const { ranker, request } = await ranking();
    const requests = new Array(MANY).fill(request);
    return () => ranker.rankMany(requests);
  },
  tree: async () => {
    const { table } = user();
    const tree = await kleio.IndexTree.build(table);
    const vector = Float32Array.from({ length: DIM }, (_, d) => Math.sin(d));
    return () => tree.search({ user: vector, beam: 400, n: 50 });
  },
};

function user() {
  const { values } = workload.history({ length: LENGTH, dim: DIM, dtype: 'int8' });
  const table = kleio.EmbeddingTable.from(values as Int8Array, { dim: DIM });
  const history = new kleio.History(table);
  history.append(Int32Array.from({ length: LENGTH }, (_, row) => row));
  const targets = workload.targets({ targets: TARGETS, dim: DIM, dtype: 'int8' });
  return { table, history, targets: targets.values as Int8Array };
}

async function ranking() {
  const shape = { length: LENGTH, candidates: CANDIDATES };
  const { weights, features, behaviours, candidates } = rankingWorkload(workload, shape);
  const ranker = await kleio.Ranker.open(weights);
  const history = ranker.history(behaviours.items, { categories: behaviours.categories });
  return { ranker, request: { history, user: features, candidates } };
}

async function main(): Promise<void> {
  const { values: given } = parseArgs({
    options: {
      service: { type: 'string', default: 'search' },
      clients: { type: 'string', default: '64' },
      seconds: { type: 'string', default: '1' },
    },
  });
  const service = await SERVICES[given.service]!();
  const served = await servedBy(service, Number(given.clients), Number(given.seconds));
  process.stdout.write(JSON.stringify(served));
  process.exit(); // without the answers that clients wait for
}

async function servedBy(service: Service, clients: number, seconds: number): Promise<Served> {
  let answered = 0;
  let refused = 0;
  const client = async () => {
    for (;;) {
      try {
        await service();
        answered += 1;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_KLEIO_QUEUE_FULL') throw error;
        refused += 1;
        await turn();
      }
    }
  };
  const failed = Promise.race(Array.from({ length: clients }, client));
  await Promise.race([failed, pause(WARM_UP_MS)]);
  const [answeredBefore, refusedBefore] = [answered, refused];
  const begun = performance.now();
  await Promise.race([failed, pause(seconds * 1000)]);
  return {
    answered: answered - answeredBefore,
    refused: refused - refusedBefore,
    seconds: (performance.now() - begun) / 1000,
  };
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  });
}
