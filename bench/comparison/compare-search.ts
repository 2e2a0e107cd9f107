/** The K most similar of L behaviours for B targets: kleio beside what else a Node.js user can install. */

import type { Kleio } from '../../lib/bench/harness/case.js';
import { codesOf } from '../../lib/bench/harness/clustered-vectors.js';
import {
  affordableTargets,
  ExactScores,
  type Numbers,
  requireSame,
} from '../../lib/bench/harness/exact.js';
import { uniformStream } from '../../lib/bench/harness/uniform.js';
import type { Workload } from '../../lib/bench/harness/workload.js';
import type { Kept } from '../../lib/index.js';
import type { ComparedCount, ComparedRow } from './comparison-record.js';
import { type Competitor, interleaved, milliseconds, speedup } from './interleaved.js';
import { judge, type Truth } from './judge.js';
import { type Absence, firstLine, type OpenPeer, type SearchPeer } from './peer.js';

export interface SearchComparison {
  readonly kleio: Kleio;
  readonly workload: Workload;
  readonly peers: readonly SearchPeer[];
  readonly length: number;
  readonly counts: readonly number[];
  readonly dim: number;
  readonly k: number;
  readonly threads: number;
  /** For each number of targets. */
  readonly seconds: number;
}

/** A slow peer gets as many targets as fit this many multiplications. */
const SLOW_PEER_BUDGET = 4e8;
const MAX_ROUNDS = 400;

interface Contestant {
  readonly competitor: Competitor;
  readonly row: ComparedRow;
}

interface OpenedPeer extends SearchPeer {
  readonly opened: OpenPeer;
}

export async function compareSearch(
  asked: SearchComparison,
): Promise<{ results: ComparedCount[]; absent: Absence[] }> {
  const { workload, dim, length, counts } = asked;
  const vectors = workload.history({ length, dim, dtype: 'float32' }).numbers as Float32Array;
  const most = Math.max(...counts);
  const targets = workload.targets({ targets: most, dim, dtype: 'float32' });
  const { opened, absent } = await openPeers(asked, vectors);
  const own = kleioOver(vectors, asked);
  const subjects = [own, kleioOver(codesOf(vectors), asked)];
  const all = targets.numbers as Float32Array;
  const truth = { kept: own.search(all), exact: own.exact, targets: all, dim, k: asked.k };
  const results: ComparedCount[] = [];
  for (const count of counts) {
    results.push(await compareCount(count, truth, subjects, opened, asked));
  }
  for (const { opened: peer } of opened) await peer.close();
  for (const subject of subjects) subject.close();
  return { results, absent };
}

async function openPeers(
  { peers, length, dim, k, threads, workload }: SearchComparison,
  history: Float32Array,
): Promise<{ opened: OpenedPeer[]; absent: Absence[] }> {
  const opened: OpenedPeer[] = [];
  const absent: Absence[] = [];
  for (const peer of peers) {
    if (length > (peer.mostLength ?? Number.POSITIVE_INFINITY)) {
      absent.push({ peer: peer.name, reason: `its index of ${length} behaviours takes too long` });
      continue;
    }
    try {
      const question = { history, dim, k, threads, seed: workload.seed };
      opened.push({ ...peer, opened: await peer.open(question) });
    } catch (error) {
      absent.push({ peer: peer.name, reason: firstLine(error) });
    }
  }
  return { opened, absent };
}

/** Every row is one behaviour: no repeats to save it work. */
function kleioOver(values: Numbers, { kleio, dim, k, threads, length }: SearchComparison) {
  const table = kleio.EmbeddingTable.from(values, { dim });
  const history = new kleio.History(table);
  history.append(Int32Array.from({ length }, (_, row) => row));
  const stored = (targets: Float32Array) =>
    values instanceof Int8Array ? codesOf(targets) : targets;
  return {
    name: `kleio ${table.dtype}`,
    values,
    stored,
    exact: new ExactScores(values, dim),
    search: (targets: Numbers): Kept => history.searchSync(targets, { k, threads }),
    close: () => table.close(),
  };
}

type Subject = ReturnType<typeof kleioOver>;

async function compareCount(
  count: number,
  truth: Truth,
  subjects: readonly Subject[],
  peers: readonly OpenedPeer[],
  asked: SearchComparison,
): Promise<ComparedCount> {
  const { dim, length, seconds, workload } = asked;
  const targets = truth.targets.subarray(0, count * dim);
  const contestants = subjects.map((subject) => checkedSubject(subject, targets, asked));
  const refused: ComparedRow[] = [];
  for (const peer of peers) {
    const affordable = Math.max(1, Math.floor(SLOW_PEER_BUDGET / (length * dim)));
    const entry = await checkedPeer(peer, peer.slow ? affordable : count, count, truth);
    if ('competitor' in entry) contestants.push(entry);
    else refused.push(entry);
  }
  const uniform = uniformStream(workload.seed);
  const competitors = contestants.map(({ competitor }) => competitor);
  const rounds = await interleaved(competitors, { seconds, mostRounds: MAX_ROUNDS, uniform });
  const names = contestants.slice(subjects.length).map(({ row }) => row.name);
  const rows = contestants.map(({ row }, index) => ({
    ...row,
    ms: milliseconds(rounds, row.name),
    ...(index < subjects.length && {
      speedupOver: Object.fromEntries(names.map((name) => [name, speedup(rounds, row.name, name)])),
    }),
  }));
  return { targets: count, rounds: rounds.length, rows: [...rows, ...refused] };
}

/** kleio's own answers are held to the definition, bit for bit: a wrong one ends the comparison. */
function checkedSubject(
  subject: Subject,
  targets: Float32Array,
  { dim, k, length }: SearchComparison,
): Contestant {
  const stored = subject.stored(targets);
  const kept = subject.search(stored);
  for (let index = 0; index < affordableTargets(kept.count, length * dim); ++index) {
    const target = stored.subarray(index * dim, (index + 1) * dim);
    requireSame(subject.name, kept, index, subject.exact.topK(target, k));
  }
  const { name } = subject;
  return {
    competitor: { name, call: () => subject.search(stored), scale: 1 },
    row: { name },
  };
}

async function checkedPeer(
  peer: OpenedPeer,
  affordable: number,
  count: number,
  truth: Truth,
): Promise<Contestant | ComparedRow> {
  const { name } = peer;
  const given = Math.min(count, affordable);
  const first = (targets: number) => truth.targets.subarray(0, targets * truth.dim);
  // The recall of one target would be its luck: it is taken over all that can be afforded.
  const judged = peer.approximate ? Math.min(affordable, truth.kept.count) : given;
  const some = first(given);
  try {
    const recall = judge(peer, await peer.opened.search(first(judged)), judged, truth);
    return {
      competitor: { name, call: () => peer.opened.search(some), scale: count / given },
      row: {
        name,
        ...(given < count && { scaledFrom: given }),
        ...(peer.approximate && { recall }),
      },
    };
  } catch (error) {
    return { name, refused: firstLine(error) };
  }
}
