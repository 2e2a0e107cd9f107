// The K most similar of L behaviours for B targets: kleio beside what else a Node.js user can install.
// All answers are checked before any time is printed.
//
//   node gsu-peers.mjs [--length 100000] [--targets 1,16,100,1000] [--dim 128] [--k 50] [--threads 2]
//                      [--seconds 8] [--isa avx2] [--seed N] [--name NAME]
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ClusteredVectors, codesOf, uniformStream } from './clustered-vectors.mjs';
import { environment } from './environment.mjs';
import { ExactCosine, requireEquivalent, requireSame } from './exact.mjs';
import { interleaved, milliseconds, speedup } from './interleaved.mjs';
import { short } from './statistics.mjs';

const { values: given } = parseArgs({
  options: {
    length: { type: 'string', default: '100000' },
    targets: { type: 'string', default: '1,16,100,1000' },
    dim: { type: 'string', default: '128' },
    k: { type: 'string', default: '50' },
    threads: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '400' },
    isa: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    name: { type: 'string' },
  },
});

const [length, dim, k, threads, seconds, mostRounds, seed] = [
  given.length,
  given.dim,
  given.k,
  given.threads,
  given.seconds,
  given.rounds,
  given.seed,
].map(Number);
const counts = given.targets.split(',').map(Number);

// Read when the binary loads, so before it is imported.
process.env.KLEIO_THREADS = String(threads);
if (given.isa !== undefined) process.env.KLEIO_ISA = given.isa;
const { inspect } = await import('../dist/index.js');
const { kleio } = await import('./peers/kleio.mjs');
const { onnxruntime, onnxruntimePacked } = await import('./peers/onnxruntime.mjs');
const { plainJs } = await import('./peers/plain-js.mjs');
const { usearchExact } = await import('./peers/usearch.mjs');

/** Multiplications that the check by definition may cost for each dtype and number of targets. */
const CHECK_BUDGET = 1.5e10;
/** A slow peer gets as many targets as fit this many multiplications; its time is scaled. */
const SLOW_PEER_BUDGET = 4e8;
const REFERENCES = ['onnxruntime-node float32', 'onnxruntime-node float32, packed'];

const source = new ClusteredVectors(dim, seed);
const vectors = source.draw(length);
const targets = source.draw(Math.max(...counts));
const codes = codesOf(vectors);
const targetCodes = codesOf(targets);

/** Each competitor with the values it searches, the targets it is given and how it is judged. */
const competitors = [
  { peer: kleio({ values: codes, dim, k, threads }), values: codes, targets: targetCodes },
  { peer: kleio({ values: vectors, dim, k, threads }), values: vectors, targets },
  { peer: await onnxruntime({ history: vectors, dim, k, threads }), values: vectors, targets },
  {
    peer: await onnxruntimePacked({ history: vectors, dim, k, threads }),
    values: vectors,
    targets,
  },
  {
    peer: usearchExact({ history: vectors, dim, k, threads }),
    values: vectors,
    targets,
    slow: true,
  },
  { peer: plainJs({ history: vectors, dim, k }), values: vectors, targets, slow: true },
];
const exact = new Map([codes, vectors].map((values) => [values, new ExactCosine(values, dim)]));
const isKleio = ({ peer }) => peer.name.startsWith('kleio');

console.log(
  `seed ${seed}; ${length} behaviours, dim ${dim}, k ${k}, ${threads} threads, ${inspect().isa}`,
);
const report = {
  ...environment(),
  isa: inspect().isa,
  seed,
  length,
  dim,
  k,
  threads,
  results: [],
};
for (const count of counts) report.results.push(await measure(count));
for (const { peer } of competitors) await peer.close();
print(report.results);
const file = new URL(
  `results/${given.name ?? `gsu-${length}-${report.isa}`}.json`,
  import.meta.url,
);
mkdirSync(new URL('results/', import.meta.url), { recursive: true });
writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);

async function measure(count) {
  const entries = competitors.map((competitor) => entryOf(competitor, count));
  const checked = await check(entries, count);
  const rounds = await interleaved(entries, { seconds, mostRounds, uniform: uniformStream(seed) });
  const rows = entries.map(({ name, scale }) => ({
    name,
    scaledFrom: scale === 1 ? undefined : Math.round(count / scale),
    milliseconds: milliseconds(rounds, name),
    ...(name.startsWith('kleio') && {
      speedupOver: Object.fromEntries(
        REFERENCES.map((reference) => [reference, speedup(rounds, name, reference)]),
      ),
    }),
  }));
  return { targets: count, rounds: rounds.length, targetsCheckedByDefinition: checked, rows };
}

function entryOf({ peer, targets: all, slow }, count) {
  const affordable = Math.max(1, Math.floor(SLOW_PEER_BUDGET / (length * dim)));
  const given = slow ? Math.min(count, affordable) : count;
  const some = all.subarray(0, given * dim);
  return { name: peer.name, call: () => peer.search(some), scale: count / given, given };
}

/**
 * kleio's answers against the definition, for as many targets as the budget allows; the peers' answers
 * against kleio's K-th best score, for all their targets.
 */
async function check(entries, count) {
  const affordable = Math.min(count, Math.max(1, Math.floor(CHECK_BUDGET / (length * dim))));
  let kthScores;
  for (const [index, competitor] of competitors.entries()) {
    const { name, call, given } = entries[index];
    const kept = await call();
    const truth = exact.get(competitor.values);
    const targetAt = (at) => competitor.targets.subarray(at * dim, (at + 1) * dim);
    if (isKleio(competitor)) {
      for (let at = 0; at < affordable; ++at) {
        requireSame(name, kept, at, k, truth.topK(targetAt(at), k));
      }
      if (competitor.values === vectors) kthScores = kthOf(kept.scores);
    } else {
      for (let at = 0; at < given; ++at) {
        requireEquivalent(name, kept, at, k, targetAt(at), truth, kthScores[at]);
      }
    }
  }
  return affordable;
}

/** The last score of each target. */
function kthOf(scores) {
  return scores.filter((_, at) => at % k === k - 1);
}

function print(results) {
  const kleios = competitors.filter(isKleio).map(({ peer }) => peer.name);
  const header = [
    'B',
    ...competitors.map(({ peer }) => `${peer.name} (ms)`),
    ...kleios.flatMap((name) => REFERENCES.map((reference) => `${name} over ${reference}`)),
  ];
  console.log(`\n| ${header.join(' | ')} |\n|${'---|'.repeat(header.length)}`);
  for (const { targets: count, rows } of results) {
    const times = rows.map(
      ({ milliseconds: { median }, scaledFrom }) => short(median) + (scaledFrom ? ' (scaled)' : ''),
    );
    const gains = rows.flatMap(({ speedupOver }) =>
      Object.values(speedupOver ?? {}).map(
        ({ median, lower, upper }) => `${short(median)}× (${short(lower)}–${short(upper)})`,
      ),
    );
    console.log(`| ${[count, ...times, ...gains].join(' | ')} |`);
  }
}
