/** Requests whose shape comes again go to the device as one graph, and no answer shows it. */
import { expect, it } from 'vitest';
import { isSoftwareDevice, SOFTWARE_DEVICE } from '../cases/device.js';
import { times } from '../cases/extent.js';
import { newFolder } from '../cases/new-files.js';
import { runProgram } from '../cases/programs.js';
import { writeRequests } from '../cases/request-files.js';
import { describeWhere } from '../cases/waiting.js';

interface Counted {
  readonly captures: number;
  readonly replays: number;
}

interface Outcome {
  readonly wrong: number;
  readonly codes: readonly string[];
  readonly lost: boolean;
  readonly evicted: number;
  /** After a hundred rounds of a few shapes. */
  readonly steady: Counted;
  /** After many shapes, and a workspace that moved. */
  readonly grown: Counted;
  /** After one of the first shapes has come back. */
  readonly recovered: Counted;
  /** After that shape again, and before it, where asked for, all the memory of the device. */
  readonly crowded: Counted;
  readonly ended: Counted;
  readonly rankings: readonly string[];
}

const folder = newFolder('graphs');
const requests = writeRequests(folder, 'muse_b', [
  {},
  { emptyPlaces: 'mask' },
  { lifelong: 'none' },
  { lifelong: 'learned-cosine' },
]);

/** Of searches, and of requests to rank five times: a user's, in each way. */
const ROUNDS = times(100, 40);
const REQUESTS = times(20, 4);
const FEW = { KLEIO_TEST_ROUNDS: '30', KLEIO_TEST_REQUESTS: String(REQUESTS) };

const run = (env: Readonly<Record<string, string>>, threads = '1') =>
  runProgram<Outcome>('replayed.mjs', {
    env: {
      ...{ RANK_REQUESTS: requests, KLEIO_THREADS: threads },
      ...{ ...FEW, KLEIO_TEST_ROUNDS: String(ROUNDS) },
      ...env,
    },
  });

const GOOD = { wrong: 0, codes: [], lost: false };
const NONE = { captures: 0, replays: 0 };

it('replays what comes again with other contents, and answers as without graphs', async () => {
  const [without, replayed] = await Promise.all([run({ KLEIO_CUDA_GRAPHS: '0' }), run({})]);
  expect(without).toMatchObject({ ...GOOD, ended: NONE });
  expect(replayed).toMatchObject(GOOD);
  expect(replayed.rankings.length).toBe(5 * REQUESTS);
  expect(replayed.rankings).toEqual(without.rankings);
  const { steady, grown, recovered, crowded, ended } = replayed;
  // Of about 2.65 searches a round: other lengths and limits are the same shape.
  expect(steady.captures).toBeGreaterThan(0);
  expect(steady.replays).toBeGreaterThan(1.5 * ROUNDS);
  expect(recovered.captures, 'a workspace that moved takes its graphs along').toBe(
    grown.captures + 1,
  );
  expect(recovered.replays).toBe(grown.replays + 7);
  expect(crowded).toEqual({ captures: recovered.captures, replays: recovered.replays + 8 });
  expect(ended.replays - crowded.replays, 'rankings').toBeGreaterThan(2 * REQUESTS);
});

it('replays on several streams at once', async () => {
  const replayed = await run({}, '4');
  expect(replayed).toMatchObject(GOOD);
  // Each of the four may see a shape twice before it is a graph there.
  expect(replayed.steady.replays).toBeGreaterThan(ROUNDS / 2);
});

describeWhere(isSoftwareDevice(), SOFTWARE_DEVICE)('a device that', () => {
  const runWith = (settings: string) => run({ ...FEW, KLEIO_SOFTWARE_DEVICE: settings });

  it('cannot make a graph answers without', async () => {
    expect(await runWith('fail_graph=1')).toMatchObject({ ...GOOD, ended: NONE });
    const some = await runWith('fail_graph=3');
    expect(some).toMatchObject({ ...GOOD, ended: { captures: 2 } });
  });

  it.each([1, 2, 9])('has no memory for replay %i answers without', async (n) => {
    const refused = await runWith(`refuse_replay=${n}`);
    expect(refused).toMatchObject(GOOD);
    expect(refused.ended.replays).toBeGreaterThan(30);
  });

  it.each([1, 2, 9, 60])('fails at replay %i is lost', async (n) => {
    const { wrong, codes, lost } = await runWith(`fail_replay=${n}`);
    expect([wrong, lost]).toEqual([0, true]);
    expect(new Set(codes)).toEqual(new Set(['ERR_KLEIO_DEVICE_LOST']));
  });

  it.each(['1', '4'])('runs out of memory goes on (%s threads)', async (threads) => {
    const env = { KLEIO_SOFTWARE_DEVICE: 'memory_mib=16', KLEIO_TEST_CROWDED: 'yes' };
    const outcome = await run({ ...env, ...FEW }, threads);
    expect(outcome).toMatchObject(GOOD);
    const { recovered, crowded, evicted } = outcome;
    expect(evicted).toBeGreaterThanOrEqual(4);
    expect(crowded.replays).toBeGreaterThanOrEqual(recovered.replays + 6);
  });

  it('does its work when it is put on a stream gives the same', async () => {
    expect(await runWith('immediate=1')).toMatchObject(GOOD);
  });
});
