/** What a CUDA device makes of its driver's answers, over a runtime that plays them: no GPU is needed. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect } from 'vitest';
import { itWhere } from './cases/waiting.js';

const root = resolve(__dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'kleio-cuda-device-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { PATH = '', CUDA_HOME = '/usr/local/cuda' } = process.env;
const hasCuda = [...PATH.split(delimiter), join(CUDA_HOME, 'bin')].some((directory) =>
  existsSync(join(directory, 'nvcc')),
);

itWhere(hasCuda, 'the headers of CUDA, which come with nvcc')(
  'survives refusals, ends with what CUDA calls lasting, does without memory pools',
  async () => {
    const script = join(root, 'native', 'test-cuda-device.sh');
    const { stdout } = await promisify(execFile)(script, [join(folder, 'tests')]);
    expect(stdout).toContain('as it should be');
  },
);
