// Runs node-gyp with the headers of the Node.js that runs this, where that installation carries them:
// then nothing is downloaded. Otherwise node-gyp fetches them once, as it always does.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const require = createRequire(import.meta.url);
const root = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..');

/** The installation prefix whose `include/node` belongs to this Node.js, or undefined. */
export function headersPrefix() {
  const prefix = resolve(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : undefined;
}

/** Runs a package's command line in the repository's root and ends this process if it fails. */
export function runPackage(script, parameters) {
  const prefix = headersPrefix();
  const env = prefix ? { ...process.env, npm_config_nodedir: prefix } : process.env;
  const { status, error } = spawnSync(process.execPath, [require.resolve(script), ...parameters], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

export const parallelJobs = String(availableParallelism());
