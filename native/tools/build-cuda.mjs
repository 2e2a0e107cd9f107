// Builds the addon with the CUDA backend: build-cuda/Release/kleio.node. Needs CMake and nvcc.
//
//   node native/tools/build-cuda.mjs [--reuse] [--programs]
//
// --reuse: what needs no nvcc is compiled, or was, by node-gyp as for the package's binary, and linked.
// --programs: also what tests and times the kernels on a GPU (native/gpu_programs.cmake), beside it.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { delimiter, resolve } from 'node:path';

import { buildNative, runPackage } from './node-gyp.mjs';

// Where the toolkit's own installer puts nvcc without putting it on the path.
const toolkit = `${process.env.CUDA_HOME ?? '/usr/local/cuda'}/bin`;
if (existsSync(toolkit)) process.env.PATH += delimiter + toolkit;

// Headers from the packages: nothing is downloaded.
const require = createRequire(import.meta.url);
const includes = ['node-addon-api', 'node-api-headers'].map((name) => require(name).include_dir);

const archives = [];
if (process.argv.includes('--reuse')) {
  buildNative(['kleio_common', 'kleio_device']);
  for (const name of ['kleio_common', 'kleio_device'])
    archives.push(resolve('build', 'Release', `${name}.a`));
}

const settings = [
  '--out=build-cuda',
  '--config=Release',
  `--CDKLEIO_NODE_INCLUDES=${includes.join(';')}`,
  `--CDKLEIO_HOST_ARCHIVES=${archives.join(';') || 'OFF'}`,
  `--CDCMAKE_CUDA_COMPILER_LAUNCHER=${process.execPath};${resolve('native/tools/nvcc-notes.mjs')}`,
  `--CDKLEIO_GPU_PROGRAMS=${process.argv.includes('--programs') ? 'ON' : 'OFF'}`,
  '--log-level=warn',
];
// By itself: a build where something was built before takes the settings of then.
runPackage('cmake-js/bin/cmake-js', ['configure', ...settings]);
runPackage('cmake-js/bin/cmake-js', ['build', `--parallel=${availableParallelism()}`, ...settings]);
