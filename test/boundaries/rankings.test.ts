/** What rankings make of hostile requests: an error naming the culprit, or the release's defined answer. */
import { EmbeddingTable, History, Ranker, type RankRequest } from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError, expectRejection, untyped } from '../cases/coded-errors.js';
import { detached, lying } from '../cases/hostile-views.js';
import { goldenFile, goldenRequests, weightsPath } from '../cases/muse-golden.js';
import { candidatesOf } from '../cases/muse-requests.js';
import { expectRanking, rankRequestOf } from '../cases/ranker-subject.js';
import { Muse, type MuseRequest } from '../oracle/muse.js';
import { museWeightsOf } from '../oracle/muse-weights.js';

const oracle = new Muse(museWeightsOf(goldenFile('muse_b.weights')));
const golden = goldenRequests('muse_b');
const released = golden[0]!;
const offered = golden.map(({ candidate }) => candidate);

let ranker: Ranker;
beforeAll(async () => {
  ranker = await Ranker.open(weightsPath('muse_b'));
});
afterAll(() => ranker.close());

const request = (change: object = {}): RankRequest => ({
  ...rankRequestOf(ranker, released, offered),
  ...change,
});

/** Both doors refuse alike, and the asynchronous one never throws in the caller's face. */
async function refuses(asked: unknown, code: string, ...parts: string[]) {
  expectError(() => ranker.rankSync(untyped(asked)), code, ...parts);
  await expectRejection(() => ranker.rank(untyped(asked)), code, ...parts);
}

describe('requests', () => {
  const ids = (length: number) => new BigInt64Array(length);
  const columns = candidatesOf(offered);

  it.each<[string, object, string, string]>([
    ['no history', { history: undefined }, 'ERR_KLEIO_ARGUMENT', 'history'],
    ['a history of another class', { history: {} }, 'ERR_KLEIO_ARGUMENT', 'history'],
    ['no user', { user: undefined }, 'ERR_KLEIO_ARGUMENT', 'user'],
    ['a user too narrow', { user: ids(5) }, 'ERR_KLEIO_SHAPE', '6'],
    ['a user too wide', { user: ids(7) }, 'ERR_KLEIO_SHAPE', '6'],
    ['a user of floats', { user: new Float32Array(6) }, 'ERR_KLEIO_ARGUMENT', 'user'],
    ['a user as numbers', { user: [1, 2, 3, 4, 5, 6] }, 'ERR_KLEIO_ARGUMENT', 'user'],
    ['a detached user', { user: detached(ids(6)) }, 'ERR_KLEIO_ARGUMENT', 'user'],
    ['a lying user', { user: lying(ids(2), 6) }, 'ERR_KLEIO_SHAPE', '2'],
    ['no candidates', { candidates: undefined }, 'ERR_KLEIO_ARGUMENT', 'candidates'],
    ['candidates as items alone', { candidates: ids(3) }, 'ERR_KLEIO_ARGUMENT', 'candidates'],
    [
      'candidates without cities',
      { candidates: { ...columns, cities: undefined } },
      'ERR_KLEIO_ARGUMENT',
      'candidates.cities',
    ],
    [
      'a city too few',
      { candidates: { ...columns, cities: ids(offered.length - 1) } },
      'ERR_KLEIO_SHAPE',
      'candidates.cities',
    ],
    [
      'items as rows',
      { candidates: { ...columns, items: new Float64Array(offered.length) } },
      'ERR_KLEIO_ARGUMENT',
      'candidates.items',
    ],
    [
      'detached items',
      { candidates: { ...columns, items: detached(ids(offered.length)) } },
      'ERR_KLEIO_ARGUMENT',
      'candidates.items',
    ],
    [
      'a misspelled part',
      { candidates: { ...columns, citys: columns.cities } },
      'ERR_KLEIO_ARGUMENT',
      "did you mean 'cities'?",
    ],
    ['k 0', { k: 0 }, 'ERR_KLEIO_RANGE', 'k'],
    ['a fractional k', { k: 1.5 }, 'ERR_KLEIO_RANGE', 'k'],
    ['k past the limit', { k: 2 ** 31 }, 'ERR_KLEIO_RANGE', 'k'],
    ['threads 0', { threads: 0 }, 'ERR_KLEIO_RANGE', 'threads'],
    ['another unit', { lifelong: 'catgory' }, 'ERR_KLEIO_RANGE', "'category'"],
    ['another padding', { emptyPlaces: 'zero' }, 'ERR_KLEIO_RANGE', "'mask'"],
    ['interests by name', { interests: 'yes' }, 'ERR_KLEIO_ARGUMENT', 'interests'],
    ['a misspelled option', { intrests: true }, 'ERR_KLEIO_ARGUMENT', "'interests'"],
  ])('are refused with %s', (_, change, code, text) => refuses(request(change), code, text));

  it('are refused altogether where they are no objects', async () => {
    for (const asked of [undefined, null, 5, 'x']) {
      await refuses(asked, 'ERR_KLEIO_ARGUMENT', 'must be an object');
    }
  });

  it('are refused with a history of another maker', async () => {
    const own = new History(EmbeddingTable.from(new Int8Array(128), { dim: 128 }));
    await refuses(request({ history: own }), 'ERR_KLEIO_ARGUMENT', 'history');
    using other = await Ranker.open(weightsPath('muse_b'));
    const foreign = other.history(BigInt64Array.of(1n));
    await refuses(request({ history: foreign }), 'ERR_KLEIO_ARGUMENT', 'history');
  });

  it('are refused once the history or the ranker is closed', async () => {
    const asked = request();
    asked.history.close();
    await refuses(asked, 'ERR_KLEIO_CLOSED', 'history');
    const other = await Ranker.open(weightsPath('muse_b'));
    const theirs = rankRequestOf(other, released, offered);
    other.close();
    other.close();
    expectError(() => other.rankSync(theirs), 'ERR_KLEIO_CLOSED', 'ranker');
    await expectRejection(() => other.rank(theirs), 'ERR_KLEIO_CLOSED', 'ranker');
    expectError(() => other.history(BigInt64Array.of(1n)), 'ERR_KLEIO_CLOSED', 'ranker');
    expect(ranker.device).toBe('cpu');
    expectError(() => other.device, 'ERR_KLEIO_CLOSED', 'ranker');
    expectError(() => other.k, 'ERR_KLEIO_CLOSED', 'ranker');
    expect(theirs.history.length).toBe(released.items.length);
  });

  it('reject with the reason of their signal', async () => {
    const reason = new Error('enough');
    const aborted = ranker.rank(request({ signal: AbortSignal.abort(reason) }));
    await expect(aborted).rejects.toBe(reason);
    const controller = new AbortController();
    const many = Array.from({ length: 5000 }, (_, at) => offered[at % offered.length]!);
    const running = ranker.rank({
      ...rankRequestOf(ranker, released, many),
      signal: controller.signal,
    });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});

/** The answers that the definition gives, from both doors. */
async function answersByDefinition(asked: MuseRequest, candidates = offered) {
  const expected = candidates.map((candidate) => oracle.rank(asked, candidate));
  const called = { ...rankRequestOf(ranker, asked, candidates), interests: true };
  expectRanking(ranker.rankSync(called), expected, 'rankSync');
  expectRanking(await ranker.rank(called), expected, 'rank');
}

describe('answers by definition', () => {
  const { user } = released;
  const unknown = 987_654_321_987n;
  const units = ['cosine', 'category', 'learned-cosine', 'none'] as const;

  it.each(units)('an empty history, by %s', async (unit) => {
    for (const emptyPlaces of ['release', 'mask'] as const) {
      await answersByDefinition({ items: [], categories: [], user, unit, emptyPlaces });
    }
  });

  it('nothing but unknown ids', async () => {
    const items = new Array<bigint>(40).fill(unknown);
    const nobody = user.map(() => unknown);
    const nothing = { item: unknown, category: unknown, city: unknown, province: unknown };
    await answersByDefinition({ items, categories: items, user: nobody }, [nothing]);
  });

  it('ids at the ends of 64 bits', async () => {
    const ends = [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n];
    const [item, category, city, province] = ends as [bigint, bigint, bigint, bigint];
    const candidate = { item, category, city, province };
    await answersByDefinition({ items: ends, categories: ends, user }, [candidate]);
  });

  it('a k beyond the history', async () => {
    for (const emptyPlaces of ['release', 'mask'] as const) {
      await answersByDefinition({ ...released, k: 1000, emptyPlaces }, offered.slice(0, 3));
    }
  });

  it('a history without categories: all of them unknown', async () => {
    const { items } = released;
    const history = ranker.history(BigInt64Array.from(items));
    const categories = items.map(() => 0n);
    const expected = offered.map((candidate) =>
      oracle.rank({ items, categories, user }, candidate),
    );
    expectRanking(ranker.rankSync(request({ history })), expected, 'without categories');
  });
});

it('ranks no candidates', async () => {
  const asked = { ...rankRequestOf(ranker, released, []), interests: true };
  for (const ranking of [ranker.rankSync(asked), await ranker.rank(asked)]) {
    expect(ranking.probabilities).toEqual(new Float32Array(0));
    expect(ranking.interests).toEqual(new Float32Array(0));
    expect(ranking.kept.count).toBe(0);
  }
});

it('ranks 10 000 candidates as it ranks each', async () => {
  const many = Array.from({ length: 10_000 }, (_, at) => offered[at % offered.length]!);
  const few = ranker.rankSync(request()).probabilities;
  const { probabilities } = await ranker.rank(rankRequestOf(ranker, released, many));
  const repeated = many.map((_, at) => few[at % offered.length] as number);
  expect(probabilities).toEqual(Float32Array.from(repeated));
});

it('copies a request when called', async () => {
  const asked = request();
  const expected = ranker.rankSync(asked).probabilities;
  const running = ranker.rank(asked);
  const { items, categories } = asked.candidates;
  items.fill(0n);
  categories.fill(0n as never);
  detached(asked.user);
  expect((await running).probabilities).toEqual(expected);
});

it('leaves rankings and histories of a closed ranker alone', async () => {
  const other = await Ranker.open(weightsPath('muse_b'));
  const asked = rankRequestOf(other, released, offered);
  const expected = other.rankSync(asked).probabilities;
  const running = other.rank(asked);
  other.close();
  asked.history.close();
  expect((await running).probabilities).toEqual(expected);
});

it('cannot be constructed or called on something else', () => {
  const Constructed = Ranker as unknown as new (...parts: unknown[]) => unknown;
  expectError(() => new Constructed(), 'ERR_KLEIO_ARGUMENT', 'Ranker.open');
  expectError(
    () => Reflect.apply(Ranker.prototype.rankSync, {}, [request()]),
    'ERR_KLEIO_ARGUMENT',
  );
});
