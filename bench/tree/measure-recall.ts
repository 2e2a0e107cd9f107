/** Recall of the beam against brute force by the same scorer, at several depths and by level. */

import type { TreeLists } from '../../lib/index.js';
import type { PlantedUser } from './planted-corpus.js';
import type { TreeSetting } from './setting.js';

const RETURNED = 800;
const DEPTHS = [400, 600, 800] as const;

export interface ListsRecall {
  readonly lists: TreeLists;
  /** Share of brute force's best N that the best N of the beam are, for N of DEPTHS. */
  readonly recall: readonly number[];
  /** By level from the root: share of the ancestors of brute force's best that the beam held. */
  readonly byLevel: readonly number[];
  /** Share of the returned items that belong to the user's planted interests: of the beam, of brute force. */
  readonly interest: readonly [beam: number, bruteForce: number];
  readonly seconds: { readonly beam: number; readonly bruteForce: number };
}

const LISTS: readonly TreeLists[] = ['both', 'collaborative', 'multimodal', 'none'];

export async function measureRecall(
  setting: TreeSetting,
  users: readonly PlantedUser[],
): Promise<ListsRecall[]> {
  const results: ListsRecall[] = [];
  for (const lists of LISTS) {
    const each: ListsRecall[] = [];
    for (const user of users) each.push(await recallOf(setting, user, lists));
    results.push(meanOf(lists, each));
    console.log(JSON.stringify(results.at(-1)));
  }
  return results;
}

async function recallOf(
  setting: TreeSetting,
  user: PlantedUser,
  lists: TreeLists,
): Promise<ListsRecall> {
  const { tree, scorer, corpus } = setting;
  using history = setting.historyOf(user);
  const asked = { scorer, history, lists, n: RETURNED };
  const started = performance.now();
  const beam = await tree.search({ ...asked, beam: RETURNED, beams: true });
  const between = performance.now();
  const all = await tree.search({ ...asked, beam: Number.POSITIVE_INFINITY });
  const ended = performance.now();
  const interesting = (items: BigInt64Array) =>
    shareOf(items, (id) => user.interests.has(corpus.clusterOf[Number(id)]!));
  const recall = DEPTHS.map((depth) => {
    const found = new Set(beam.items.subarray(0, depth));
    return shareOf(all.items.subarray(0, depth), (id) => found.has(id));
  });
  return {
    lists,
    recall,
    byLevel: [...tree.hierarchicalRecall(beam, all.items).levels],
    interest: [interesting(beam.items), interesting(all.items)],
    seconds: { beam: (between - started) / 1000, bruteForce: (ended - between) / 1000 },
  };
}

function shareOf(ids: BigInt64Array, holds: (id: bigint) => boolean): number {
  return ids.length === 0 ? 0 : ids.filter(holds).length / ids.length;
}

function meanOf(lists: TreeLists, each: readonly ListsRecall[]): ListsRecall {
  const mean = (of: (one: ListsRecall) => number) =>
    each.reduce((sum, one) => sum + of(one), 0) / each.length;
  return {
    lists,
    recall: DEPTHS.map((_, at) => mean(({ recall }) => recall[at]!)),
    byLevel: each[0]!.byLevel.map((_, level) => mean(({ byLevel }) => byLevel[level]!)),
    interest: [mean(({ interest }) => interest[0]), mean(({ interest }) => interest[1])],
    seconds: {
      beam: mean(({ seconds }) => seconds.beam),
      bruteForce: mean(({ seconds }) => seconds.bruteForce),
    },
  };
}
