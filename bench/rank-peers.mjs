// The whole ranker for B candidates over L behaviours: kleio beside onnxruntime-node with the same model.
// Answers are compared before any time is printed.
//
//   node rank-peers.mjs [--length 100000] [--candidates 1,100,1000] [--threads 2] [--seconds 10]
//                       [--isa avx2] [--seed N] [--name NAME]
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { uniformStream } from './clustered-vectors.mjs';
import { environment } from './environment.mjs';
import { interleaved, milliseconds, speedup } from './interleaved.mjs';
import { RankedUser } from './ranked-user.mjs';
import { hangOnRounding } from './rounding.mjs';
import { short, spread } from './statistics.mjs';

const { values: given } = parseArgs({
  options: {
    length: { type: 'string', default: '100000' },
    candidates: { type: 'string', default: '1,100,1000' },
    threads: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '400' },
    isa: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    name: { type: 'string' },
  },
});
const [length, threads, seconds, mostRounds, seed] = [
  given.length,
  given.threads,
  given.seconds,
  given.rounds,
  given.seed,
].map(Number);
const counts = given.candidates.split(',').map(Number);

// Read when the binary loads, so before it is imported.
process.env.KLEIO_THREADS = String(threads);
if (given.isa !== undefined) process.env.KLEIO_ISA = given.isa;
const { inspect } = await import('../dist/index.js');
const { kleioRanker } = await import('./peers/kleio-ranker.mjs');
const { onnxruntimeRanker } = await import('./peers/onnxruntime-ranker.mjs');

const TOLERANCE = 1e-5;
/** More answers than this may not hang on rounding: the comparison would say little. */
const MOST_UNCOMPARED = 0.05;

const user = new RankedUser({ length, candidates: Math.max(...counts), seed });
console.log(
  `seed ${seed}; ${length} behaviours, k ${user.k}, ${threads} threads, ${inspect().isa}`,
);
const report = {
  ...environment(),
  isa: inspect().isa,
  seed,
  length,
  k: user.k,
  threads,
  checks: [],
  results: [],
};

// Same inputs, same answers: first with float32 similarity values, then with the codes that are timed.
const onVectors = await peersOver(user.vectors);
report.checks.push(await compare(onVectors, user.vectors));
await onVectors.onnx.close();
const onCodes = await peersOver(user.codes);
report.checks.push(await compare(onCodes, user.codes));

for (const count of counts) report.results.push(await measure(count));
for (const peer of [onVectors.kleio, onCodes.kleio, onCodes.onnx]) await peer.close();
print(report);
const file = new URL(
  `results/${given.name ?? `rank-${length}-${report.isa}`}.json`,
  import.meta.url,
);
mkdirSync(new URL('results/', import.meta.url), { recursive: true });
writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);

async function peersOver(similarityValues) {
  const asked = { user, similarityValues, threads };
  return { kleio: await kleioRanker(asked), onnx: await onnxruntimeRanker(asked) };
}

/** Throws unless every probability that does not hang on rounding agrees. */
async function compare({ kleio, onnx }, similarityValues) {
  const count = user.candidates;
  const [{ probabilities }, expected] = [await kleio.rank(count), await onnx.rank(count)];
  const kept = await kleio.search(count, user.k + 1);
  const logits = kleio.logits(count);
  const uncompared = hangOnRounding({ kept, logits, user, similarityValues });
  const compared = [...uncompared.keys()].filter((candidate) => !uncompared[candidate]);
  const differences = compared.map((at) => Math.abs(probabilities[at] - expected[at]));
  const largest = Math.max(...differences);
  if (!(largest <= TOLERANCE)) {
    const candidate = compared[differences.indexOf(largest)];
    throw new Error(
      `${kleio.name}: candidate ${candidate} has ${probabilities[candidate]}, ${onnx.name} says ` +
        expected[candidate],
    );
  }
  if (compared.length < count * (1 - MOST_UNCOMPARED)) {
    throw new Error(`${count - compared.length} of ${count} answers hang on rounding`);
  }
  return { subject: kleio.name, candidates: count, compared: compared.length, largest };
}

async function measure(count) {
  const call = (name, ask) => ({ name, call: ask, scale: 1 });
  const search = `${onCodes.kleio.name}, search alone`;
  const entries = [
    ...[onCodes.kleio, onVectors.kleio, onCodes.onnx].map((peer) =>
      call(peer.name, () => peer.rank(count)),
    ),
    call(search, () => onCodes.kleio.search(count)),
  ];
  const rounds = await interleaved(entries, { seconds, mostRounds, uniform: uniformStream(seed) });
  const [int8, float32, onnx] = [onCodes.kleio.name, onVectors.kleio.name, onCodes.onnx.name];
  return {
    candidates: count,
    rounds: rounds.length,
    milliseconds: Object.fromEntries(entries.map(({ name }) => [name, milliseconds(rounds, name)])),
    speedup: {
      [int8]: speedup(rounds, int8, onnx),
      [float32]: speedup(rounds, float32, onnx),
    },
    /** Attention and tower, of the time of a ranking. */
    shareAfterSearch: spread(rounds.map((round) => 1 - round[search] / round[int8])),
  };
}

function print({ checks, results }) {
  for (const { subject, candidates, compared, largest } of checks) {
    console.log(
      `${subject}: ${compared} of ${candidates} probabilities compared, within ${short(largest)}`,
    );
  }
  const names = Object.keys(results[0].milliseconds);
  const gains = Object.keys(results[0].speedup);
  const header = [
    'B',
    ...names.map((name) => `${name} (ms)`),
    ...gains.map((name) => `${name} over onnxruntime-node`),
    'after the search',
  ];
  console.log(`\n| ${header.join(' | ')} |\n|${'---|'.repeat(header.length)}`);
  for (const { candidates, milliseconds: times, speedup: faster, shareAfterSearch } of results) {
    const ratio = ({ median, lower, upper }) =>
      `${short(median)}× (${short(lower)}–${short(upper)})`;
    const row = [
      candidates,
      ...names.map((name) => short(times[name].median)),
      ...gains.map((name) => ratio(faster[name])),
      `${short(100 * shareAfterSearch.median)} %`,
    ];
    console.log(`| ${row.join(' | ')} |`);
  }
}
