// Compiles the peers that npm would compile in an install script: with the headers of the Node.js that
// runs this, and with every instruction that this machine has, as kleio and onnxruntime use them too.
//
//   npm run build
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { headersPrefix } from '../../native/tools/node-gyp.mjs';

const COMPILED = ['hnswlib-node', 'better-sqlite3'];
const require = createRequire(import.meta.url);
const gyp = createRequire(new URL('../../', import.meta.url)).resolve('node-gyp/bin/node-gyp.js');
const prefix = headersPrefix();

for (const name of COMPILED) {
  const folder = dirname(require.resolve(`${name}/package.json`));
  const { status } = spawnSync(process.execPath, [gyp, 'rebuild', '--release', '-C', folder], {
    stdio: 'inherit',
    env: {
      ...process.env,
      CFLAGS: '-O3 -march=native',
      CXXFLAGS: '-O3 -march=native',
      ...(prefix !== undefined && { npm_config_nodedir: prefix }),
    },
  });
  if (status !== 0) {
    console.error(`${name} could not be compiled: it will be reported as absent`);
    process.exitCode = 1;
  }
}
