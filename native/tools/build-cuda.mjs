// Builds the addon with the CUDA backend: build-cuda/Release/kleio.node. Needs CMake and nvcc.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter } from 'node:path';

import { runPackage } from './node-gyp.mjs';

// Where the toolkit's own installer puts nvcc without putting it on the path.
const toolkit = `${process.env.CUDA_HOME ?? '/usr/local/cuda'}/bin`;
if (existsSync(toolkit)) process.env.PATH += delimiter + toolkit;

runPackage('cmake-js/bin/cmake-js', [
  'build',
  '--out=build-cuda',
  '--config=Release',
  `--parallel=${availableParallelism()}`,
  '--log-level=warn',
]);
