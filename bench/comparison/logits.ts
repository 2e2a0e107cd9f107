/**
 * The last layer's two outputs in float64. The model normalises them, which leaves little but their
 * order: where they are close, the last bits decide.
 */

import type { Ranker, RankerWeights, RankRequest } from '../../lib/index.js';
import type * as rankerModule from '../../lib/rankers/ranker.js';
import type * as rankingModule from '../../lib/rankers/ranking.js';

/** Of the build under test: only the binary's contract shows what the tower read. */
const { nativeRankerOf } = require('../../dist/rankers/ranker.js') as typeof rankerModule;
const { DEFAULT_RANKING, planRanking, rankingDefaults } =
  require('../../dist/rankers/ranking.js') as typeof rankingModule;

const NORM_EPSILON = 1e-12;

/** For each candidate, before the last Dice. */
export function logitsOf(
  ranker: Ranker,
  request: RankRequest,
  { tensors }: RankerWeights,
): Float64Array[] {
  const native = nativeRankerOf(ranker);
  const defaults = rankingDefaults({ k: ranker.k }, DEFAULT_RANKING);
  const { call, count, k } = planRanking(request, defaults);
  const inputs = new Float32Array(count * native.towerWidth);
  const kept = [new Int32Array(count * k), new Float32Array(count * k)] as const;
  native.rankSync(...call, new Float32Array(count), ...kept, undefined, inputs, undefined);
  return Array.from({ length: count }, (_, at) =>
    tower(inputs.subarray(at * native.towerWidth, (at + 1) * native.towerWidth), tensors),
  );
}

function tower(input: Float32Array, tensors: RankerWeights['tensors']): Float64Array {
  const valuesOf = (name: string) => tensors[name]?.values as Float32Array | undefined;
  let x = Float64Array.from(input);
  for (let layer = 0; ; ++layer) {
    const weight = valuesOf(`fc_tower.linears.${layer}.weight`)!;
    const width = x.length;
    const bias = Float64Array.from(valuesOf(`fc_tower.linears.${layer}.bias`)!);
    const y = bias.map((start, output) =>
      x.reduce((sum, value, i) => sum + weight[output * width + i]! * value, start),
    );
    if (valuesOf(`fc_tower.linears.${layer + 1}.weight`) === undefined) return y;
    x = dice(y, valuesOf(`fc_tower.act_layers.${layer}.dice_gamma`)!);
  }
}

function dice(x: Float64Array, gamma: Float32Array): Float64Array<ArrayBuffer> {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const deviation = Math.sqrt(variance + NORM_EPSILON);
  return Float64Array.from(x, (value, i) => {
    const p = 1 / (1 + Math.exp((mean - value) / deviation));
    return gamma[i]! * (1 - p) * value + p * value;
  });
}
