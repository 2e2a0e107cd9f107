// More clients than the queue holds, of every kind of call, who never let the event loop turn between a
// refusal and the next attempt. Run with KLEIO_THREADS=2, KLEIO_QUEUE=3 and KLEIO_REFUSAL_MS of a day, so
// that none hears of a refusal but by a place that has become free.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedLoops } from './closed-loops.mjs';
import { everyCall } from './every-call.mjs';

const CLIENTS_OF_EACH = 3;
const TIMES = 10;

const folder = mkdtempSync(join(tmpdir(), 'kleio-overload-'));
const every = Object.entries(await everyCall(folder));
const clients = every.flatMap((call) => new Array(CLIENTS_OF_EACH).fill(call));
const { answered, refused } = await closedLoops(
  clients.map(([, call]) => call),
  TIMES,
);
rmSync(folder, { recursive: true });
const short = clients.filter((_, index) => answered[index] !== TIMES).map(([name]) => name);
process.stdout.write(JSON.stringify({ calls: clients.length * TIMES, short, refused }));
