/** The answers of the released code, recomputed in float64 with ties to the newest (test/golden). */
import { join } from 'node:path';
import { EmbeddingTable, History, topK } from 'kleio';
import { describe, expect, it } from 'vitest';
import { testDevice } from './cases/device.js';
import { readSafetensors } from './cases/tensor-files.js';

describe.each(['gsu_a', 'gsu_b'])('%s', (name) => {
  const tensors = readSafetensors(join(__dirname, 'golden', `${name}.safetensors`));
  const tensor = (key: string) => {
    const found = tensors.get(key);
    if (!found) throw new Error(`${name} has no ${key}`);
    return found;
  };
  const [samples, length, dim] = tensor('history').shape as [number, number, number];
  const k = tensor('exact_index_newest_first').shape[1] as number;
  const history = new Int8Array(tensor('history').bytes.buffer);
  const targets = new Int8Array(tensor('target').bytes.buffer);
  const positions = new Int32Array(tensor('exact_index_newest_first').bytes.buffer);
  const cosines = Float32Array.from(new Float64Array(tensor('exact_cosine_f64').bytes.buffer));
  const simHard = new Int32Array(tensor('sim_hard_index').bytes.buffer);
  const categories = new BigInt64Array(tensor('history_category').bytes.buffer);
  const targetCategories = new BigInt64Array(tensor('target_category').bytes.buffer);

  const sampleOf = <T extends Int8Array | Int32Array | Float32Array | BigInt64Array>(
    all: T,
    sample: number,
  ) => all.slice((sample * all.length) / samples, ((sample + 1) * all.length) / samples) as T;

  it.each(Array.from({ length: samples }, (_, sample) => sample))('sample %i', async (sample) => {
    const rows = Int32Array.from({ length }, (_, row) => row);
    const table = EmbeddingTable.from(sampleOf(history, sample), { dim, device: testDevice });
    const user = new History(table);
    user.append(rows, { categories: sampleOf(categories, sample) });
    const target = sampleOf(targets, sample);

    const kept = [
      await user.search(target, { k }),
      user.searchSync(target, { k }),
      topK(target, sampleOf(history, sample), { dim, k }),
    ];
    for (const { positions: found, scores } of kept) {
      expect(found).toEqual(sampleOf(positions, sample));
      expect(scores).toEqual(sampleOf(cosines, sample));
    }
    const ofCategory = user.searchSync(undefined, {
      k,
      by: 'category',
      categories: sampleOf(targetCategories, sample),
    });
    expect(ofCategory.positions).toEqual(sampleOf(simHard, sample));
  });
});
