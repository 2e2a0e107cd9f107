// Every call that computes, in the floating-point state KLEIO_TEST_FLOAT_STATE that another addon has set (a
// number; nothing: the thread's own), and prints a digest of each answer. With KLEIO_TEST_WORKER in a worker that
// was started in that state, with KLEIO_TEST_EXCEPT without the calls whose names match it. All numbers are made of bits: JavaScript itself computes in the thread's state.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { isMainThread, Worker } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const addon = require(process.env.KLEIO_TEST_ADDON);
const own = addon.state();
const wanted = process.env.KLEIO_TEST_FLOAT_STATE;
const inWorker = process.env.KLEIO_TEST_WORKER !== undefined;

if (wanted !== undefined) addon.setState(Number(wanted));
if (inWorker && isMainThread) {
  new Worker(new URL(import.meta.url)).on('error', (error) => {
    throw error;
  });
} else {
  await answerAll();
}

async function answerAll() {
  const asked = addon.state();
  const answers = {};
  const changed = [];
  const calls = await import('./computing-calls.mjs');
  const except = new RegExp(process.env.KLEIO_TEST_EXCEPT ?? '^$');
  for (const [name, call] of Object.entries(await calls.prepared())) {
    if (except.test(name)) continue;
    answers[name] = digestOf(await call());
    // What was noted of exceptions is part of it only where they are trapped.
    if (controlOf(addon.state()) !== controlOf(asked)) changed.push(name);
  }
  addon.setState(own);
  process.stdout.write(JSON.stringify({ answers, changed }));
}

function controlOf(word) {
  return process.arch === 'x64' ? word & ~0x3f : word;
}

function digestOf(value) {
  const hash = createHash('sha1');
  const add = (part) => {
    if (ArrayBuffer.isView(part)) {
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    } else if (part !== null && typeof part === 'object') {
      for (const [name, inner] of Object.entries(part)) {
        hash.update(name);
        add(inner);
      }
    } else if (typeof part === 'number') {
      add(Float64Array.of(part));
    } else {
      hash.update(String(part));
    }
  };
  add(value);
  return hash.digest('hex');
}
