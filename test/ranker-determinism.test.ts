/** The same bits of every ranking, however its work is divided and whatever runs beside it. */
import { Ranker, type Ranking, type RankRequest } from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from './cases/device.js';
import { exhaustive, times } from './cases/extent.js';
import { goldenRequests, weightsPath } from './cases/muse-golden.js';
import { Random } from './cases/random.js';
import { rankRequestOf } from './cases/ranker-subject.js';
import type { Candidate } from './oracle/muse.js';

const golden = goldenRequests('muse_a');
const CANDIDATES = 130;
/** Of the CPU: a device has none to divide a ranking over. */
const THREADS = testDevice === 'cpu' ? (exhaustive ? [1, 2, 3, 8] : [3, 8]) : [1];
/** Every request's candidate, over and over in other company. */
const candidates: readonly Candidate[] = Array.from({ length: CANDIDATES }, (_, at) => {
  const { item, category } = golden[at % golden.length]!.candidate;
  const { city, province } = golden[(at * 7) % golden.length]!.candidate;
  return { item, category, city, province };
});

let ranker: Ranker;
beforeAll(async () => {
  ranker = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
});
afterAll(() => ranker.close());

const asked = (some: readonly Candidate[], user = 0): RankRequest => ({
  ...rankRequestOf(ranker, golden[user]!, some),
  interests: true,
});

/** One candidate's whole answer as text: equal exactly where every bit is. */
function bitsOf({ probabilities, kept, interests }: Ranking): string[] {
  const columns = [probabilities, kept.positions, kept.scores, interests!];
  return Array.from({ length: kept.count }, (_, at) =>
    columns
      .map(({ buffer }) => {
        const width = buffer.byteLength / kept.count;
        return Buffer.from(buffer as ArrayBuffer, at * width, width).toString('base64');
      })
      .join(),
  );
}

describe.each(['cosine', 'category', 'learned-cosine', 'none'] as const)('%s', (lifelong) => {
  it.each(['release', 'mask'] as const)('divides %s rankings freely', async (emptyPlaces) => {
    const random = new Random(7);
    const options = { lifelong, emptyPlaces };
    const whole = bitsOf(ranker.rankSync({ ...asked(candidates), ...options, threads: 1 }));
    for (const threads of THREADS) {
      const request = { ...asked(candidates), ...options, threads };
      expect(bitsOf(ranker.rankSync(request))).toEqual(whole);
      expect(bitsOf(await ranker.rank(request))).toEqual(whole);
    }
    for (let round = 0; round < times(4, 1); round += 1) {
      const parts: string[] = [];
      for (let start = 0; start < CANDIDATES; ) {
        const end = Math.min(CANDIDATES, start + random.pick([1, 2, 5, 48, 49, 100]));
        const part = asked(candidates.slice(start, end));
        parts.push(...bitsOf(await ranker.rank({ ...part, ...options })));
        start = end;
      }
      expect(parts).toEqual(whole);
    }
    const backwards = ranker.rankSync({ ...asked(candidates.toReversed()), ...options });
    expect(bitsOf(backwards).toReversed()).toEqual(whole);
  });
});

it('answers rankings that run at once as if each ran alone', async () => {
  const requests = golden.map((_, user) => asked(candidates.slice(user, user + 60), user));
  const alone = requests.map((request) => bitsOf(ranker.rankSync(request)));
  const together = await Promise.all([...requests, ...requests].map((r) => ranker.rank(r)));
  expect(together.map(bitsOf)).toEqual([...alone, ...alone]);
});

it('sees the history as it was when called', async () => {
  const request = asked(candidates);
  const before = bitsOf(ranker.rankSync(request));
  const running = ranker.rank(request);
  request.history.append(BigInt64Array.from(golden[1]!.items), {
    categories: BigInt64Array.from(golden[1]!.categories),
  });
  const later = ranker.rank(request);
  request.history.clear();
  expect(bitsOf(await running)).toEqual(before);
  expect(bitsOf(await later)).not.toEqual(before);
});

it('has forgotten what left a history with a capacity', () => {
  const { items, categories } = golden[0]!;
  const [capacity, newest] = [300, -300];
  const history = ranker.history(BigInt64Array.from(items), {
    categories: BigInt64Array.from(categories),
    capacity,
  });
  const recent = ranker.history(BigInt64Array.from(items.slice(newest)), {
    categories: BigInt64Array.from(categories.slice(newest)),
  });
  const request = asked(candidates);
  expect(bitsOf(ranker.rankSync({ ...request, history }))).toEqual(
    bitsOf(ranker.rankSync({ ...request, history: recent })),
  );
});
