/** What the KLEIO_ variables make of hostile settings: each is read once, when the binary loads. */
import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '..', '..');

/** What a fresh process says of a search, and of itself. */
function processWith(env: Readonly<Record<string, string>>) {
  const script = `
    const { inspect, topK } = require('kleio');
    let error = null;
    try {
      topK(Int8Array.of(1, 0), Int8Array.of(1, 0), { dim: 2, k: 1 });
    } catch ({ code, message }) {
      error = { code, message };
    }
    const { isa, threads, failure, queueCapacity } = inspect();
    console.log(JSON.stringify({ error, isa, threads, failure, queueCapacity }));
  `;
  const output = execFileSync(process.execPath, ['-e', script], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  return JSON.parse(output.toString());
}

describe('a setting that cannot be', () => {
  it.each([
    ['KLEIO_ISA', 'sse9', 'ERR_KLEIO_ISA', 'sse9'],
    ['KLEIO_THREADS', '0', 'ERR_KLEIO_RANGE', 'KLEIO_THREADS'],
    ['KLEIO_THREADS', 'many', 'ERR_KLEIO_RANGE', '"many"'],
    ['KLEIO_THREADS', '1e9', 'ERR_KLEIO_RANGE', 'KLEIO_THREADS'],
    ['KLEIO_QUEUE', '-1', 'ERR_KLEIO_RANGE', 'KLEIO_QUEUE'],
    ['KLEIO_REFUSAL_MS', '-1', 'ERR_KLEIO_RANGE', 'KLEIO_REFUSAL_MS'],
    ['KLEIO_REFUSAL_MS', '1e9', 'ERR_KLEIO_RANGE', 'KLEIO_REFUSAL_MS'],
    ['KLEIO_NICE', '-1', 'ERR_KLEIO_RANGE', 'KLEIO_NICE'],
    ['KLEIO_COALESCE', '-1', 'ERR_KLEIO_RANGE', 'KLEIO_COALESCE'],
    ['KLEIO_COALESCE', '1e6', 'ERR_KLEIO_RANGE', 'KLEIO_COALESCE'],
    ['KLEIO_NICE', '20', 'ERR_KLEIO_RANGE', 'KLEIO_NICE'],
    ['KLEIO_CUDA_GRAPHS', 'off', 'ERR_KLEIO_RANGE', 'KLEIO_CUDA_GRAPHS'],
    ['KLEIO_CUDA_APPEND', 'tma', 'ERR_KLEIO_RANGE', 'mma, wgmma'],
    ['KLEIO_CUDA_ONE_LAUNCH', '9', 'ERR_KLEIO_RANGE', 'KLEIO_CUDA_ONE_LAUNCH'],
    ['KLEIO_DEVICE_SEARCH', 'tiles', 'ERR_KLEIO_RANGE', 'blocks, lists, auto'],
    ['KLEIO_CUDA_SELECT', 'thread', 'ERR_KLEIO_RANGE', 'block, warp'],
    ['KLEIO_BINARY', 'no-such-file.node', 'ERR_KLEIO_BINARY', 'no-such-file.node'],
    ['KLEIO_BINARY', join(root, 'package.json'), 'ERR_KLEIO_BINARY', 'package.json'],
  ])('%s=%s is an error that says so, and inspect still answers', (name, value, code, text) => {
    const { error, failure } = processWith({ [name]: value });
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(failure).toBe(error.message);
  });
});

it('obeys settings that can be', () => {
  const settings = { KLEIO_ISA: 'scalar', KLEIO_THREADS: '5', KLEIO_QUEUE: '7' };
  expect(processWith(settings)).toEqual({
    error: null,
    failure: null,
    isa: 'scalar',
    threads: 5,
    queueCapacity: 7,
  });
});

it.each([
  ['as set', '3', 3],
  ['at 10 otherwise', '', 10],
  ['not at all', '0', 0],
])('makes the threads of the pool nice, %s', (_, setting, niceness) => {
  const script = `
    const { readFileSync, readdirSync } = require('node:fs');
    require('./dist/index.js').devices();
    // A thread that sleeps under its name has nothing left to introduce.
    const look = () => {
      const stats = readdirSync('/proc/self/task').map((task) => readFileSync('/proc/self/task/' + task + '/stat', 'utf8'));
      const mine = stats.filter((stat) => stat.includes('(kleio) S'));
      if (mine.length < 3) return setImmediate(look);
      process.stdout.write(JSON.stringify(mine.map((stat) => Number(stat.split(') ')[1].split(' ')[16]))));
    };
    look();`;
  const env = { ...process.env, KLEIO_NICE: setting, KLEIO_THREADS: '3' };
  const own = getPriority();
  const output = execFileSync(process.execPath, ['-e', script], { cwd: root, env });
  expect(JSON.parse(output.toString())).toEqual(new Array(3).fill(Math.max(own, niceness)));
});
