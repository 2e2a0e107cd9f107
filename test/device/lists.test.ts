/** The two ways in which kernels find what is worth scoring: blocks of rows, and lists of them. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../cases/programs.js';

interface Outcome {
  readonly wrong: number;
  readonly usage: Readonly<Record<'visitedRows' | 'cpuSearches' | 'listOverflows', number>>;
}

const answered = (search: string, env: Readonly<Record<string, string>> = {}) =>
  runProgram<Outcome>('device-users.mjs', { env: { KLEIO_DEVICE_SEARCH: search, ...env } });

describe('KLEIO_DEVICE_SEARCH', () => {
  it('lists: the same bits, and fewer rows are scored', async () => {
    const [blocks, lists] = [await answered('blocks'), await answered('lists')];
    expect(lists).toMatchObject({ wrong: 0, usage: { cpuSearches: 0, listOverflows: 0 } });
    expect(blocks.wrong).toBe(0);
    expect(lists.usage.visitedRows).toBeGreaterThan(0);
    expect(lists.usage.visitedRows).toBeLessThan(blocks.usage.visitedRows / 2);
  });

  it('lists by wgmma, where the device has it: the same bits', async () => {
    const lists = await answered('lists', { KLEIO_CUDA_APPEND: 'wgmma', ROUNDS: '4' });
    expect(lists).toMatchObject({ wrong: 0, usage: { cpuSearches: 0, listOverflows: 0 } });
  });

  it('auto: the same bits', async () => {
    expect(await answered('auto')).toMatchObject({ wrong: 0, usage: { cpuSearches: 0 } });
  });
});
