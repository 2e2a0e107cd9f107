/** npm run fuzz -- [--seconds N] [--seed N] [--only TARGET] */
import { openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzzing.js';
import { TARGETS } from './targets.js';

/** All targets in turn, so that an end at any time has tried each. */
const SLICE_MS = 10_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      only: { type: 'string' },
    },
  });
  const targets = TARGETS.filter(({ name }) => name === (values.only ?? name));
  if (targets.length === 0)
    throw new Error(`targets are ${TARGETS.map(({ name }) => name).join(', ')}`);
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
  const end = Date.now() + seconds * 1000;
  const slice = Math.min(SLICE_MS, (seconds * 1000) / targets.length);
  console.log(
    `fuzzing ${targets.map(({ name }) => name).join(', ')} for ${seconds} s, seed ${seed}`,
  );
  const next = new Map(targets.map((target) => [target, seed]));
  // The last input that was begun is on the disk when the process ends or hangs: run.mjs looks at it.
  const noted = openSync(process.env.KLEIO_FUZZ_NOTE ?? '/dev/null', 'w');
  do {
    for (const target of targets) {
      const until = Math.min(end, Date.now() + slice);
      const start = next.get(target)!;
      const report = await fuzz(
        target,
        start,
        ({ inputs }) => inputs > 0 && Date.now() >= until,
        (at) => writeSync(noted, `${target.name} ${at}`.padEnd(60), 0),
      );
      next.set(target, start + report.inputs);
      console.log(`${target.name}, seed ${start}: ${JSON.stringify(report)}`);
    }
  } while (Date.now() < end);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
