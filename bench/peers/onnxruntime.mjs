// onnxruntime-node: MatMul then TopK in float32 over rows normalised beforehand, in two forms.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { matMulTopKModel } from '../onnx-model.mjs';

/** One model for every user: the history, already transposed, is an input of each run. */
export async function onnxruntime({ history, dim, k, threads }) {
  const length = history.length / dim;
  const session = await sessionOf(matMulTopKModel({ dim, length, k }), threads);
  const resident = new Tensor('float32', transposed(history, length, dim), [dim, length]);
  return peerOf('onnxruntime-node float32', session, dim, { history: resident });
}

/** One model a user: the history is a constant that the runtime packs beforehand. */
export async function onnxruntimePacked({ history, dim, k, threads }) {
  const length = history.length / dim;
  const model = matMulTopKModel({ dim, length, k }, transposed(history, length, dim));
  const session = await sessionOf(model, threads);
  return peerOf('onnxruntime-node float32, packed', session, dim, {});
}

const sessionOf = (model, threads) => InferenceSession.create(model, sessionOptions(threads));

export function sessionOptions(threads) {
  return {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Its threads spin while it runs, as by default, but do not burn the processor under the next one.
    extra: { session: { force_spinning_stop: '1' } },
  };
}

function peerOf(name, session, dim, inputs) {
  return {
    name,
    async search(targets) {
      const input = new Tensor('float32', targets, [targets.length / dim, dim]);
      const { positions, scores } = await session.run({ ...inputs, targets: input });
      return { positions: positions.data, scores: scores.data };
    },
    close: () => session.release(),
  };
}

function transposed(history, length, dim) {
  const columns = new Float32Array(history.length);
  for (let row = 0; row < length; ++row) {
    for (let d = 0; d < dim; ++d) columns[d * length + row] = history[row * dim + d];
  }
  return columns;
}
