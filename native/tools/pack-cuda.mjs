// Packs build-cuda/Release/kleio.node as the optional package @kleio/cuda-<platform>-<arch>:
//
//   npm run build:cuda && node native/tools/pack-cuda.mjs [FOLDER]
//
// The tarball goes to FOLDER, by default build-cuda. kleio finds the package when it is installed
// beside it; their versions must be the same.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const binary = 'build-cuda/Release/kleio.node';
if (!existsSync(binary)) {
  console.error(`pack-cuda: ${binary} does not exist; build it with: npm run build:cuda`);
  process.exit(2);
}

const { platform, arch } = process;
const { version, license, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
const name = `@kleio/cuda-${platform}-${arch}`;
const manifest = {
  name,
  version,
  description: `The binary of kleio with its CUDA backend, for ${platform}-${arch}.`,
  license,
  engines,
  os: [platform],
  cpu: [arch],
  files: ['kleio.node', 'THIRD_PARTY_LICENSES.txt'],
  exports: { './kleio.node': './kleio.node', './package.json': './package.json' },
};

const readme = `# ${name}

The binary of [kleio](https://www.npmjs.com/package/kleio) with its CUDA backend. Install it beside kleio, in the same
version; kleio finds it:

\`\`\`sh
npm install kleio@${version} ${name}@${version}
npx kleio inspect
\`\`\`

It needs glibc 2.34 or later and, for a GPU of compute capability 8.0 or later, NVIDIA's driver and nothing else: the
C++ library and the CUDA runtime are part of it. On a machine without a driver it runs on the CPU.
`;

const thirdParty = `kleio.node contains the CUDA runtime library (cudart), linked statically.

This software contains source code provided by NVIDIA Corporation. It is redistributed under the terms of the
NVIDIA CUDA Toolkit End User License Agreement, attachment A: https://docs.nvidia.com/cuda/eula/
`;

const folder = 'build-cuda/package';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
copyFileSync(binary, join(folder, 'kleio.node'));
execFileSync('strip', ['--strip-unneeded', join(folder, 'kleio.node')]);
copyFileSync('LICENSE', join(folder, 'LICENSE'));
writeFileSync(join(folder, 'README.md'), readme);
writeFileSync(join(folder, 'THIRD_PARTY_LICENSES.txt'), thirdParty);
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const destination = resolve(process.argv[2] ?? 'build-cuda');
mkdirSync(destination, { recursive: true });
execFileSync('npm', ['pack', '--json', '--pack-destination', destination], {
  cwd: folder,
  stdio: ['ignore', 'inherit', 'inherit'],
});
