// What finding rows by their ids costs: compiles and runs bench/native/id_lookups.cc.
//
//   node bench/native/id-lookups.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const program = join(root, '.cache', 'id-lookups');
mkdirSync(dirname(program), { recursive: true });

const sources = [
  'bench/native/id_lookups.cc',
  ...['error', 'id_index', 'large_buffer'].map((name) => `native/core/${name}.cc`),
];
const compiler = process.env.CXX ?? 'g++';
execFileSync(compiler, ['-std=c++20', '-O3', '-Inative', '-o', program, ...sources], {
  cwd: root,
  stdio: 'inherit',
});
console.log('nanoseconds an id, 1000 at a time');
console.table(JSON.parse(execFileSync(program, { encoding: 'utf8' })));
