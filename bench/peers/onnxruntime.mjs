// onnxruntime-node: MatMul then TopK in float32 over rows normalised beforehand, in two forms.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { matMulTopKModel } from './onnx-model.mjs';

export default [
  { name: 'onnxruntime-node', package: 'onnxruntime-node', open: oneModel },
  { name: 'onnxruntime-node, own model', package: 'onnxruntime-node', open: ownModel },
];

/** One model for every user: the history, already transposed, is an input of each run. */
async function oneModel({ history, dim, k, threads }) {
  const length = history.length / dim;
  const session = await sessionOf(matMulTopKModel({ dim, length, k }), threads);
  const resident = new Tensor('float32', transposed(history, length, dim), [dim, length]);
  return peerOf(session, dim, { history: resident });
}

/** One model a user: the history is a constant that the runtime packs beforehand. */
async function ownModel({ history, dim, k, threads }) {
  const length = history.length / dim;
  const model = matMulTopKModel({ dim, length, k }, transposed(history, length, dim));
  const session = await sessionOf(model, threads);
  return peerOf(session, dim, {});
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

function peerOf(session, dim, inputs) {
  return {
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
