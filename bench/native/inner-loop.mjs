// How near the scan kernels come to the core's measured peak: runs bench/native/inner_loop.cc over the
// objects of the last build.
//
//   node bench/native/inner-loop.mjs [--check]     --check: fail below 80 % of the peak
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MIN_RATIO = 0.8;
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const program = join(root, '.cache', 'inner-loop');
mkdirSync(dirname(program), { recursive: true });

const sources = ['bench/native/inner_loop.cc', 'build/Release/kleio_common.a'];
const compiler = process.env.CXX ?? 'g++';
const flags = ['-std=c++20', '-O2', '-Inative', '-pthread', '-o', program];
execFileSync(compiler, [...flags, ...sources], { cwd: root, stdio: 'inherit' });

const kernels = JSON.parse(execFileSync(program, { encoding: 'utf8' }));
console.table(kernels);
if (process.argv.includes('--check')) {
  const slow = kernels.filter(({ ratio }) => ratio < MIN_RATIO);
  for (const { isa, ratio } of slow) {
    console.error(`${isa}: ${(ratio * 100).toFixed(1)} % of the peak, below ${MIN_RATIO * 100} %`);
  }
  if (slow.length > 0) process.exitCode = 1;
}
