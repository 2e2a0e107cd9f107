/**
 * The second witness: instructions that callgrind counts in the kernels of two builds. No noise at all,
 * and no knowledge of caches, ports or AVX-512: it says that code changed, the clock says what it costs.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { columns, whole } from '../../lib/text/text-table.js';

export interface InstructionCount {
  readonly isa: string;
  readonly kernel: string;
  readonly base: number;
  readonly head: number;
}

const ISAS = ['scalar', 'avx2'];

/** Undefined, and why, where it cannot be done here. */
export type Instructions = readonly InstructionCount[] | { readonly absent: string };

export function compareInstructions(base: string, head: string): Instructions {
  if (spawnSync('valgrind', ['--version']).status !== 0)
    return { absent: 'valgrind is not installed' };
  const programs = [base, head].map(programOf) as [string, string];
  const [known, wanted] = programs.map(kernelsIn) as [string[], string[]];
  return ISAS.flatMap((isa) =>
    wanted
      .filter((kernel) => known.includes(kernel))
      .map((kernel) => {
        const [counted, countedHead] = programs.map((program) => countIn(program, isa, kernel));
        return { isa, kernel, base: counted!, head: countedHead! };
      }),
  );
}

/**
 * Links the objects of a build, the very ones that its addon is made of, with the fixtures of the same
 * version, which know its headers. Counts of a kernel whose fixture has changed are not comparable.
 */
function programOf(folder: string): string {
  const program = join(folder, 'build', 'instructions');
  const fixtures = join(folder, 'bench', 'native');
  const includes = [`-I${join(folder, 'native')}`, `-I${fixtures}`];
  const source = join(fixtures, 'instructions.cc');
  const flags = ['-std=c++20', '-O2', ...includes, '-pthread', '-o', program];
  execFileSync(process.env.CXX ?? 'g++', [...flags, source, ...objectsOf(folder)], {
    stdio: 'inherit',
  });
  return program;
}

/** One archive; older versions have only the objects themselves. */
function objectsOf(folder: string): string[] {
  const release = join(folder, 'build', 'Release');
  const archive = join(release, 'kleio_common.a');
  if (existsSync(archive)) return [archive];
  return ['core', 'cpu'].flatMap((part) => {
    const objects = join(release, 'obj.target', 'kleio', 'native', part);
    const names = readdirSync(objects, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.o')).map((name) => join(objects, name));
  });
}

const kernelsIn = (program: string): string[] =>
  execFileSync(program, { encoding: 'utf8' }).trim().split('\n');

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
