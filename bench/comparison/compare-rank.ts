/** The whole ranker for B candidates over L behaviours: kleio beside onnxruntime-node with the same model. */

import type { Kleio } from '../../lib/bench/harness/case.js';
import type { Numbers } from '../../lib/bench/harness/exact.js';
import { uniformStream } from '../../lib/bench/harness/uniform.js';
import type { Workload } from '../../lib/bench/harness/workload.js';
import type { ComparedCount, Comparison } from './comparison-record.js';
import { interleaved, milliseconds, speedup } from './interleaved.js';
import { logitsOf } from './logits.js';
import { firstLine, peerModule } from './peer.js';
import { ReleasedUser } from './released-user.js';
import { hangOnRounding } from './rounding.js';

export interface RankComparison {
  readonly kleio: Kleio;
  readonly workload: Workload;
  readonly length: number;
  readonly counts: readonly number[];
  readonly threads: number;
  readonly seconds: number;
}

const PEER = 'onnxruntime-node';
const TOLERANCE = 1e-5;
/** More answers than this may not hang on rounding: the comparison would say little. */
const MAX_UNCOMPARED = 0.05;
const MAX_ROUNDS = 400;

interface PeerRanker {
  rank(count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

interface PeerQuestion {
  readonly user: ReleasedUser;
  readonly similarityValues: Numbers;
  readonly threads: number;
}

interface PeerModule {
  onnxruntimeRanker(question: PeerQuestion): Promise<PeerRanker>;
}

export async function compareRank(
  asked: RankComparison,
): Promise<Pick<Comparison, 'results' | 'absent' | 'k' | 'dim'>> {
  const { workload, length, counts, threads } = asked;
  const candidates = Math.max(...counts);
  const user = new ReleasedUser(workload, { length, candidates });
  const { k, dim } = user;
  let onnxruntimeRanker: PeerModule['onnxruntimeRanker'];
  try {
    ({ onnxruntimeRanker } = await peerModule<PeerModule>('onnxruntime-ranker.mjs'));
  } catch (error) {
    return { results: [], absent: [{ peer: PEER, reason: firstLine(error) }], k, dim };
  }
  // Same inputs, same answers: first with float32 similarity values, then with the codes that are timed.
  const vectors = await kleioRanker(user.vectors, user, asked);
  const overVectors = await onnxruntimeRanker({ user, similarityValues: user.vectors, threads });
  await requireAgreement(vectors, overVectors, user);
  await overVectors.close();
  const codes = await kleioRanker(user.codes, user, asked);
  const peer = await onnxruntimeRanker({ user, similarityValues: user.codes, threads });
  await requireAgreement(codes, peer, user);
  const results: ComparedCount[] = [];
  for (const count of counts)
    results.push(await compareCount(count, [vectors, codes], peer, asked));
  await peer.close();
  for (const subject of [vectors, codes]) subject.close();
  return { results, absent: [], k, dim };
}

type Subject = Awaited<ReturnType<typeof kleioRanker>>;

async function kleioRanker(
  similarityValues: Numbers,
  user: ReleasedUser,
  { kleio, threads }: RankComparison,
) {
  const weights = user.weights(similarityValues);
  const ranker = await kleio.Ranker.open(weights, { threads });
  const categories = user.categories.subarray(0, user.length);
  const history = ranker.history(user.items.subarray(0, user.length), { categories });
  const request = (count: number) => ({ history, user: user.user, candidates: user.some(count) });
  return {
    name: `kleio ${similarityValues instanceof Int8Array ? 'int8' : 'float32'}`,
    similarityValues,
    rank: (count: number) => ranker.rank(request(count)),
    /** The general search unit alone, on the same history. */
    search: (count: number, k = user.k) => history.search(user.some(count).items, { k, threads }),
    logits: (count: number) => logitsOf(ranker, request(count), weights),
    close: () => ranker.close(),
  };
}

/** Throws unless every probability that does not hang on rounding agrees. */
async function requireAgreement(
  kleio: Subject,
  peer: PeerRanker,
  user: ReleasedUser,
): Promise<void> {
  const count = user.candidates;
  const [{ probabilities }, expected] = [await kleio.rank(count), await peer.rank(count)];
  const kept = await kleio.search(count, user.k + 1);
  const { similarityValues } = kleio;
  const uncompared = hangOnRounding({ kept, logits: kleio.logits(count), user, similarityValues });
  for (const [candidate, hangs] of uncompared.entries()) {
    if (hangs || Math.abs(probabilities[candidate]! - expected[candidate]!) <= TOLERANCE) continue;
    throw new Error(
      `${kleio.name}: candidate ${candidate} has ${probabilities[candidate]}, ${PEER} says ${expected[candidate]}`,
    );
  }
  const hanging = uncompared.filter((hangs) => hangs).length;
  if (hanging <= count * MAX_UNCOMPARED) return;
  throw new Error(`${hanging} of ${count} answers hang on rounding: nothing was compared`);
}

async function compareCount(
  count: number,
  subjects: readonly [Subject, Subject],
  peer: PeerRanker,
  { seconds, workload }: RankComparison,
): Promise<ComparedCount> {
  const codes = subjects[1];
  const search = `${codes.name}, search alone`;
  const calls: [string, () => unknown][] = [
    ...subjects.map((subject): [string, () => unknown] => [
      subject.name,
      () => subject.rank(count),
    ]),
    [PEER, () => peer.rank(count)],
    [search, () => codes.search(count)],
  ];
  const rounds = await interleaved(
    calls.map(([name, call]) => ({ name, call, scale: 1 })),
    { seconds, mostRounds: MAX_ROUNDS, uniform: uniformStream(workload.seed) },
  );
  const isSubject = (name: string) => subjects.some((subject) => subject.name === name);
  const rows = calls.map(([name]) => ({
    name,
    ms: milliseconds(rounds, name),
    ...(isSubject(name) && { speedupOver: { [PEER]: speedup(rounds, name, PEER) } }),
  }));
  return { targets: count, rounds: rounds.length, rows };
}
