/** Headers made to cost time or memory, and the messages about them: linear, bounded, short. */
import { EmbeddingTable, IndexTree, Ranker, TreeScorer } from 'kleio';
import { describe, expect, it } from 'vitest';
import { NewFiles } from '../cases/new-files.js';
import { npyWithHeader, safetensorsOf, safetensorsWithHeader } from '../cases/tensor-files.js';

const files = new NewFiles('hostile');

const MOST_CHARACTERS = 500;
const entry = (shape: string) => `{"dtype":"I8","shape":${shape},"data_offsets":[0,0]}`;
const empty = (count: number, name: (at: number) => string) =>
  `{${Array.from({ length: count }, (_, at) => `"${name(at)}":${entry('[0]')}`).join()}}`;
const many = (count: number, text: string) => new Array(count).fill(text).join();

/** Far above what they take, far below what anything but linear time takes, however slow the machine. */
const MOST_MS = 50 * msToParse20Megabytes();

function msToParse20Megabytes(): number {
  const text = `[${many(400_000, '{"a name":["or two",1234567890,{"and":"more"}]}')}]`;
  const began = performance.now();
  JSON.parse(text);
  return performance.now() - began;
}

const DOORS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  table: (path) => EmbeddingTable.open(path),
  ranker: (path) => Ranker.open(path),
  tree: (path) => IndexTree.open(path),
  scorer: (path) => TreeScorer.open(path),
};

const HEADERS: Readonly<Record<string, () => string>> = {
  'a shape of 500 000 extents': () =>
    `{"values":${entry(`[${many(500_000, '9007199254740991')}]`)}}`,
  'a shape of 500 000 zeros': () => `{"values":${entry(`[${many(500_000, '0')}]`)}}`,
  'two million offsets': () =>
    `{"values":{"dtype":"I8","shape":[0],"data_offsets":[${many(2_000_000, '0')}]}}`,
  'a name of 20 MB of escapes': () => `{"${'\\u0041'.repeat(3_400_000)}":${entry('[0]')}}`,
  'metadata of 20 MB of escaped quotes': () =>
    `{"__metadata__":{"kind":"${'\\"'.repeat(10_000_000)}"}}`,
  'metadata of 20 MB for every setting': () => {
    const long = 'x'.repeat(5_000_000);
    return JSON.stringify({
      __metadata__: { kind: long, keep_top: long, format: long, split: long },
    });
  },
  'ten million brackets': () => `{"values":${'['.repeat(10_000_000)}`,
  'ten million nested objects': () => '{"a":'.repeat(10_000_000),
  'brackets within an entry': () => `{"values":{"more":${'['.repeat(10_000_000)}}}`,
  'two million objects within an entry': () => `{"values":{"more":[${many(2_000_000, '{}')}]}}`,
  '600 000 empty tensors': () => empty(600_000, (at) => `t${at}`),
  '100 000 names like those of layers': () => empty(100_000, (at) => `item.embedding${at}`),
  'names of 1 MB': () => empty(20, (at) => `item.ids${'x'.repeat(1_000_000)}${at}`),
  'a number of ten million digits': () => `{"values":${entry(`[${'9'.repeat(10_000_000)}]`)}}`,
  'a dtype of 10 MB': () =>
    `{"values":{"dtype":"${'I'.repeat(10_000_000)}","shape":[0,4],"data_offsets":[0,0]}}`,
  'one key twice, of 1 MB': () => {
    const name = 'x'.repeat(1_000_000);
    return `{"${name}":${entry('[0]')},"${name}":${entry('[0]')}}`;
  },
  'many matrices of large shapes': () =>
    empty(1000, (at) => `matrix${at}`).replaceAll('[0]', `[${many(60, '9007199254740991')},0]`),
};

async function refusal(open: (path: string) => Promise<unknown>, path: string) {
  const began = performance.now();
  const outcome = await open(path).then(
    () => undefined,
    (error: Error & { code?: string }) => error,
  );
  return { outcome, ms: performance.now() - began };
}

describe.each(Object.entries(HEADERS))('a .safetensors file with %s', (_, header) => {
  const path = files.of(safetensorsWithHeader(header(), []));

  it.each(Object.entries(DOORS))('is refused as a %s', async (_door, open) => {
    const { outcome, ms } = await refusal(open, path);
    expect(outcome?.code).toMatch(/^ERR_KLEIO_(?:FORMAT|DTYPE|SHAPE|RANGE)$/);
    expect(outcome!.message.length - path.length).toBeLessThan(MOST_CHARACTERS);
    expect(ms).toBeLessThan(MOST_MS);
  });
});

const listOf = (count: number, each: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => each(at)).join();

it.each<[string, () => string]>([
  ['of many tensors', () => empty(100_000, (at) => `t${at}`)],
  [
    'of few tensors that say much',
    () =>
      `{${listOf(40, (at) => `"t${at}":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":[${many(100_000, '1')}0]}`)}}`,
  ],
  ['of settings', () => `{"__metadata__":{${listOf(100_000, (at) => `"k${at}":"v"`)}}}`],
])('lets the event loop turn while it reads a large header %s', async (_, header) => {
  const path = files.of(safetensorsWithHeader(header(), []));
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await refusal(DOORS.table!, path);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(4);
});

describe('.npy', () => {
  it.each([
    [
      'a shape of 4000 extents',
      `{'descr': '|i1', 'fortran_order': False, 'shape': (${many(4000, '1')})}`,
    ],
    [
      'a number of 15 000 digits',
      `{'descr': '|i1', 'fortran_order': False, 'shape': (${'9'.repeat(15_000)},)}`,
    ],
    ['15 000 brackets', `{'descr': ${'['.repeat(15_000)}`],
    ['15 000 minus signs', '-'.repeat(15_000)],
    [
      'a descr of 15 000 characters',
      `{'descr': '${'f'.repeat(15_000)}', 'fortran_order': False, 'shape': (1, 1)}`,
    ],
    ['15 000 strings', `${"''".repeat(7500)}`],
    ['an open string', `{'descr': '${'f'.repeat(15_000)}`],
  ])('refuses %s', async (_, header) => {
    const path = files.of(npyWithHeader(header, new Uint8Array(1)));
    const { outcome, ms } = await refusal(DOORS.table!, path);
    expect(outcome?.code).toMatch(/^ERR_KLEIO_(?:FORMAT|DTYPE)$/);
    expect(outcome!.message.length - path.length).toBeLessThan(MOST_CHARACTERS);
    expect(ms).toBeLessThan(MOST_MS);
  });
});

it('says in a few words what is missing among many tensors', async () => {
  const tensors = Object.fromEntries(
    Array.from({ length: 3000 }, (_, at) => [
      `${at} ${'long name '.repeat(20)}`,
      { dtype: 'F64', shape: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], bytes: new Uint8Array(8) },
    ]),
  );
  const path = files.of(safetensorsOf(tensors));
  for (const open of Object.values(DOORS)) {
    const { outcome } = await refusal(open, path);
    expect(outcome?.code).toBe('ERR_KLEIO_FORMAT');
    expect(outcome!.message.length - path.length).toBeLessThan(MOST_CHARACTERS);
  }
});
