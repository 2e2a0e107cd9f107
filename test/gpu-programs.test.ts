/** The programs that test and time kernels on a GPU start on every machine, and say what they do not understand. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWhere } from './cases/waiting.js';

const folder = join(__dirname, '..', 'build-cuda', 'Release');
const PROGRAMS = ['gpu_kernel_tests', 'search_times', 'tensor_core_rates'];
const areBuilt = PROGRAMS.every((name) => existsSync(join(folder, name)));
/** No GPU, on a machine that has one, too. */
const env = { ...process.env, CUDA_VISIBLE_DEVICES: '' };

function run(name: string, ...words: string[]): Promise<{ status: unknown; stderr: string }> {
  return new Promise((resolve) => {
    execFile(join(folder, name), words, { env }, (error, _stdout, stderr) =>
      resolve({ status: error?.code ?? 0, stderr }),
    );
  });
}

describeWhere(areBuilt, 'npm run build:cuda -- --programs, which needs nvcc')(
  'programs for a GPU',
  () => {
    test.each(PROGRAMS)('%s brings the C++ library and the CUDA runtime with it', (name) => {
      const bytes = readFileSync(join(folder, name));
      expect(['libstdc++.so', 'libcudart.so'].filter((library) => bytes.includes(library))).toEqual(
        [],
      );
    });

    test.each([
      ['search_times', []],
      ['search_times', ['100000x1000x128x50xint8:lists', '10x1x4x1xfloat32']],
      ['tensor_core_rates', []],
      ['gpu_kernel_tests', ['searches', '1', '1']],
      ['gpu_kernel_tests', ['graphs', '1']],
    ])('%s %j says that there is no GPU', async (name, words) => {
      const { status, stderr } = await run(name, ...words);
      expect(status).toBe(1);
      expect(stderr).toMatch(/device|driver/);
    });

    test.each([
      ['100000x1000x128x50', 'not ROWSxTARGETSxDIMxKxDTYPE'],
      ['100000x1000x128x50xint8xint8', 'not ROWSxTARGETSxDIMxKxDTYPE'],
      ['0x1x128x50xint8', 'ROWS is 0, not from 1 to 2147483646'],
      ['10x1x4097x50xint8', 'DIM is 4097, not from 1 to 4096'],
      ['10x1x4x1025xint8', 'K is 1025, not from 1 to 1024'],
      ['10x-1x4x1xint8', 'TARGETS is -1'],
      ['10x1x4x1xint4', 'no dtype is called int4'],
      ['10x1x4x1xint8:list', 'no search is called list'],
    ])('search_times refuses %s', async (shape, message) => {
      const { status, stderr } = await run('search_times', shape);
      expect(status).toBe(2);
      expect(stderr).toContain(`search_times: ${shape}: ${message}`);
    });

    test('tensor_core_rates refuses a probe that it does not know', async () => {
      const { status, stderr } = await run('tensor_core_rates', 'wgmma', 'fma');
      expect(status).toBe(2);
      expect(stderr).toContain('fma is none of');
    });
  },
);
