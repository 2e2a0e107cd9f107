// Runs a compiler's command line for one object, and keeps beside the object what check-kernels.mjs
// reads: <object>.notes/ptxas.txt, what ptxas says of each kernel, and the PTX.
//
//   node native/tools/nvcc-notes.mjs nvcc ... -o OBJECT ...
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [compiler, ...words] = process.argv.slice(2);
const object = words[words.indexOf('-o') + 1];
const notes = `${object}.notes`;
rmSync(notes, { recursive: true, force: true });
mkdirSync(notes, { recursive: true });

const keeping = ['-Xptxas=-v', '--keep', `--keep-dir=${notes}`];
const { status, stdout, stderr, error } = spawnSync(compiler, [...words, ...keeping], {
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
});
if (error) throw error;
if (status !== 0) process.stderr.write(stdout + stderr);
for (const name of readdirSync(notes)) if (!name.endsWith('.ptx')) rmSync(join(notes, name));
writeFileSync(join(notes, 'ptxas.txt'), stdout + stderr);
process.exitCode = status ?? 1;
