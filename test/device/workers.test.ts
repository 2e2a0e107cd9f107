/** Environments share a device, and each may leave it at any moment. */
import { expect, it } from 'vitest';
import { runProgram } from '../cases/programs.js';

it('serves 24 workers, half of them terminated in flight', async () => {
  const outcome = await runProgram('device-workers.mjs');
  expect(outcome).toEqual({ workers: 24, wrong: 0, afterwards: true });
});

it('is left cleanly by a process that exits in the middle of searches', async () => {
  expect(await runProgram('exit-in-flight.mjs')).toEqual({ exited: true });
});
