/** Files of requests, as `kleio rank` and `kleio tree search` read them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRankRequest } from '../../lib/cli/requests/rank-request.js';
import { readTreeRequest } from '../../lib/cli/requests/tree-request.js';
import type { FuzzTarget } from './fuzzing.js';
import { damagedText, JSON_WORDS } from './texts.js';

const RANK = {
  user: [7, 1, 2, 3, 4, 5],
  history: { items: [11, 12], categories: [1, 1] },
  candidates: { items: [12], categories: [1], cities: [3], provinces: [1] },
};
const TREE = { history: { items: [1, 2], recent: [2] }, user: [0.5], block: [1], allow: [2] };
const WORDS = [...JSON_WORDS, '"user"', '"items"', '"history"', '"candidates"', '"block"', '"12"'];

export const REQUESTS: FuzzTarget = {
  name: 'requests',
  async draw(random, folder) {
    const json = JSON.stringify(random.pick([RANK, TREE]), undefined, random.pick([0, 2]));
    const text = random.chance(0.95) ? damagedText(json, random, WORDS) : json;
    const path = join(folder, 'request.json');
    writeFileSync(path, text);
    const read = (door: (path: string) => Promise<unknown>) => async () => void (await door(path));
    return {
      bytes: Buffer.byteLength(text),
      doors: [read(readRankRequest), read(readTreeRequest)],
    };
  },
};
