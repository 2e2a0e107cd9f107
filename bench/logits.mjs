// The last layer's two outputs in float64. The model normalises them, which leaves little but their
// order: where they are close, the last bits decide.
import { createRequire } from 'node:module';

// Only the binary's contract shows what the tower read; the package does not export it.
const product = createRequire(new URL('../dist/index.js', import.meta.url));
const { nativeRankerOf } = product('./ranker.js');
const { DEFAULT_RANKING, planRanking, rankingDefaults } = product('./ranking.js');

const NORM_EPSILON = 1e-12;

/** Per candidate, before the last Dice. */
export function logitsOf(ranker, request, { tensors }) {
  const native = nativeRankerOf(ranker);
  const { call, count, k } = planRanking(
    request,
    rankingDefaults({ k: ranker.k }, DEFAULT_RANKING),
  );
  const inputs = new Float32Array(count * native.towerWidth);
  const kept = [new Int32Array(count * k), new Float32Array(count * k)];
  native.rankSync(...call, new Float32Array(count), ...kept, undefined, inputs);
  return Array.from({ length: count }, (_, at) =>
    tower(inputs.subarray(at * native.towerWidth, (at + 1) * native.towerWidth), tensors),
  );
}

function tower(input, tensors) {
  let x = Float64Array.from(input);
  for (let layer = 0; ; ++layer) {
    const weight = tensors[`fc_tower.linears.${layer}.weight`].values;
    const width = x.length;
    const bias = Float64Array.from(tensors[`fc_tower.linears.${layer}.bias`].values);
    const y = bias.map((start, output) =>
      x.reduce((sum, value, i) => sum + weight[output * width + i] * value, start),
    );
    if (tensors[`fc_tower.linears.${layer + 1}.weight`] === undefined) return y;
    x = dice(y, tensors[`fc_tower.act_layers.${layer}.dice_gamma`].values);
  }
}

function dice(x, gamma) {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const deviation = Math.sqrt(variance + NORM_EPSILON);
  return x.map((value, i) => {
    const p = 1 / (1 + Math.exp((mean - value) / deviation));
    return gamma[i] * (1 - p) * value + p * value;
  });
}
