// npm run fuzz -- [--seconds N] [--seed N]: the fuzzer is written in TypeScript beside the models that
// it damages, so it is bundled before it runs.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const bundle = fileURLToPath(new URL('../../.cache/fuzz.cjs', import.meta.url));

buildSync({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['kleio'],
  logLevel: 'warning',
});
const { status, signal } = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
if (signal !== null) console.error(`the fuzzer was ended by ${signal}`);
process.exitCode = status ?? 1;
