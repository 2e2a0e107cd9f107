/** Bytes of histories, damaged anywhere, whose checksums are mostly set right again. */
import { type EmbeddingTable, History } from 'kleio';
import { withRightChecksums } from '../cases/history-checksums.js';
import { drawStory, liveOn, storyTable, tell } from '../cases/history-stories.js';
import type { Random } from '../cases/random.js';
import type { FuzzTarget } from './fuzzing.js';

/** Numbers that headers, slots and sequence numbers may not be, and some that they may. */
const WORDS = [
  0n,
  1n,
  2n,
  63n,
  4096n,
  2n ** 31n - 2n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 64n - 1n,
];

function changed(bytes: Uint8Array, random: Random): Uint8Array {
  let file: Uint8Array<ArrayBuffer> = Uint8Array.from(bytes);
  for (let times = random.integer(1, 3); times > 0 && file.length >= 8; times -= 1) {
    const view = new DataView(file.buffer);
    // Half of them in header and directory, where structure is.
    const most = random.chance(0.5) ? Math.min(file.length, 128 + 32 * 8) : file.length;
    const at = random.integer(0, most - 8);
    const kind = random.integer(0, 9);
    if (kind < 3) file[at] = random.integer(0, 255);
    else if (kind < 5) view.setBigUint64(at - (at % 8), random.pick(WORDS), true);
    else if (kind < 7) view.setInt32(at - (at % 4), random.integer(-3, 70), true);
    else if (kind < 8)
      view.setFloat32(at - (at % 4), random.pick([Number.NaN, -1, 1e38, Infinity]), true);
    else if (kind < 9) file = file.slice(0, random.pick([at, file.length - 64, file.length - 1]));
    else file = Uint8Array.from([...file, ...new Uint8Array(random.pick([1, 64]))]);
  }
  return file;
}

/** Whatever a history says of itself afterwards, nothing it does may leave its memory. */
async function useUp(history: History, table: EmbeddingTable): Promise<void> {
  const targets = Int32Array.of(0, table.rows - 1);
  for (const by of ['cosine', 'dot'] as const) {
    history.searchSync(targets, { k: 5, by, fields: ['rows', 'sequences'] });
  }
  history.read({ fields: ['rows'] });
  history.has(targets);
  history.remove({ items: Int32Array.of(0) });
  history.remove({ sequences: Float64Array.of(history.firstSequence, history.nextSequence - 1) });
  await history.toBytes({ packed: true });
  await (await history.onto(table)).toBytes();
  history.clear();
}

export const HISTORIES: FuzzTarget = {
  name: 'histories',
  async draw(random) {
    const story = drawStory(random, 60);
    const table = storyTable(story, 'cpu');
    const history = new History(table, { capacity: story.capacity });
    tell(history, story.steps);
    if (random.chance(0.5)) tell(history, liveOn(story, random));
    const bytes = await history.toBytes({ packed: random.chance(0.7) });
    if (Buffer.compare(bytes, withRightChecksums(bytes)) !== 0) {
      throw new Error('a history of other checksums than its page says');
    }
    const damaged = changed(bytes, random);
    const file = random.chance(0.9) ? withRightChecksums(damaged) : damaged;
    const read = async () => {
      using restored = await History.fromBytes(table, file);
      await useUp(restored, table);
    };
    return { bytes: file.length, doors: [read] };
  },
};
