/**
 * The second witness: instructions that callgrind counts in the kernels of two builds. No noise at all,
 * and no knowledge of caches, ports or AVX-512: it says that code changed, the clock says what it costs.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { columns, whole } from '../../lib/text/text-table.js';
import { ROOT } from './builds.js';

export interface InstructionCount {
  readonly isa: string;
  readonly kernel: string;
  readonly base: number;
  readonly head: number;
}

const ISAS = ['scalar', 'avx2'];
const FIXTURES = join(ROOT, 'bench', 'native');
const OBJECTS = join('build', 'Release', 'obj.target', 'kleio', 'native');

/** Undefined, and why, where it cannot be done here. */
export type Instructions = readonly InstructionCount[] | { readonly absent: string };

export function compareInstructions(base: string, head: string): Instructions {
  if (spawnSync('valgrind', ['--version']).status !== 0)
    return { absent: 'valgrind is not installed' };
  const programs = [base, head].map(programOf) as [string, string];
  const kernels = execFileSync(programs[1], { encoding: 'utf8' }).trim().split('\n');
  return ISAS.flatMap((isa) =>
    kernels.map((kernel) => {
      const [counted, countedHead] = programs.map((program) => countIn(program, isa, kernel));
      return { isa, kernel, base: counted!, head: countedHead! };
    }),
  );
}

/** Links the objects of a build, the very ones that its addon is made of, with the fixtures. */
function programOf(folder: string): string {
  const program = join(folder, 'build', 'instructions');
  const objects = ['core', 'cpu'].flatMap((part) =>
    readdirSync(join(folder, OBJECTS, part), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.o'))
      .map((name) => join(folder, OBJECTS, part, name)),
  );
  const includes = [`-I${join(folder, 'native')}`, `-I${FIXTURES}`];
  const source = join(FIXTURES, 'instructions.cc');
  const flags = ['-std=c++20', '-O2', ...includes, '-pthread', '-o', program];
  execFileSync(process.env.CXX ?? 'g++', [...flags, source, ...objects], { stdio: 'inherit' });
  return program;
}

/** A base that several heads are compared with is counted once. */
const counts = new Map<string, number>();

function countIn(program: string, isa: string, kernel: string): number {
  const key = [program, isa, kernel].join(' ');
  const known = counts.get(key) ?? countWithCallgrind(program, isa, kernel);
  counts.set(key, known);
  return known;
}

function countWithCallgrind(program: string, isa: string, kernel: string): number {
  const words = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--toggle-collect=measured'];
  const { stderr } = spawnSync('valgrind', [...words, program, isa, kernel], { encoding: 'utf8' });
  const [, counted] = /Collected : (\d+)/.exec(stderr) ?? [];
  if (counted !== undefined) return Number(counted);
  throw new Error(`callgrind counted nothing in ${kernel} (${isa}): ${stderr.trim()}`);
}

export function readableInstructions(instructions: Instructions): string {
  if ('absent' in instructions) return `Instructions were not counted: ${instructions.absent}.\n`;
  return [
    'Instructions, by callgrind:',
    ...columns([
      ['', 'base', 'head', ''],
      ...instructions.map(({ isa, kernel, base, head }) => [
        `${kernel} ${isa}`,
        whole(base),
        whole(head),
        head === base ? 'the same' : `${(100 * (head / base - 1)).toFixed(2)} %`,
      ]),
    ]),
    '',
  ].join('\n');
}
