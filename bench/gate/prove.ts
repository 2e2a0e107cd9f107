/**
 * How often the gate finds what is there, and how often it cries wolf: against planted slowdowns of the
 * exact scan kernel and against no change at all, each built apart from the base, in random order.
 *
 *   npm run bench:gate:prove -- [--base HEAD] [--runs 20] [--seconds 20] [--out bench/results/gate.json]
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { machineOf } from '../../lib/bench/harness/environment.js';
import { shuffled, uniformStream } from '../../lib/bench/harness/uniform.js';
import { buildOf, changedBuild, commitOf, ROOT } from './builds.js';
import { compareBuilds } from './compare.js';
import { percent } from './gate-text.js';
import { compareInstructions } from './instructions.js';
import { plantSlowdown } from './plant.js';
import type { Proof, ProvenRun, ProvenVariant } from './proof.js';

const { values: given } = parseArgs({
  options: {
    base: { type: 'string', default: 'HEAD' },
    runs: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});

const THRESHOLD = 0.05;
const PLANTED_PERCENT = [0, 3, 7, 20];

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(): Promise<void> {
  const base = buildOf(given.base, say);
  const variants = PLANTED_PERCENT.map((planted) => ({
    planted,
    runs: [] as ProvenRun[],
    head: changedBuild(
      base,
      planted === 0 ? 'unchanged' : `slower-${planted}`,
      (folder) => planted > 0 && plantSlowdown(folder, planted),
      say,
    ),
  }));
  const machine = machineOf(ROOT);
  const uniform = uniformStream(Number(given.seed));
  const queue = variants.flatMap((variant) => Array(Number(given.runs)).fill(variant));
  for (const { planted, runs, head } of shuffled<(typeof variants)[number]>(queue, uniform)) {
    const seed = Math.floor(uniform() * 2 ** 31);
    const options = { base, head, threshold: THRESHOLD, seconds: Number(given.seconds), seed };
    const { decisions, seconds } = await compareBuilds(options);
    const kept = decisions.map(({ name, slowdown, lower, upper, verdict }) => ({
      ...{ name, slowdown, lower, upper, verdict },
    }));
    runs.push({ seed, seconds, decisions: kept });
    const slower = decisions.filter(({ verdict }) => verdict === 'slower');
    const named = slower.map(({ name, slowdown }) => `${name} ${percent(slowdown)}`).join(', ');
    say(`planted ${planted} %: ${slower.length > 0 ? named : 'passed'} (${seconds.toFixed(0)} s)`);
  }
  const recorded: ProvenVariant[] = variants.map(({ planted, runs, head }) => ({
    planted,
    runs,
    instructions: compareInstructions(base, head),
  }));
  const proof: Proof = {
    format: 1,
    machine: { ...machine, commit: commitOf(given.base) },
    threshold: THRESHOLD,
    variants: recorded,
  };
  const json = `${JSON.stringify(proof, undefined, 2)}\n`;
  if (given.out === undefined) process.stdout.write(json);
  else writeFileSync(given.out, json);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 2;
});
