/** A binary with CUDA works on every machine, and says what it makes of this one. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { CpuInfo, GpuInfo, Report } from 'kleio';
import { expect, it } from 'vitest';
import { CUDA_BUILD, describeWhere } from './cases/waiting.js';

const root = join(__dirname, '..');
const binary = join(root, 'build-cuda', 'Release', 'kleio.node');
/** A run that was given another binary tests no other. */
const given = process.env.KLEIO_BINARY;
const isOurs = !given || resolve(given) === binary;
const OTHER = 'a run without KLEIO_BINARY';

interface Answer {
  readonly report: Report;
  readonly devices: readonly [CpuInfo, ...GpuInfo[]];
  readonly kept: readonly number[];
  readonly refused: string;
}

const PROGRAM = `
  const { devices, EmbeddingTable, inspect, topK } = require(${JSON.stringify(join(root, 'dist'))});
  let refused = '';
  try {
    EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2, device: 'cuda:999' });
  } catch ({ code, message }) {
    refused = message;
  }
  const { positions } = topK(Int8Array.of(3, 4), Int8Array.of(4, 3, 3, 4), { dim: 2, k: 2 });
  const answer = { report: inspect(), devices: devices(), kept: [...positions], refused };
  process.stdout.write(JSON.stringify(answer));
`;

async function ask(environment: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const env = { ...process.env, ...environment, KLEIO_BINARY: binary };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROGRAM], { env });
  return JSON.parse(stdout) as Answer;
}

describeWhere(isOurs && existsSync(binary), isOurs ? CUDA_BUILD : OTHER)(
  'the binary with CUDA',
  () => {
    it('loads with or without a driver and searches on the CPU', async () => {
      const { report, devices, kept } = await ask();
      expect([report.binary, report.failure]).toEqual([binary, null]);
      expect(devices[0].name).toBe('cpu');
      expect(kept).toEqual([1, 0]);
    });

    it('brings the C++ library and the CUDA runtime with it', () => {
      const bytes = readFileSync(binary);
      expect(['libstdc++.so', 'libcudart.so'].filter((library) => bytes.includes(library))).toEqual(
        [],
      );
    });

    it('says which devices there are, or why there is none', async () => {
      const { report, devices } = await ask();
      const { cuda } = report;
      expect(cuda.runtime).toMatch(/^\d+\.\d+$/);
      expect(cuda.devices).toEqual(devices.slice(1));
      expect(cuda.available).toBe(cuda.devices.length > 0);
      if (!cuda.available) expect(cuda.reason).toMatch(/driver|device|compute capability/);
      if (cuda.driver === null)
        expect(cuda.reason).toBe('there is no NVIDIA driver on this machine');
    });

    it('shows no device where none may be seen', async () => {
      const { report } = await ask({ CUDA_VISIBLE_DEVICES: '' });
      expect(report.cuda).toMatchObject({ available: false, devices: [] });
      expect(report.cuda.reason).toMatch(/driver/);
    });

    it('refuses a device that does not exist, with the reason', async () => {
      const { report, refused } = await ask();
      expect(refused).toMatch(/^ERR_KLEIO_DEVICE: there is no device 'cuda:999': /);
      if (report.cuda.reason !== null) expect(refused).toContain(report.cuda.reason);
    });
  },
);
