/**
 * A service under overload: answers a second when the queue holds all that clients ask, and when it holds few
 * of them and the clients ask again at once.
 *
 *   npm run build
 *   npm run bench:overload -- [--seconds 1] [--rounds 5] [--clients 64] [--queue 8] [--service search]... [--json]
 *
 * Both take turns, in processes of their own; figures are medians of the rounds. `--at-once` tells callers of
 * refusals as soon as they are refused (KLEIO_REFUSAL_MS=0), to see what waiting for a place is worth.
 */

import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { median } from '../../lib/bench/harness/statistics.js';
import { short } from '../../lib/text/text-table.js';
import { SERVICES, type Served } from './service.js';

const { values: given } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '64' },
    queue: { type: 'string', default: '8' },
    service: { type: 'string', multiple: true, default: Object.keys(SERVICES) },
    'at-once': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

interface Overload {
  readonly service: string;
  /** Answers a second. */
  readonly without: number;
  readonly overloaded: number;
  /** Of the answers without overload. */
  readonly share: number;
  readonly refusalsAnAnswer: number;
}

function main(): void {
  const loadBefore = loadavg()[0]!;
  const measured = given.service.map(overloadOf);
  if (given.json) {
    const { clients, queue } = given;
    const record = { load: loadBefore, clients: Number(clients), queue: Number(queue), measured };
    process.stdout.write(`${JSON.stringify(record, undefined, 2)}\n`);
    return;
  }
  console.log(`${given.clients} clients, a queue of ${given.queue}, load ${loadBefore} before`);
  console.table(
    Object.fromEntries(
      measured.map(({ service, without, overloaded, share, refusalsAnAnswer }) => [
        service,
        {
          'answers/s without': short(without),
          'with overload': short(overloaded),
          share: `${(100 * share).toFixed(0)} %`,
          'refusals an answer': short(refusalsAnAnswer),
        },
      ]),
    ),
  );
}

function overloadOf(service: string): Overload {
  const all = { KLEIO_QUEUE: given.clients };
  const few = { KLEIO_QUEUE: given.queue, ...(given['at-once'] && { KLEIO_REFUSAL_MS: '0' }) };
  const rounds = Array.from({ length: Number(given.rounds) }, () => ({
    without: served(service, all),
    overloaded: served(service, few),
  }));
  const rate = ({ answered, seconds }: Served) => answered / seconds;
  const of = (figure: (round: (typeof rounds)[number]) => number) => median(rounds.map(figure));
  return {
    service,
    without: of(({ without }) => rate(without)),
    overloaded: of(({ overloaded }) => rate(overloaded)),
    share: of(({ without, overloaded }) => rate(overloaded) / rate(without)),
    refusalsAnAnswer: of(({ overloaded }) => overloaded.refused / overloaded.answered),
  };
}

function served(service: string, settings: Readonly<Record<string, string>>): Served {
  const { clients, seconds } = given;
  const words = ['--service', service, '--clients', clients, '--seconds', seconds];
  const tsx = join('node_modules', '.bin', 'tsx');
  const output = execFileSync(tsx, [join('bench', 'overload', 'service.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...settings },
  });
  return JSON.parse(output.toString()) as Served;
}

main();
