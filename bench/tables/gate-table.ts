/** What the proof of the gate showed: how often each planted slowdown was found, and by whom. */

import type { Proof, ProvenVariant } from '../gate/proof.js';

/** The case that is little else than the kernel in which slowdowns were planted. */
const PLANTED_CASE = 'scan int8';
const COUNTED = { isa: 'avx2', kernel: 'scan_exact' };

export function gateSection({ machine, threshold, variants }: Proof): string {
  const { processor, cores, node, loadBefore } = machine;
  const seconds = variants.flatMap(({ runs }) => runs.map((run) => run.seconds));
  const longest = Math.ceil(Math.max(...seconds));
  return [
    `${cores} cores of ${processor}, Node.js ${node}, threshold ${(100 * threshold).toFixed(0)} %, load ${loadBefore[0]} before; a run took ${longest} s at`,
    'most.',
    '',
    '| planted in the scan | runs | the gate failed | `scan int8` was named | `scan int8` was measured as | instructions of the kernel |',
    '|---:|---:|---:|---:|---:|---:|',
    ...variants.map(rowOf),
  ].join('\n');
}

function rowOf({ planted, runs, instructions }: ProvenVariant): string {
  const slowerIn = (run: (typeof runs)[number]) =>
    run.decisions.filter(({ verdict }) => verdict === 'slower').map(({ name }) => name);
  const failed = runs.filter((run) => slowerIn(run).length > 0).length;
  const named = runs.filter((run) => slowerIn(run).includes(PLANTED_CASE)).length;
  const measured = runs
    .flatMap(({ decisions }) => decisions.filter(({ name }) => name === PLANTED_CASE))
    .map(({ slowdown }) => slowdown);
  const counted = Array.isArray(instructions)
    ? instructions.find(({ isa, kernel }) => isa === COUNTED.isa && kernel === COUNTED.kernel)
    : undefined;
  const cells = [
    planted === 0 ? 'nothing' : `${planted} %`,
    String(runs.length),
    String(failed),
    String(named),
    `${percent(Math.min(...measured))} to ${percent(Math.max(...measured))}`,
    counted === undefined ? 'not counted' : percent(counted.head / counted.base - 1),
  ];
  return `| ${cells.join(' | ')} |`;
}

const percent = (share: number): string =>
  `${share < -0.0005 ? '−' : ''}${(100 * Math.abs(share)).toFixed(1)} %`;
