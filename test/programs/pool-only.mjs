// Every call that is asynchronous, made while the only thread of the pool is taken: which of them wait
// for it, and which were answered once it was free. Run with KLEIO_THREADS=1 and KLEIO_QUEUE=16.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { everyCall } from './every-call.mjs';
import { holdThread, isPending } from './held-thread.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kleio-pool-'));
const every = Object.entries(await everyCall(folder));

const { held, release } = await holdThread();
const calls = every.map(([name, call]) => [name, call()]);
for (let turns = 0; turns < 20; ++turns) await turn();
const waiting = [];
for (const [name, call] of calls) if (await isPending(call)) waiting.push(name);
release();
await held.catch(() => undefined);
const outcomes = await Promise.allSettled(calls.map(([, call]) => call));
const answered = outcomes.filter(({ status }) => status === 'fulfilled').length;
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify({ calls: calls.map(([name]) => name), waiting, answered }));
