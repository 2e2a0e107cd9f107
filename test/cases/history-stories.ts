/** Lives of histories: appends of known and unknown items, evictions, removals, and what they must agree in. */
import { type Device, EmbeddingTable, type History, type Removal } from 'kleio';
import { DTYPES, type Dtype, type Elements, elementsOf } from '../oracle/float-formats.js';
import { drawEmbeddings, FAMILY_NAMES } from './embeddings.js';
import type { Random } from './random.js';

export type StoryStep =
  | {
      readonly call: 'append';
      readonly behaviours: Int32Array | BigInt64Array;
      readonly categories?: BigInt64Array;
      readonly times?: Float64Array;
    }
  | { readonly call: 'remove'; readonly what: Removal }
  | { readonly call: 'clear' };

export interface Story {
  readonly dtype: Dtype;
  readonly dim: number;
  readonly values: Elements;
  readonly rows: number;
  readonly ids: BigInt64Array | undefined;
  readonly capacity: number | undefined;
  readonly categories: boolean;
  readonly times: boolean;
  readonly most: number;
  readonly steps: readonly StoryStep[];
}

/** `most`: behaviours of an append. */
export function drawStory(random: Random, most = 1100): Story {
  const dtype = random.pick(DTYPES);
  const dim = random.pick([1, 2, 3, 4, 7, 16, 33]);
  const rows = random.pick([1, 5, 70, 300, 1500]);
  const values = elementsOf(
    drawEmbeddings(random.pick(FAMILY_NAMES), rows, dim, dtype, random),
    dtype,
  );
  const ids = random.chance(0.6)
    ? BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 7n - 100n)
    : undefined;
  const story = {
    ...{ dtype, dim, values, rows, ids },
    capacity: random.chance(0.4) ? random.integer(1, 1200) : undefined,
    categories: random.chance(0.5),
    times: random.chance(0.5),
    most,
  };
  const steps = Array.from({ length: random.integer(0, 6) }, () => drawStep(story, random));
  return { ...story, steps: [drawAppend(story, random), ...steps] };
}

/** What happens afterwards. */
export const liveOn = (story: Story, random: Random): StoryStep[] => [
  drawStep(story, random),
  drawAppend(story, random),
  drawStep(story, random),
];

type Setting = Omit<Story, 'steps'>;

function drawStep(story: Setting, random: Random): StoryStep {
  if (random.chance(0.5)) return drawAppend(story, random);
  if (random.chance(0.05)) return { call: 'clear' };
  if (story.times && random.chance(0.3)) {
    return { call: 'remove', what: { before: random.integer(0, 300) } };
  }
  if (random.chance(0.5)) {
    return { call: 'remove', what: { items: drawItems(story, random.integer(0, 40), random) } };
  }
  const sequences = Float64Array.from({ length: random.integer(0, 60) }, () =>
    random.integer(0, 2500),
  );
  return { call: 'remove', what: { sequences } };
}

function drawAppend(story: Setting, random: Random): StoryStep {
  const length = Math.min(random.pick([0, 1, 3, 64, 300, 1100]), story.most);
  const behaviours = drawItems(story, length, random, true);
  const categories = BigInt64Array.from({ length }, () => BigInt(random.integer(-2, 5)));
  const times = Float64Array.from({ length }, () => random.integer(0, 1000) / 2);
  return {
    call: 'append',
    behaviours,
    ...(story.categories ? { categories } : {}),
    ...(story.times ? { times } : {}),
  };
}

/** Of ids some that the table does not know; of rows some that are none, where behaviours may be so. */
function drawItems(
  { ids, rows }: Setting,
  length: number,
  random: Random,
  none = false,
): Int32Array | BigInt64Array {
  if (ids === undefined || random.chance(0.3)) {
    return Int32Array.from({ length }, () => random.integer(none ? -1 : 0, rows - 1));
  }
  return BigInt64Array.from({ length }, () =>
    random.chance(0.2) ? BigInt(random.integer(0, 20)) * 7n - 99n : random.pick([...ids]),
  );
}

export const storyTable = ({ dtype, dim, values, ids }: Story, device: Device): EmbeddingTable =>
  EmbeddingTable.from(values, { dim, dtype, ids, device });

export function tell(history: History, steps: readonly StoryStep[]): void {
  for (const step of steps) {
    if (step.call === 'clear') {
      history.clear();
    } else if (step.call === 'append') {
      const { behaviours, categories, times } = step;
      history.append(behaviours, { categories, times });
    } else {
      history.remove(step.what);
    }
  }
}
