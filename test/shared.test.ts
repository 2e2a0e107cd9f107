/** What one thread shares, others have: one copy, the same bits, for as long as anybody has it. */
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EmbeddingTable, IndexTree, Ranker, type SharedToken } from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { times } from './cases/extent.js';
import { weightsPath } from './cases/muse-golden.js';
import { newFolder } from './cases/new-files.js';
import { runProgram } from './cases/programs.js';
import { Random } from './cases/random.js';

const RANKER_WEIGHTS = weightsPath('muse_a');

interface Shared {
  readonly different: readonly string[];
  readonly sameTokens: boolean;
  readonly copies: number;
  readonly left: number;
  readonly gone: unknown;
}

const CLOSED = 'ERR_KLEIO_CLOSED';

it('gives eight workers one copy of everything, and the same bits', async () => {
  const env = { RANKER_WEIGHTS, KLEIO_TEST_WORKERS: '8', KLEIO_TEST_ROWS: '200000' };
  const { copies, left, ...outcome } = await runProgram<Shared>('workers-shared.mjs', { env });
  const gone = { table: CLOSED, ranker: CLOSED, tree: CLOSED, scorer: CLOSED };
  expect(outcome).toEqual({ different: [], sameTokens: true, gone });
  // What threads work with while they search, and no second table of 3.2 MB.
  expect(copies).toBeLessThan(0.3);
  expect(left).toBeLessThan(1e6);
});

const TERMINATIONS = times(100, 12);

it(`survives ${TERMINATIONS} workers terminated with what is shared, or shared by them`, async () => {
  const env = { RANKER_WEIGHTS, KLEIO_TEST_TERMINATIONS: String(TERMINATIONS) };
  const outcome = await runProgram('workers-shared-terminated.mjs', { env });
  expect(outcome).toEqual({ terminated: TERMINATIONS, wrong: 0 });
});

it('gathers rankings of several threads', async () => {
  const env = {
    RANKER_WEIGHTS,
    KLEIO_COALESCE: '3000',
    KLEIO_THREADS: '4',
    KLEIO_TEST_COALESCED: '40',
  };
  const outcome = await runProgram<{ wrong: number[]; coalesced: number }>(
    'workers-coalesced.mjs',
    { env },
  );
  expect(outcome.wrong).toEqual([0, 0, 0, 0]);
  expect(outcome.coalesced).toBeGreaterThanOrEqual(40);
});

describe('a shared tree', () => {
  const items = EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 });
  const one = (id: number) => [BigInt64Array.of(BigInt(id)), Int8Array.of(id, 9)] as const;

  it('shows every change of its owner, and refuses those of others', async () => {
    const tree = await IndexTree.build(items);
    const readers = [0, 1].map(() => IndexTree.fromShared(tree.share()));
    await Promise.all([7, 8, 9].map((id) => tree.insert(...one(id))));
    expect(readers.map((reader) => reader.items)).toEqual([7, 7]);
    const refused = { code: 'ERR_KLEIO_ARGUMENT', message: expect.stringMatching(/reads only/) };
    for (const reader of readers) {
      await expect(reader.insert(...one(10))).rejects.toMatchObject(refused);
      await expect(reader.remove(BigInt64Array.of(7n))).rejects.toMatchObject(refused);
    }
    expect(tree.items).toBe(7);
  });

  it('has a change that was on its way when its owner closed it', async () => {
    const tree = await IndexTree.build(items);
    const reader = IndexTree.fromShared(tree.share());
    const changing = tree.insert(...one(7));
    await Promise.resolve();
    tree.close();
    const outcome = await changing.then(
      () => 5,
      ({ code }) => {
        expect(code).toBe(CLOSED);
        return 4;
      },
    );
    expect(reader.items).toBe(outcome);
  });
});

it('shows new rows of a shared table everywhere, which its owner alone appends', async () => {
  const ids = BigInt64Array.of(1n, 2n);
  const table = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, ids });
  const reader = EmbeddingTable.fromShared(table.share());
  const row = [Int8Array.of(1, 1), { ids: BigInt64Array.of(3n) }] as const;
  const refused = { code: 'ERR_KLEIO_ARGUMENT', message: expect.stringMatching(/reads only/) };
  expect(() => reader.append(...row)).toThrow(expect.objectContaining(refused));
  const [ranker, other] = [await Ranker.open(RANKER_WEIGHTS), 1n];
  const lent = Ranker.fromShared(ranker.share()).table;
  const values = new Int8Array(lent.dim) as Parameters<typeof lent.append>[0];
  expect(() => lent.append(values, { ids: BigInt64Array.of(-other) })).toThrow(
    expect.objectContaining(refused),
  );
  ranker.close();
  table.append(...row);
  expect([reader.rows, ...reader.read(BigInt64Array.of(3n))]).toEqual([3, 1, 1]);
});

describe('a token', () => {
  let table: EmbeddingTable;
  let ranker: Ranker;
  beforeAll(async () => {
    table = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2 });
    ranker = await Ranker.open(RANKER_WEIGHTS);
  });
  afterAll(() => {
    table.close();
    ranker.close();
  });
  const untyped = (token: unknown) => token as SharedToken<'EmbeddingTable'>;
  const refusal = (token: unknown) => {
    try {
      EmbeddingTable.fromShared(untyped(token)).close();
      return 'opened';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('survives a structured clone and JSON, and is the same for every handle', () => {
    const token = structuredClone(JSON.parse(JSON.stringify({ token: table.share() }))).token;
    const other = EmbeddingTable.fromShared(token);
    expect([other.share(), other.rows, other.dim]).toEqual([token, 2, 2]);
    other.close();
    expect(table.rows).toBe(2);
  });

  it('is refused in words that say what is wrong with it', () => {
    const parts = table.share().split(':');
    const replaced = (index: number, part: string) =>
      parts.map((old, at) => (at === index ? part : old)).join(':');
    const forged = (index: number) =>
      replaced(
        index,
        (parts[index] as string).replace(/.$/, (last) => (last === '1' ? '2' : '1')),
      );
    expect(refusal(table.share())).toBe('opened');
    expect(refusal(7)).toBe(
      'ERR_KLEIO_ARGUMENT: token must be what EmbeddingTable#share() gives; got 7',
    );
    expect(refusal('x'.repeat(2 ** 20))).toMatch(
      /ERR_KLEIO_ARGUMENT: token must be what .*; got "x+…"/,
    );
    expect(refusal('kleio')).toMatch(/token must be what EmbeddingTable#share\(\) gives/);
    expect(refusal(ranker.share())).toBe(
      'ERR_KLEIO_ARGUMENT: token is of Ranker#share(); it must be what EmbeddingTable#share() gives',
    );
    expect(refusal(replaced(1, 'Ranker'))).toMatch(/damaged/);
    expect(refusal(replaced(2, '1'))).toMatch(/made in another process than this one \(\d+\)/);
    expect(refusal(forged(3))).toMatch(/another copy of kleio/);
    expect(refusal(forged(4))).toMatch(/damaged/);
    expect(refusal(forged(5))).toMatch(/damaged/);
  });

  it('of another copy of the binary in this process is refused', () => {
    const product = createRequire(join(__dirname, '..', 'dist', 'index.js'));
    const { inspect } = product('./index.js') as typeof import('kleio');
    const copy = join(newFolder('copy'), 'kleio.node');
    copyFileSync(inspect().binary as string, copy);
    const { setUp } = product(
      './binding/settings.js',
    ) as typeof import('../dist/binding/settings.js');
    const holder = { exports: {} as Parameters<typeof setUp>[0] };
    process.dlopen(holder, copy);
    setUp(holder.exports);
    const code = 'ERR_KLEIO_ARGUMENT';
    const message = expect.stringMatching(/another copy of kleio/);
    expect(() => holder.exports.tableFromShared(table.share())).toThrow(
      expect.objectContaining({ code, message }),
    );
  });

  it('of a closed object is refused, and those of others stay good', () => {
    const tokens = Array.from({ length: 100 }, () => {
      const own = EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2 });
      const token = own.share();
      const second = EmbeddingTable.fromShared(token);
      own.close();
      expect(second.rows).toBe(1);
      second.close();
      return token;
    });
    for (const token of tokens)
      expect(refusal(token)).toMatch(
        /^ERR_KLEIO_CLOSED: every handle of the token's EmbeddingTable is closed/,
      );
    expect(refusal(table.share())).toBe('opened');
  });

  it('that is damaged in any way is refused', () => {
    const random = new Random(Number(process.env.KLEIO_SEED));
    const letters = [...'0123456789abcdef:kleioEmbeddingTable\0\u00e9\ud800'];
    for (let trial = 0; trial < times(20_000, 2000); ++trial) {
      const characters = [...table.share()];
      for (let changes = random.integer(1, 3); changes > 0; --changes) {
        const at = random.integer(0, characters.length - 1);
        const letter = random.pick(letters);
        random.pick([
          () => characters.splice(at, 1),
          () => characters.splice(at, 0, letter),
          () => characters.splice(at, 1, letter),
          () => characters.splice(at),
          () => characters.push(...characters.slice(at)),
        ])();
      }
      const damaged = characters.join('');
      if (damaged === table.share()) continue;
      expect(refusal(damaged), damaged).toMatch(/^ERR_KLEIO_ARGUMENT: token /);
    }
  });
});
