/** npm run fuzz -- [--seconds N] [--seed N] */
import { parseArgs } from 'node:util';
import { fuzzWeights } from './weights.js';

const REPORT_EVERY_MS = 10_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
  const end = Date.now() + seconds * 1000;
  console.log(`damaging weights for ${seconds} s, seed ${seed}`);
  let nextReport = Date.now() + REPORT_EVERY_MS;
  const report = await fuzzWeights(seed, (soFar) => {
    if (Date.now() >= nextReport) {
      // A crash is then known to lie at or after this seed.
      console.log(`seed ${seed + soFar.files}: ${soFar.files} files, ${soFar.opened} opened`);
      nextReport += REPORT_EVERY_MS;
    }
    return Date.now() >= end;
  });
  console.log(JSON.stringify(report, undefined, 2));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
