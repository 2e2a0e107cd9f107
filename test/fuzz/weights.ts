/**
 * Opens damaged weights, and ranks with those that still open. Whatever happens must be an error of the
 * package or an answer; a crash ends the process, and the seed that was printed brings it back.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddingTable, Ranker } from 'kleio';
import { type DrawnModel, drawModel, type ModelShape } from '../cases/muse-models.js';
import { Random } from '../cases/random.js';
import { safetensorsOf } from '../cases/tensor-files.js';
import { DTYPES } from '../oracle/float-formats.js';
import { damaged } from './mutations.js';

export interface FuzzReport {
  files: number;
  opened: number;
  ranked: number;
  /** How often each code was the answer. */
  refused: Record<string, number>;
}

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

/** Damages files until `enough` says so. */
export async function fuzzWeights(
  seed: number,
  enough: (report: FuzzReport) => boolean,
): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-fuzz-'));
  const report: FuzzReport = { files: 0, opened: 0, ranked: 0, refused: {} };
  try {
    for (let at = 0; !enough(report); at += 1) {
      // Each file has a seed of its own.
      const random = new Random(seed + at);
      const similarityDtype = random.pick(DTYPES);
      const model = drawModel({ ...SHAPE, similarityDtype }, random);
      const path = join(folder, 'weights');
      writeFileSync(path, damaged(safetensorsOf(model.tensors, model.metadata), random));
      await attempt(path, model, report, seed + at);
    }
    return report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function attempt(path: string, model: DrawnModel, report: FuzzReport, seed: number) {
  report.files += 1;
  try {
    (await EmbeddingTable.open(path)).close();
  } catch (error) {
    requireCoded(error, seed);
  }
  try {
    using ranker = await Ranker.open(path);
    report.opened += 1;
    rankWith(ranker, model);
    report.ranked += 1;
  } catch (error) {
    const code = requireCoded(error, seed);
    report.refused[code] = (report.refused[code] ?? 0) + 1;
  }
}

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

/** The code of an error of the package; anything else is what the fuzzer is looking for. */
function requireCoded(error: unknown, seed: number): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && code.startsWith('ERR_KLEIO_')) return code;
  throw new Error(`seed ${seed}: no error of the package`, { cause: error });
}
