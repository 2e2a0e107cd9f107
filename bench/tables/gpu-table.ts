/** What was expected of a GPU, beside what each that was measured took. */

import { short, whole } from '../../lib/text/text-table.js';
import { EXPECTATIONS, expectationOf } from '../gpu/expectations.js';
import { deviceTimesOf, type GpuRecord } from '../gpu/gpu-record.js';

export interface GpuRecords {
  readonly gpus: readonly GpuRecord[];
}

export function gpuSection({ gpus }: GpuRecords): string {
  const measured = gpus.filter(
    ({ gpu, lines }) => gpu !== null && deviceTimesOf({ lines }).length > 0,
  );
  const heads = measured.flatMap(({ gpu }) => [`${gpu?.name}, µs`, 'ratio to the floor']);
  const rows = EXPECTATIONS.map((expected) => {
    const { rows, targets, k, way, floorUs, expectedUs } = expected;
    const [least, most] = expectedUs;
    const times = measured.flatMap(({ lines }) => {
      const found = deviceTimesOf({ lines }).find((one) => expectationOf(one) === expected);
      const us = found?.searchUs;
      return us === undefined ? ['-', '-'] : [short(us), (floorUs / us).toFixed(2)];
    });
    const shape = [whole(targets), whole(rows), String(k), way, `${least} to ${most}`];
    return [...shape, (floorUs / least).toFixed(2), ...times];
  });
  const columns = ['targets', 'rows', 'K', 'by', 'expected, µs', 'ratio to the floor', ...heads];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    ...measured.map(({ gpu, machine }) => {
      return `${gpu?.name}, driver ${gpu?.driver}, commit ${machine.commit.slice(0, 7)}.`;
    }),
    ...(measured.length === 0 ? ['Measured: nothing yet.'] : []),
    '',
    line(columns),
    `|${columns.map(() => '---:').join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}
