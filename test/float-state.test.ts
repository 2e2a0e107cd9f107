/** Results are the same bits whatever floating-point state other code of the process has left on a thread. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { MUSE_SETS } from './cases/muse-golden.js';
import { newFolder } from './cases/new-files.js';
import { runProgram } from './cases/programs.js';
import { writeRequests } from './cases/request-files.js';

const folder = newFolder('float-state');

interface Answered {
  readonly answers: Readonly<Record<string, string>>;
  /** Calls after which the thread's state was another. */
  readonly changed: readonly string[];
}

interface State {
  /** What other code may have set: MXCSR or FPCR. */
  readonly word: number;
  /** Calls that leave something to JavaScript's own arithmetic, which rounds and traps as the thread does. */
  readonly except?: string;
}

/** JavaScript divides; it compares subnormal numbers. */
const DIVIDING = 'auc';
const COMPARING = 'auc|since';

/** By processor. */
const STATES: Readonly<Record<string, Readonly<Record<string, State>>>> = {
  x64: {
    'flush to zero': { word: 0x9f80 },
    'denormals are zero': { word: 0x1fc0 },
    'both, as -ffast-math sets them': { word: 0x9fc0 },
    'rounding down': { word: 0x3f80, except: DIVIDING },
    'rounding up': { word: 0x5f80, except: DIVIDING },
    'rounding to zero': { word: 0x7f80, except: DIVIDING },
    'traps on underflow and denormals': { word: 0x1680, except: COMPARING },
    'flushing, rounding up, trapping underflow': { word: 0xd7c0, except: COMPARING },
  },
  arm64: {
    'flush to zero': { word: 1 << 24 },
    'rounding up': { word: 1 << 22, except: DIVIDING },
    'rounding down': { word: 2 << 22, except: DIVIDING },
    'rounding to zero': { word: 3 << 22, except: DIVIDING },
  },
};

const addon = join(folder, 'float-state.node');
const flushing = join(folder, 'flushing.node');
/** One thread, and the instruction set that every machine has. */
const FEW = { KLEIO_THREADS: '1', KLEIO_ISA: 'scalar' };

let requests: string;
let expected: Answered;
let expectedOfFew: Answered;

/** What it is without these calls. */
function without(except: string | undefined, { answers, changed }: Answered): Answered {
  const others = Object.entries(answers).filter(([name]) => !except || !name.match(except));
  return { answers: Object.fromEntries(others), changed };
}

const nodeHeaders = join(__dirname, '..', 'node_modules', 'node-api-headers', 'include');

function compile(out: string, ...flags: string[]) {
  const source = join(__dirname, 'programs', 'float-state.c');
  const library = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const build = ['-O2', '-fPIC', '-shared', ...library, `-I${nodeHeaders}`, ...flags, '-o', out];
  execFileSync('cc', [...build, source]);
}

const answersIn = (env: Readonly<Record<string, string>>) =>
  runProgram<Answered>('float-states.mjs', {
    env: { KLEIO_TEST_ADDON: addon, RANK_REQUESTS: requests, ...env },
  });

beforeAll(async () => {
  compile(addon);
  compile(flushing, '-DFLUSHES');
  const ways = (['cosine', 'category', 'learned-cosine', 'none'] as const).map((lifelong) => ({
    lifelong,
  }));
  requests = writeRequests(folder, MUSE_SETS[0], ways, 2);
  expected = await answersIn({});
  expectedOfFew = await answersIn(FEW);
}, 120_000);

it('computes with numbers that a flushing processor loses', () => {
  expect(Object.keys(expected.answers).length).toBeGreaterThan(60);
  expect(expected.changed).toEqual([]);
});

describe.each(Object.entries(STATES[process.arch] ?? {}))('%s', (_, { word, except }) => {
  const env = {
    KLEIO_TEST_FLOAT_STATE: String(word),
    ...(except !== undefined && { KLEIO_TEST_EXCEPT: except }),
  };

  it('on the main thread, whose pool begins in it', async () => {
    expect(await answersIn(env)).toEqual(without(except, expected));
  });

  it('in a worker that begins in it', async () => {
    const worker = { ...env, KLEIO_TEST_WORKER: '1' };
    expect(await answersIn(worker)).toEqual(without(except, expected));
  });

  it('with one thread and with the least instruction set', async () => {
    expect(await answersIn({ ...env, ...FEW })).toEqual(without(except, expectedOfFew));
  });
});

it('an addon that flushes when it is loaded leaves JavaScript its own arithmetic', async () => {
  const script = `
    const { topK } = require('kleio');
    topK(Int8Array.of(1), Int8Array.of(1), { dim: 1, k: 1 });
    const addon = require(${JSON.stringify(flushing)});
    const [tiny] = new Uint32Array(Float32Array.of(1e-40).buffer);
    process.stdout.write(JSON.stringify({ tiny, kept: typeof addon.state }));`;
  const printed = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(JSON.parse(printed)).toEqual({ tiny: 71362, kept: 'function' });
});
