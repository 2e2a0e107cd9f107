// onnxruntime-node running the released model, exported by its authors' framework: the same search,
// attention and tower. It has no lookups: embeddings come gathered, which is not measured.
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { sessionOptions } from './onnxruntime.mjs';

const MODEL = new URL('../models/muse_ranker.onnx', import.meta.url);
const INPUTS = ['scl_target', 'scl_history', 'id_target', 'id_history', 'other'];

export async function onnxruntimeRanker({ user, similarityValues, threads }) {
  const session = await InferenceSession.create(fileURLToPath(MODEL), sessionOptions(threads));
  if (session.inputNames.toSorted().join() !== INPUTS.toSorted().join()) {
    throw new Error(`the model asks for ${session.inputNames}`);
  }
  const { length, candidates, dim } = user;
  const similarity = Float32Array.from(similarityValues);
  const targets = similarity.subarray(length * dim);
  const embeddings = user.embeddings(0, length + candidates);
  const width = embeddings.length / (length + candidates);
  const others = user.others(candidates);
  const otherWidth = others.length / candidates;
  const resident = {
    scl_history: new Tensor('float32', similarity.subarray(0, length * dim), [length, dim]),
    id_history: new Tensor('float32', embeddings.subarray(0, length * width), [length, width]),
  };
  const first = (values, count, columns) =>
    new Tensor('float32', values.subarray(0, count * columns), [count, columns]);
  return {
    /** Click probabilities. */
    async rank(count) {
      const { probability } = await session.run(
        {
          ...resident,
          scl_target: first(targets, count, dim),
          id_target: first(embeddings.subarray(length * width), count, width),
          other: first(others, count, otherWidth),
        },
        ['probability'],
      );
      return probability.data.filter((_, at) => at % 2 === 1);
    },
    close: () => session.release(),
  };
}
