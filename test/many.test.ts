/** Many users at once: every answer as if it had been asked alone. */
import { EmbeddingTable, History, type HistorySearch, Ranker, searchMany } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from './cases/bitwise.js';
import { expectError, expectRejection, untyped } from './cases/coded-errors.js';
import { testDevice } from './cases/device.js';
import { times } from './cases/extent.js';
import { goldenRequests, weightsPath } from './cases/muse-golden.js';
import { runProgram } from './cases/programs.js';
import { Random } from './cases/random.js';
import { rankRequestOf } from './cases/ranker-subject.js';

const DIM = 24;

/** Users of very different lengths over two tables of different kinds. */
function drawSearches(random: Random): HistorySearch[] {
  const bytes = Int8Array.from({ length: 400 * DIM }, () => random.integer(-128, 127));
  const floats = Float32Array.from({ length: 300 * DIM }, () => random.normal());
  const tables = [
    EmbeddingTable.from(bytes, { dim: DIM, device: testDevice }),
    EmbeddingTable.from(floats, { dim: DIM, device: testDevice }),
  ];
  return [0, 1, 63, 900, 20_000, 5, 3_000, 64].map((length, user) => {
    const table = tables[user % 2]!;
    const history = new History(table);
    const rows = Int32Array.from({ length }, () => random.integer(-1, table.rows - 1));
    const categories = rows.map(() => random.integer(0, 3));
    history.append(rows, { categories });
    const targets = Int32Array.from({ length: user * 3 }, () => random.integer(0, table.rows - 1));
    if (user === 3) {
      return { history, k: 9, by: 'category', categories: Int32Array.of(1, 3) };
    }
    return {
      history,
      targets,
      k: 1 + user * 7,
      by: user > 4 ? 'dot' : 'cosine',
      distinct: user === 5,
    };
  });
}

async function alone({ history, targets, ...options }: HistorySearch) {
  return history.search(targets, options);
}

describe('searchMany', () => {
  it('answers each search as alone', async () => {
    const random = new Random(11);
    for (let run = 0; run < times(5, 1); run += 1) {
      const searches = drawSearches(random);
      const together = await searchMany(searches);
      const expected = await Promise.all(searches.map(alone));
      expect(together.length).toBe(searches.length);
      together.forEach((kept, index) => {
        expect([kept.count, kept.k]).toEqual([expected[index]!.count, expected[index]!.k]);
        expectSameBits(kept, expected[index]!, `search ${index}`);
      });
    }
  });

  it('answers nothing for nothing', async () => {
    expect(await searchMany([])).toEqual([]);
  });

  it('sees every history as it was when called', async () => {
    const searches = drawSearches(new Random(12));
    const expected = await Promise.all(searches.map(alone));
    const running = searchMany(searches);
    for (const { history } of searches) history.clear();
    (await running).forEach((kept, index) => {
      expectSameBits(kept, expected[index]!, `search ${index}`);
    });
  });

  it('names the search that it refuses', async () => {
    const [first, second] = drawSearches(new Random(13));
    const refuse = (searches: unknown, code: string, ...parts: string[]) =>
      expectRejection(() => searchMany(untyped(searches)), code, ...parts);
    await refuse(undefined, 'ERR_KLEIO_ARGUMENT', 'searches must be an array');
    await refuse([first, null], 'ERR_KLEIO_ARGUMENT', 'searches[1] must be an object');
    await refuse([first, { ...second, k: 0 }], 'ERR_KLEIO_RANGE', 'searches[1]: k must be');
    await refuse([{ ...first, hisory: 1 }], 'ERR_KLEIO_ARGUMENT', 'searches[0]: ', 'hisory');
    await refuse([{ k: 1 }], 'ERR_KLEIO_ARGUMENT', 'searches[0]: history must be a History');
    await refuse([{ ...first, signal: undefined }], 'ERR_KLEIO_ARGUMENT', 'whole call');
    await refuse(new Array(2), 'ERR_KLEIO_ARGUMENT', 'searches[0]');
    first!.history.close();
    await refuse([second, first], 'ERR_KLEIO_CLOSED', 'searches[1]: the history is closed');
  });

  it('stops all at a signal', async () => {
    const searches = drawSearches(new Random(14));
    const controller = new AbortController();
    const running = searchMany(searches, { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(searchMany(searches, { signal: controller.signal })).rejects.toBe(reason);
    expect((await searchMany(searches)).length).toBe(searches.length);
  });
});

describe('Ranker#rankMany', () => {
  it('answers each request as alone', async () => {
    using ranker = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
    const golden = goldenRequests('muse_a');
    const requests = golden.map((request, n) => ({
      ...rankRequestOf(
        ranker,
        request,
        golden.slice(0, n).map(({ candidate }) => candidate),
      ),
      interests: n % 2 === 0,
      lifelong: (['cosine', 'category', 'learned-cosine', 'none'] as const)[n % 4],
      k: 1 + n,
    }));
    const together = await ranker.rankMany(requests);
    const expected = await Promise.all(requests.map((request) => ranker.rank(request)));
    expect(together).toEqual(expected);
    expect(await ranker.rankMany([])).toEqual([]);
  });

  it('names the request that it refuses', async () => {
    using ranker = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
    using other = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
    const [golden] = goldenRequests('muse_a');
    const request = rankRequestOf(ranker, golden!, [golden!.candidate]);
    const foreign = rankRequestOf(other, golden!, [golden!.candidate]);
    const refuse = (requests: unknown, code: string, ...parts: string[]) =>
      expectRejection(() => ranker.rankMany(untyped(requests)), code, ...parts);
    await refuse([request, { ...request, k: -1 }], 'ERR_KLEIO_RANGE', 'requests[1]: k must be');
    await refuse([request, foreign], 'ERR_KLEIO_ARGUMENT', 'history must be made by');
    const { signal } = new AbortController();
    await refuse([{ ...request, signal }], 'ERR_KLEIO_ARGUMENT', 'requests[0]', 'whole call');
    expectError(() => ranker.rankSync(foreign), 'ERR_KLEIO_ARGUMENT', 'history must be made by');
  });
});

describe('KLEIO_COALESCE', () => {
  const RANKER_WEIGHTS = weightsPath('muse_a');
  // Even: every second round aborts four calls.
  const ROUNDS = 2 * times(15, 2);

  it.each(['1', '2', '5'])(
    'answers calls that wait for each other as alone, with %s threads',
    async (KLEIO_THREADS) => {
      // One thread that waits has nobody to bring it company.
      const coalesced = KLEIO_THREADS === '1' ? 0 : ROUNDS * 10;
      const env = {
        ...{ KLEIO_COALESCE: '3000', KLEIO_THREADS, RANKER_WEIGHTS },
        ...{ KLEIO_TEST_ROUNDS: String(ROUNDS), KLEIO_TEST_COALESCED: String(coalesced) },
      };
      const outcome = await runProgram<Record<string, number>>('coalesced.mjs', { env });
      expect(outcome.wrong).toBe(0);
      expect(outcome.aborted).toBeGreaterThanOrEqual(2 * ROUNDS);
      expect(outcome.coalesced).toBeGreaterThanOrEqual(coalesced);
    },
  );

  it('is off where nobody asks for it', async () => {
    const env = {
      ...{ KLEIO_COALESCE: '', KLEIO_THREADS: '4', RANKER_WEIGHTS },
      ...{ KLEIO_TEST_ROUNDS: String(ROUNDS), KLEIO_TEST_COALESCED: '0' },
    };
    const outcome = await runProgram('coalesced.mjs', { env });
    expect(outcome).toEqual({ wrong: 0, aborted: 2 * ROUNDS, coalesced: 0 });
  });
});
