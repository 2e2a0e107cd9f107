// Builds the addon with the CUDA backend: build-cuda/Release/kleio.node. Needs CMake and nvcc.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { delimiter } from 'node:path';

import { runPackage } from './node-gyp.mjs';

// Where the toolkit's own installer puts nvcc without putting it on the path.
const toolkit = `${process.env.CUDA_HOME ?? '/usr/local/cuda'}/bin`;
if (existsSync(toolkit)) process.env.PATH += delimiter + toolkit;

// Headers from the packages: nothing is downloaded.
const require = createRequire(import.meta.url);
const includes = ['node-addon-api', 'node-api-headers'].map((name) => require(name).include_dir);

runPackage('cmake-js/bin/cmake-js', [
  'build',
  '--out=build-cuda',
  '--config=Release',
  `--parallel=${availableParallelism()}`,
  `--CDKLEIO_NODE_INCLUDES=${includes.join(';')}`,
  '--log-level=warn',
]);
