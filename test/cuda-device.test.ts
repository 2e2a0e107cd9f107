/** What a CUDA device makes of its driver's answers, over a runtime that plays them: no GPU is needed. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { newFolder } from './cases/new-files.js';
import { itWhere } from './cases/waiting.js';

const root = resolve(__dirname, '..');
const folder = newFolder('cuda-device');

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
