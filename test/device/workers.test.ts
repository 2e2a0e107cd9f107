/** Environments share a device, and each may leave it at any moment. */
import { expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { runProgram } from '../cases/programs.js';

const WORKERS = times(24, 12);

it(`serves ${WORKERS} workers, half of them terminated in flight`, async () => {
  const env = { KLEIO_TEST_WORKERS: String(WORKERS) };
  const outcome = await runProgram('device-workers.mjs', { env });
  expect(outcome).toEqual({ workers: WORKERS, wrong: 0, afterwards: true });
});

it('is left cleanly by a process that exits in the middle of searches', async () => {
  expect(await runProgram('exit-in-flight.mjs')).toEqual({ exited: true });
});
