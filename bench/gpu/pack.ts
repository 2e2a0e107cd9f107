/**
 * Packs what a machine needs that has a GPU and little else: Node.js, the tree, what was built here.
 *
 *   npm run gpu:pack                     into gpu-kit
 *
 * Before it: npm run build && npm run build:cuda -- --programs. There, after the folder has been copied:
 *
 *   gpu-kit/gpu.sh contact --seconds 500
 */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { machineOf } from '../../lib/bench/harness/environment.js';
import { copyPackages, neededPackages } from './packages.js';

const ROOT = join(__dirname, '..', '..');
const KIT = join(ROOT, 'gpu-kit');
const TREE = join(ROOT, '.cache', 'gpu-kit');
const MAX_BYTES = 50 * 2 ** 20;
/** What runs there: tests, and TypeScript as it stands. */
const PACKAGES = ['vitest', 'fast-check', 'tsx', 'esbuild', 'hyparquet', 'hyparquet-writer'];
const BINARY = 'build-cuda/Release/kleio.node';
const PROGRAMS = ['gpu_kernel_tests', 'search_times', 'tensor_core_rates'].map(
  (name) => `build-cuda/Release/${name}`,
);
const BUILT = ['dist/index.js', 'dist/cli.js', BINARY, ...PROGRAMS];
/** A system of 2021: Ubuntu 22.04, Debian 12, RHEL 9. */
const NEWEST_GLIBC = [2, 34] as const;

function main(): void {
  const missing = BUILT.filter((path) => !existsSync(join(ROOT, path)));
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(', ')}: not built; npm run build && npm run build:cuda -- --programs`,
    );
  }
  rmSync(TREE, { recursive: true, force: true });
  mkdirSync(TREE, { recursive: true });
  mkdirSync(KIT, { recursive: true }); // archives of results may lie in it
  copySources();
  copyPackages(ROOT, neededPackages(ROOT, PACKAGES), TREE);
  cpSync(join(ROOT, 'dist'), join(TREE, 'dist'), { recursive: true });
  for (const path of [BINARY, ...PROGRAMS]) {
    place(path, join(ROOT, path));
    requireLittle(path);
  }
  place('node', process.execPath);
  requireNodeAlone();
  const { commit, date } = machineOf(ROOT);
  // Of one that has changes there may be many.
  const described = /with changes/.test(commit) ? `${commit}, packed ${date}` : commit;
  writeFileSync(join(TREE, '.commit'), `${described}\n`);
  writeKit(described);
}

/** What git knows of, as it stands now, and what is not known but not ignored either. */
function copySources(): void {
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', words, { cwd: ROOT }).toString().split('\0');
  for (const file of files.filter((name) => name !== '' && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(TREE, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(TREE, file));
  }
}

/** A binary without what only debuggers read. */
function place(path: string, from: string): void {
  mkdirSync(dirname(join(TREE, path)), { recursive: true });
  copyFileSync(from, join(TREE, path));
  chmodSync(join(TREE, path), 0o755);
  execFileSync('strip', ['--strip-unneeded', join(TREE, path)]);
}

/** Refuses what would not load on an older system than this one. */
function requireLittle(path: string): void {
  const symbols = execFileSync('objdump', ['-T', '-p', join(TREE, path)], {
    maxBuffer: 2 ** 28,
  }).toString();
  if (/NEEDED\s+libstdc\+\+/.test(symbols)) {
    throw new Error(`${path} needs libstdc++ of the machine; link it statically`);
  }
  const [, newer] =
    [...symbols.matchAll(/GLIBC_(\d+)\.(\d+)/g)]
      .map(([version, major, minor]) => [Number(major) * 1000 + Number(minor), version] as const)
      .filter(([number]) => number > NEWEST_GLIBC[0] * 1000 + NEWEST_GLIBC[1])
      .at(0) ?? [];
  if (newer) throw new Error(`${path} needs ${newer}; the kit promises ${NEWEST_GLIBC.join('.')}`);
}

function requireNodeAlone(): void {
  const libraries = execFileSync('objdump', ['-p', join(TREE, 'node')]).toString();
  const own = /NEEDED\s+(libnode\S*|libuv\S*|libicu\S*|libv8\S*)/.exec(libraries);
  if (own) throw new Error(`${process.execPath} needs ${own[1]}; use Node.js from nodejs.org`);
}

function writeKit(described: string): void {
  const archive = join(KIT, 'kit.tar.xz');
  const ordered = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner'];
  const packed = spawnSync(
    'bash',
    ['-c', 'set -o pipefail; tar "$@" -c . | xz -9 -T1 >"$0"', archive, ...ordered, '-C', TREE],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (packed.status !== 0) throw new Error('tar and xz did not pack the kit');
  copyFileSync(join(__dirname, 'kit.sh'), join(KIT, 'gpu.sh'));
  chmodSync(join(KIT, 'gpu.sh'), 0o755);
  const bytes = statSync(archive).size;
  process.stdout.write(`gpu-kit: ${(bytes / 2 ** 20).toFixed(1)} MiB, of ${described}\n`);
  for (const name of ['node', 'node_modules', 'build-cuda', 'dist', 'test', 'native']) {
    const [kib] = execFileSync('du', ['-sk', join(TREE, name)])
      .toString()
      .split('\t');
    process.stdout.write(`  ${name}: ${(Number(kib) / 1024).toFixed(1)} MiB unpacked\n`);
  }
  rmSync(TREE, { recursive: true });
  if (bytes > MAX_BYTES) throw new Error(`the kit is larger than ${MAX_BYTES / 2 ** 20} MiB`);
}

try {
  main();
} catch (error) {
  process.stderr.write(`gpu:pack: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
