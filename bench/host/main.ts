/**
 * What the host adds to a request of a device, without one: builds over an idle device (native/cuda/
 * idle_device.h), whose work takes a set time and does nothing.
 *
 *   npm run build:tests
 *   npm run bench:host -- [--folder CHECKOUT]... [--rounds 3] [--busy-us 70] [--json]
 *
 * Several checkouts, each built, take turns; of each figure the least of the rounds counts, because what
 * else runs on a machine only ever adds.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { short } from '../../lib/text/text-table.js';
import type { HostTimes, Stages } from './measure.js';

const THREADS = [1, 2];

const { values: given } = parseArgs({
  options: {
    folder: { type: 'string', multiple: true, default: ['.'] },
    rounds: { type: 'string', default: '3' },
    'busy-us': { type: 'string', default: '70' },
    json: { type: 'boolean', default: false },
  },
});

interface Measured {
  readonly folder: string;
  readonly threads: number;
  readonly times: readonly HostTimes[];
}

function main(): void {
  const sides = given.folder.flatMap((folder) => THREADS.map((threads) => ({ folder, threads })));
  const rounds = Array.from({ length: Number(given.rounds) }, () =>
    sides.map(({ folder, threads }) => measured(folder, threads)),
  );
  const best = rounds.reduce((least, round) =>
    least.map((side, index) => leastOf(side, round[index]!)),
  );
  if (given.json) {
    process.stdout.write(`${JSON.stringify({ load: loadavg(), measured: best }, undefined, 2)}\n`);
  } else {
    for (const side of best) print(side);
  }
}

function measured(folder: string, threads: number): Measured {
  const place = mkdtempSync(join(tmpdir(), 'kleio-host-'));
  try {
    const trace = join(place, 'trace');
    const output = execFileSync(
      join('node_modules', '.bin', 'tsx'),
      [join('bench', 'host', 'measure.ts'), resolve(folder), trace],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          KLEIO_BINARY: resolve(folder, 'build', 'Release', 'kleio_software.node'),
          KLEIO_THREADS: String(threads),
          KLEIO_SOFTWARE_DEVICE: `idle=1,busy_us=${given['busy-us']}`,
          KLEIO_DEVICE_TRACE: trace,
        },
      },
    );
    return { folder, threads, times: JSON.parse(output.toString()) as HostTimes[] };
  } finally {
    rmSync(place, { recursive: true });
  }
}

function leastOf(side: Measured, other: Measured): Measured {
  const least = (a: Stages, b: Stages): Stages => (a.host <= b.host ? a : b);
  const times = side.times.map((one, index) => ({
    ...one,
    sync: least(one.sync, other.times[index]!.sync),
    async: least(one.async, other.times[index]!.async),
  }));
  return { ...side, times };
}

function print({ folder, threads, times }: Measured): void {
  console.log(`${folder}, ${threads} threads, microseconds`);
  console.table(
    Object.fromEntries(
      times.map(({ name, targets, sync, async }) => [
        `${name} ${targets}`,
        {
          'sync before': short(sync.before),
          launch: short(sync.launch),
          after: short(sync.after),
          host: short(sync.host),
          'async call': short(async.call),
          'async before': short(async.before),
          'async after': short(async.after),
          'async host': short(async.host),
          'async p99': short(async.p99),
        },
      ]),
    ),
  );
}

main();
