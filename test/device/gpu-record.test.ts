/** The measurements of `bench/gpu.sh record`, each with its own words and settings, over small shapes. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { jobsOf } from '../../bench/gpu/stages.js';
import type { Report } from '../../lib/bench/harness/results.js';
import { testDevice } from '../cases/device.js';

const SMALL = ['--length', '300', '--targets', '2', '--k', '5', '--seconds', '0.05'];
const jobs = jobsOf('record', '1').filter(({ prints }) => prints === 'document');

it.each(jobs.map((job) => [job.name, job] as const))('%s', async (_name, { command, env }) => {
  const [program, ...words] = command;
  const { stdout } = await promisify(execFile)(program!, [...words, ...SMALL], {
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 26,
  });
  const { measurements } = JSON.parse(stdout) as Report;
  expect(measurements.length).toBeGreaterThan(0);
  for (const { point, ms } of measurements) {
    expect(point.device).toBe(testDevice);
    expect(ms.p50).toBeGreaterThan(0);
  }
});
