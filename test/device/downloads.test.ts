/** Every byte that comes down was written on the device for this request, whatever its shape. */
import { expect, it } from 'vitest';
import { newFolder } from '../cases/new-files.js';
import { runProgram } from '../cases/programs.js';
import { writeRequests } from '../cases/request-files.js';

interface Outcome {
  readonly asked: number;
  readonly rankings: number;
  readonly wrong: number;
  /** The code and text of the first failure. */
  readonly failure?: string;
  readonly lost: boolean;
}

/** Three numbers of places, of six groups of users and up to 40 targets. */
const SEARCHES = 3 * (6 + 40);

const folder = newFolder('downloads');

const run = (env: Readonly<Record<string, string>>) =>
  runProgram<Outcome>('every-count.mjs', { env });

it.each([
  ['blocks', '0'],
  ['blocks', '8'],
  ['lists', '8'],
])('holds for searches by %s, up to %s targets in one launch', async (search, most) => {
  const env = { KLEIO_DEVICE_SEARCH: search, KLEIO_CUDA_ONE_LAUNCH: most };
  expect(await run(env)).toEqual({ asked: SEARCHES, rankings: 0, wrong: 0, lost: false });
});

// On a small device rankings have no table of projections, and select by launches of their own.
it.each(['memory_mib=64', 'memory_mib=4'])('holds for rankings (%s)', async (settings) => {
  const ways = [{}, { lifelong: 'learned-cosine' }, { lifelong: 'none', k: 5 }] as const;
  const requests = writeRequests(folder, 'muse_b', ways, 1);
  const env = { RANK_REQUESTS: requests, KLEIO_SOFTWARE_DEVICE: settings };
  const rankings = ways.length * 40;
  expect(await run(env)).toEqual({
    asked: SEARCHES + rankings,
    rankings,
    wrong: 0,
    lost: false,
  });
});
