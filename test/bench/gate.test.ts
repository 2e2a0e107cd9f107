/** The regression gate: what it decides, on ratios whose truth is known, and that it can still be proven. */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compareBuilds } from '../../bench/gate/compare.js';
import { decide, type Verdict } from '../../bench/gate/decide.js';
import { gateCases } from '../../bench/gate/gate-cases.js';
import { readableGate } from '../../bench/gate/gate-text.js';
import { plantSlowdown } from '../../bench/gate/plant.js';
import { uniformStream } from '../../lib/bench/harness/uniform.js';
import { newFolder } from '../cases/new-files.js';

const root = join(__dirname, '..', '..');
const folder = newFolder('gate');

const THRESHOLD = 0.05;
const uniform = uniformStream(5);
/** Nearly normal, of variance 1. */
const normal = () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);

interface Noise {
  /** Of where memory lies, the same for all pairs of a process. */
  readonly process: number;
  readonly pair: number;
}

/** Pairs of six processes, of which one in twenty meets a disturbance that doubles one side. */
function pairsOf(slowdown: number, { process, pair }: Noise): number[][] {
  return Array.from({ length: 6 }, () => {
    const luck = process * normal();
    return Array.from({ length: 60 }, () => {
      const disturbed = uniform() < 0.05 ? Math.log(2) * (uniform() < 0.5 ? 1 : -1) : 0;
      return Math.log(1 + slowdown) + luck + pair * normal() + disturbed;
    });
  });
}

async function shareOf(verdict: Verdict, slowdown: number, noise: Noise): Promise<number> {
  const trials = 30;
  let times = 0;
  for (let trial = 0; trial < trials; ++trial) {
    // A worker that does not turn its loop for a minute is given up by its runner.
    await turn();
    if (decide(pairsOf(slowdown, noise), THRESHOLD, uniform).verdict === verdict) times += 1;
  }
  return times / trials;
}

const quiet: Noise = { process: 0.003, pair: 0.02 };
const shared: Noise = { process: 0.02, pair: 0.1 };

describe('a decision', () => {
  it('passes what has not changed, on a quiet machine and on a shared one', async () => {
    expect(await shareOf('slower', 0, quiet)).toBe(0);
    expect(await shareOf('slower', 0, shared)).toBeLessThan(0.05);
  });

  it('passes a loss below the threshold', async () => {
    expect(await shareOf('slower', 0.03, quiet)).toBeLessThan(0.05);
  });

  it('finds a loss above it', async () => {
    expect(await shareOf('slower', 0.07, quiet)).toBeGreaterThan(0.9);
    expect(await shareOf('slower', 0.2, shared)).toBeGreaterThan(0.9);
    expect(await shareOf('faster', -0.2, shared)).toBeGreaterThan(0.9);
  });

  it('estimates the loss, whatever doubles now and then', () => {
    const { slowdown, lower, upper } = decide(pairsOf(0.2, quiet), THRESHOLD, uniform);
    expect(slowdown).toBeCloseTo(0.2, 1);
    expect(lower).toBeLessThan(0.2);
    expect(upper).toBeGreaterThan(0.2);
  });
});

// What it decides of a build and itself is up to the machine: `npm run bench:gate:prove`.
it('compares two builds case by case', async () => {
  const options = { base: root, head: root, threshold: 0.25, seconds: 1, seed: 3, processes: 2 };
  const report = await compareBuilds(options);
  expect(report.skipped).toEqual([]);
  expect(report.decisions.map(({ name }) => name)).toEqual(gateCases.map(({ name }) => name));
  for (const { verdict, pairs, baseMs, lower, upper } of report.decisions) {
    expect(verdict).toBeOneOf(['slower', 'faster', 'no loss shown']);
    expect([pairs > 0, baseMs > 0, lower <= upper]).toEqual([true, true, true]);
  }
});

it('names what is slower, and by how much', () => {
  const decision = { baseMs: 0.5, pairs: 400, lower: 0.055, upper: 0.09 } as const;
  const text = readableGate(
    {
      decisions: [{ ...decision, name: 'scan int8', slowdown: 0.07, verdict: 'slower' }],
      skipped: [],
      seconds: 20,
    },
    THRESHOLD,
  );
  expect(text).toContain('SLOWER: scan int8 takes +7.0 %, at least +5.5 %');
});

it('can be proven still: the planted slowdown fits the sources, and compiles', () => {
  cpSync(join(root, 'native'), join(folder, 'native'), { recursive: true });
  plantSlowdown(folder, 7);
  const file = join('native', 'cpu', 'levels', 'isa.cc');
  const flags = ['-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-Wconversion', '-Inative'];
  execFileSync(process.env.CXX ?? 'g++', [...flags, file], { cwd: folder });
  expect(() => plantSlowdown(join(folder, 'nothing'), 7)).toThrow();
});
