// Runs node-gyp with the headers of the Node.js that runs this, where that installation carries them:
// then nothing is downloaded. Otherwise node-gyp fetches them once, as it always does.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The installation prefix whose `include/node` belongs to this Node.js, or undefined. */
export function headersPrefix() {
  const prefix = resolve(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : undefined;
}

/** Runs a package's command line in the repository's root and ends this process if it fails. */
export function runPackage(script, parameters) {
  const prefix = headersPrefix();
  const env = { ...process.env, npm_config_jobs: 'max', npm_config_loglevel: 'warn' };
  if (prefix !== undefined) env.npm_config_nodedir = prefix;
  // By the environment, which reaches node-gyp also where another program starts it.
  if (process.env.CI) env.GYP_DEFINES = 'kleio_warnings_fail=yes';
  const { status, error } = spawnSync(process.execPath, [require.resolve(script), ...parameters], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Builds targets of binding.gyp, compiling only what changed: in `folder`, where it is not the repository's
 * root, with `sanitize` as the compiler's -fsanitize and for the processor `arch`. CC, CXX, AR and CXXFLAGS
 * of the environment name other compilers.
 */
export function buildNative(targets, { folder = '.', sanitize = '', arch = process.arch } = {}) {
  const gyp = 'node-gyp/bin/node-gyp.js';
  const settings = [
    `-Dkleio_sanitize=${sanitize}`,
    `-Dkleio_tests=${targets.some((target) => target !== 'kleio') ? 'yes' : 'no'}`,
  ];
  if (folder !== '.') linkProject(folder);
  runPackage(gyp, ['configure', '-C', folder, `--arch=${arch}`, '--', ...settings]);
  runPackage(gyp, ['build', '-C', folder, ...targets]);
}

/** node-gyp knows one build folder per project, so another build is a project of links. */
function linkProject(folder) {
  mkdirSync(join(root, folder), { recursive: true });
  for (const part of ['binding.gyp', 'package.json', 'native']) {
    const link = join(root, folder, part);
    rmSync(link, { force: true });
    symlinkSync(join('..', part), link);
  }
}
