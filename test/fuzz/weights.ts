/**
 * Damaged weights of a ranker: opened as a table and as a ranker, which ranks if it opens. A crash ends the process,
 * and the seed that was noted brings it back.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, Ranker } from 'kleio';
import { type DrawnModel, drawModel, type ModelShape } from '../cases/muse-models.js';
import { safetensorsOf } from '../cases/tensor-files.js';
import { DTYPES } from '../oracle/float-formats.js';
import type { FuzzTarget } from './fuzzing.js';
import { damaged } from './mutations.js';

const SHAPE: ModelShape = {
  embeddingDim: 3,
  keepTop: 4,
  shortSteps: 5,
  heads: [
    [4, 6],
    [2, 3],
  ],
  userWidths: [3, 3, 3, 2, 2, 2],
  hidden: [8],
  tierWidth: 0.5,
  spareTiers: [1, 0],
  attentionScale: 1,
  similarityDim: 9,
  similarityDtype: 'int8',
  items: 12,
  categories: 4,
};

export const WEIGHTS: FuzzTarget = {
  name: 'weights',
  async draw(random, folder) {
    const similarityDtype = random.pick(DTYPES);
    const model = drawModel({ ...SHAPE, similarityDtype }, random);
    const path = join(folder, 'weights');
    const bytes = damaged(safetensorsOf(model.tensors, model.metadata), random);
    writeFileSync(path, bytes);
    const duplicates = random.pick(['error', 'first', 'last'] as const);
    return {
      bytes: bytes.length,
      doors: [
        async () => (await EmbeddingTable.open(path, { duplicates })).close(),
        async () => {
          using ranker = await Ranker.open(path, { duplicates });
          rankWith(ranker, model);
        },
      ],
    };
  },
};

function rankWith(ranker: Ranker, { ids }: DrawnModel): void {
  const items = BigInt64Array.from([...ids['150_2_180']!, 0n]);
  const categories = items.map((_, at) => ids['151_2_180']![at % 4]!);
  const cities = items.map(() => ids['213']![0]!);
  const provinces = items.map(() => ids['214']![0]!);
  using history = ranker.history(items, { categories });
  for (const lifelong of ['cosine', 'category', 'learned-cosine', 'none'] as const) {
    const { probabilities } = ranker.rankSync({
      history,
      user: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n),
      candidates: { items, categories, cities, provinces },
      lifelong,
      interests: true,
    });
    // Damaged floats may overflow, but what is finite is a probability.
    const wrong = probabilities.find((value) => value < 0 || value > 1);
    if (wrong !== undefined) throw new Error(`a probability of ${wrong}`);
  }
}
