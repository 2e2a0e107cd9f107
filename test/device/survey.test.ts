/** Which device a name means; and a machine without one says why, wherever one is asked for, and works on. */
import { EmbeddingTable } from 'kleio';
import { expect, it } from 'vitest';
import { isSoftwareDevice, SOFTWARE_DEVICE } from '../cases/device.js';
import { runProgram } from '../cases/programs.js';
import { describeWhere } from '../cases/waiting.js';

interface Outcome {
  readonly available: boolean;
  readonly reason: string | null;
  readonly names: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly kept: readonly number[];
}

it('takes the name of a kind for its first device', () => {
  using table = EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2, device: 'cuda' });
  expect(table.device).toBe('cuda:0');
});

// Only a device in software can be another machine's.
describeWhere(isSoftwareDevice(), SOFTWARE_DEVICE)('without', () => {
  it.each([
    ['a driver', 'count_error=35', /no NVIDIA driver/],
    [
      'a driver new enough',
      'count_error=35,driver=11040,runtime=12040',
      /too old: it serves CUDA 11\.4, .* CUDA 12\.0/,
    ],
    ['a visible device', 'count_error=100,driver=13000', /shows no device/],
    ['any device', 'devices=0,driver=13000', /shows no device/],
    ['a device new enough', 'compute=7,driver=13000', /compute capability 7\.\d; .* 8\.0/],
    ['a driver that works', 'count_error=999,driver=13000', /cannot be used: as it was told/],
  ])('%s', async (_what, settings, reason) => {
    const env = { KLEIO_SOFTWARE_DEVICE: settings };
    const outcome = await runProgram<Outcome>('no-device.mjs', { env });
    expect(outcome).toMatchObject({ available: false, names: ['cpu'], code: 'ERR_KLEIO_DEVICE' });
    expect(outcome.reason).toMatch(reason);
    expect(outcome.message).toContain(outcome.reason);
    expect(outcome.kept).toEqual([1, 0]);
  });
});
