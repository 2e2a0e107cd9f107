/**
 * The regression gate: fails if the working tree is slower than another commit.
 *
 *   npm run bench:gate -- --base REF [--head REF] [--threshold 0.05] [--seconds 20] [--seed N]
 *                         [--instructions] [--json]
 */

import { parseArgs } from 'node:util';

import { buildOf, workingTree } from './builds.js';
import { compareBuilds } from './compare.js';
import { readableGate } from './gate-text.js';
import { compareInstructions, readableInstructions } from './instructions.js';

const { values: given } = parseArgs({
  options: {
    base: { type: 'string' },
    head: { type: 'string' },
    threshold: { type: 'string', default: '0.05' },
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    instructions: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(): Promise<void> {
  if (given.base === undefined) throw new Error('--base REF must name the commit to compare with');
  const base = buildOf(given.base, say);
  const head = given.head === undefined ? workingTree(say) : buildOf(given.head, say);
  const threshold = Number(given.threshold);
  const seed = Number(given.seed);
  say(`measuring, seed ${seed}`);
  const gate = await compareBuilds({ base, head, threshold, seconds: Number(given.seconds), seed });
  const instructions = given.instructions ? compareInstructions(base, head) : undefined;
  process.stdout.write(
    given.json
      ? `${JSON.stringify({ ...gate, threshold, seed, instructions }, undefined, 2)}\n`
      : readableGate(gate, threshold) + (instructions ? readableInstructions(instructions) : ''),
  );
  if (gate.decisions.some(({ verdict }) => verdict === 'slower')) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:gate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
