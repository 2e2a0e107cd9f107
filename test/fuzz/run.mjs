// npm run fuzz -- [--seconds N] [--seed N] [--only TARGET]: the fuzzers are written in TypeScript beside the models
// that they damage, so they are bundled before they run. This process watches: an input that takes the
// fuzzing one too long, or its life, is named.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const inCache = (name) => fileURLToPath(new URL(`../../.cache/${name}`, import.meta.url));
const bundle = inCache('fuzz.cjs');
const note = inCache('fuzz-input');

/** Far more than any input may take (fuzzing.ts). */
const LONGEST_MS = 60_000;

buildSync({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['kleio', 'fast-check'],
  logLevel: 'warning',
});

const child = spawn(process.execPath, [bundle, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, KLEIO_FUZZ_NOTE: note },
});

function lastInput() {
  try {
    return readFileSync(note, 'utf8').trim();
  } catch {
    return '';
  }
}

let seen = lastInput();
let since = Date.now();
const watch = setInterval(() => {
  const input = lastInput();
  if (input !== seen) [seen, since] = [input, Date.now()];
  if (Date.now() - since < LONGEST_MS) return;
  console.error(`no answer for ${LONGEST_MS / 1000} s: ${input}`);
  child.kill('SIGKILL');
}, 1000);

child.on('exit', (status, signal) => {
  clearInterval(watch);
  if (signal !== null)
    console.error(`the fuzzer was ended by ${signal}; its last input: ${lastInput()}`);
  else if (status !== 0) console.error(`the last input: ${lastInput()}`);
  process.exitCode = status ?? 1;
});
