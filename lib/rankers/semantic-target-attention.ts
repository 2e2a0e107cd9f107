/** SA-TA: target attention that knows how similar each behaviour is. */

import { binding } from '../binding/binary.js';
import type { NativeAttention } from '../binding/contract/native-attention.js';
import { type Device, deviceIndex } from '../binding/devices.js';
import { float32Results } from '../histories/result-arrays.js';
import { codedError, mustBe, reading } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { MAX_CHANNELS } from '../support/limits.js';
import { knownOptions, optionNames, requireInteger, requireNumber } from '../support/options.js';
import {
  float32BitsOf,
  lengthOf,
  requireFloat32,
  requireLength,
  rowsIn,
  startOf,
  tagOf,
  widened,
} from '../tables/views.js';

/** `y = W x + b`. */
export interface LinearWeights {
  /** `[outputs, inputs]`, row-major. */
  readonly weight: Float32Array;
  /** `[outputs]` */
  readonly bias: Float32Array;
}

export interface SemanticAttentionWeights {
  /** One layer a head, as the next two; each followed by SiLU. */
  readonly query: readonly LinearWeights[];
  /** As wide as the head's query. */
  readonly key: readonly LinearWeights[];
  readonly value: readonly LinearWeights[];
  /** `[channels, heads]`; needed where there are scores. Rows beyond the given channels are not read. */
  readonly temperatures?: Float32Array | undefined;
  /** `[3, heads]`, of alpha, of rho and of their product; needed where there are scores. */
  readonly gains?: Float32Array | undefined;
}

export interface SemanticAttentionInput {
  /** `[count, E]` */
  readonly target: Float32Array;
  /** `[count, K, E]` */
  readonly behaviours: Float32Array;
  /**
   * Similarity of each behaviour, `[count, K]`, or two channels of it; −Infinity is an empty place, which
   * is left out. Default: none, attention over the embeddings alone.
   */
  readonly scores?: Float32Array | readonly Float32Array[] | undefined;
  readonly weights: SemanticAttentionWeights;
  /** Number of heads. Default: as many as the weights have. */
  readonly heads?: number | undefined;
  /** `[count, K]`, 0 where a behaviour is masked: its alpha is lowered by 1e9, as in the release. */
  readonly mask?: Float32Array | Uint8Array | undefined;
  /** Factor of alpha, for example `1 / Math.sqrt(width)`. Default 1, as in the release. */
  readonly scale?: number | undefined;
  /** Where to compute. Default `'cpu'`. */
  readonly device?: Device | undefined;
}

const INPUT_NAMES = optionNames('semanticTargetAttention inputs', [
  'target',
  'behaviours',
  'scores',
  'weights',
  'heads',
  'mask',
  'scale',
  'device',
]);
const WEIGHT_NAMES = optionNames('weights', ['query', 'key', 'value', 'temperatures', 'gains']);
const LAYER_NAMES = optionNames('a layer', ['weight', 'bias']);
/** Of a float32. */
const SIGN = 0x80000000;
const GAINS = 3;

/**
 * Semantic-aware target attention of MUSE (arXiv 2512.07216), for each target over its own behaviours.
 * For each head, with s(x) = x · sigmoid(x):
 *
 * ```
 * q = s(Wq target + bq), k_i = s(Wk behaviour_i + bk), u_i = s(Wv behaviour_i + bv)
 * alpha_i = scale · <k_i, q>,  rho_i = sum over channels of score_i / temperature
 * z_i = g1 · alpha_i + g2 · rho_i + g3 · alpha_i · rho_i      (alpha_i alone without scores)
 * out = sum of (softmax(z)_i + 1e-7) · u_i
 * ```
 *
 * Runs on the calling thread, with the pool's help where there are many targets, or on a device, which
 * everything is sent to and which the caller waits for. A target without behaviours attends to nothing:
 * zeros.
 *
 * @returns `[count, heads * width of a head's values]`.
 * @throws ERR_KLEIO_SHAPE, ERR_KLEIO_NOT_FINITE (naming row and column), ERR_KLEIO_RANGE (a temperature of
 * 0), ERR_KLEIO_ARGUMENT, ERR_KLEIO_OUT_OF_MEMORY, ERR_KLEIO_DEVICE, ERR_KLEIO_DEVICE_LOST;
 * the first call also what `devices` throws.
 * @example
 * ```ts
 * import { semanticTargetAttention } from 'kleio';
 *
 * const layer = { weight: Float32Array.of(1, 0, 0, 1), bias: new Float32Array(2) };
 * const interest = semanticTargetAttention({
 *   target: Float32Array.of(1, 2),
 *   behaviours: Float32Array.of(1, 2, -2, 1, 0.5, 1), // three of them
 *   scores: Float32Array.of(0.9, -0.2, 0.8),
 *   weights: {
 *     query: [layer],
 *     key: [layer],
 *     value: [layer],
 *     temperatures: Float32Array.of(0.5),
 *     gains: Float32Array.of(1, 1, 0.1),
 *   },
 * });
 * console.log(interest.length); // 2
 * ```
 */
export function semanticTargetAttention(input: SemanticAttentionInput): Float32Array {
  const { call, outputs } = reading(INPUT_NAMES.what, () => plannedAttention(input));
  const attended = float32Results(call.count * outputs);
  binding().semanticTargetAttention(call, attended);
  return attended;
}

interface AttentionPlan {
  readonly call: NativeAttention;
  /** Elements of each target's answer. */
  readonly outputs: number;
}

function plannedAttention(input: SemanticAttentionInput): AttentionPlan {
  const known = knownOptions(input, INPUT_NAMES);
  const { target, behaviours, scores, weights, heads: said, mask, scale = 1 } = known;
  const device = deviceIndex(known.device ?? 'cpu');
  requireNumber('scale', scale);
  requireFloat32('target', target);
  requireFloat32('behaviours', behaviours);
  const { heads, width, fusionWeights } = checkedHeads(weights, said);
  const count = rowsIn('target', lengthOf(target), width, 'inputs of the layers');
  const rows = rowsIn('behaviours', lengthOf(behaviours), width, 'inputs of the layers');
  const k = count === 0 ? 0 : behavioursOfTarget(rows, count);
  const channels = checkedScores(scores, rows);
  const fusion =
    channels.length === 0 ? NO_FUSION : checkedFusion(fusionWeights, heads.length, channels);
  const call = {
    count,
    k,
    width,
    target,
    behaviours,
    scores: channels,
    heads,
    ...fusion,
    mask: mask === undefined ? undefined : checkedMask(mask, rows),
    scale,
    device,
  };
  return { call, outputs: heads.reduce((total, { value }) => total + lengthOf(value.bias), 0) };
}

type Heads = NativeAttention['heads'];
type FusionWeights = Pick<SemanticAttentionWeights, 'temperatures' | 'gains'>;
type Fusion = Pick<NativeAttention, 'temperatures' | 'gains'>;

const NO_FUSION: Fusion = { temperatures: undefined, gains: undefined };

function checkedHeads(
  weights: SemanticAttentionWeights,
  said: number | undefined,
): { heads: Heads; width: number; fusionWeights: FusionWeights } {
  const known = knownOptions(weights, WEIGHT_NAMES);
  const { temperatures, gains } = known;
  const query = checkedLayers('weights.query', known.query);
  const key = checkedLayers('weights.key', known.key);
  const value = checkedLayers('weights.value', known.value);
  const count = said ?? query.length;
  requireInteger('heads', count, 1, query.length);
  requireLength('weights.query', query.length, count, 'head');
  requireLength('weights.key', key.length, count, 'head');
  requireLength('weights.value', value.length, count, 'head');
  const width = inputsOf('weights.query[0]', query[0]!);
  const heads = query.map((layer, head) => ({
    query: requireWidth(`weights.query[${head}]`, layer, width),
    key: requireWidth(`weights.key[${head}]`, key[head]!, width),
    value: requireWidth(`weights.value[${head}]`, value[head]!, width),
  }));
  for (const [head, layers] of heads.entries()) {
    const [queries, keys] = [lengthOf(layers.query.bias), lengthOf(layers.key.bias)];
    requireLength(`weights.key[${head}].bias`, keys, queries, 'output of the query');
  }
  return { heads, width, fusionWeights: { temperatures, gains } };
}

/** The layers of a kind, each read once. */
function checkedLayers(name: string, layers: readonly LinearWeights[]): LinearWeights[] {
  const read = Array.isArray(layers) ? Array.from(layers as readonly LinearWeights[]) : [];
  if (read.length === 0) {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an array of layers, one a head', layers);
  }
  return read.map((layer, head) => checkedLayer(`${name}[${head}]`, layer));
}

/** The width of the embeddings: what the first layer reads. */
function inputsOf(name: string, { weight, bias }: LinearWeights): number {
  const inputs = rowsIn(`${name}.weight`, lengthOf(weight), lengthOf(bias), 'its outputs');
  if (inputs > 0) return inputs;
  throw codedError('ERR_KLEIO_SHAPE', `${name}.weight must have at least one input`);
}

function requireWidth(name: string, layer: LinearWeights, width: number): LinearWeights {
  const [weights, outputs] = [lengthOf(layer.weight), lengthOf(layer.bias)];
  if (weights === outputs * width) return layer;
  throw codedError(
    'ERR_KLEIO_SHAPE',
    `${name}.weight must have ${outputs} outputs times ${width} inputs; got ${weights}`,
  );
}

function checkedLayer(name: string, layer: LinearWeights): LinearWeights {
  if (!isObject(layer)) throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a layer', layer);
  const { weight, bias } = knownOptions(layer, { ...LAYER_NAMES, what: name });
  requireFloat32(`${name}.weight`, weight);
  requireFloat32(`${name}.bias`, bias);
  if (lengthOf(bias) > 0) return { weight, bias };
  throw codedError('ERR_KLEIO_SHAPE', `${name}.bias must have at least one output`);
}

function behavioursOfTarget(rows: number, count: number): number {
  if (rows % count === 0) return rows / count;
  throw codedError(
    'ERR_KLEIO_SHAPE',
    `behaviours must be as many for each of the ${count} targets; got ${rows}`,
  );
}

function checkedScores(
  scores: SemanticAttentionInput['scores'],
  rows: number,
): readonly Float32Array[] {
  if (scores === undefined) return [];
  const channels: Float32Array[] = Array.from(
    (Array.isArray(scores) ? scores : [scores]) as readonly Float32Array[],
  );
  if (channels.length < 1 || channels.length > MAX_CHANNELS) {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'scores', 'one channel or two', scores);
  }
  for (const [index, channel] of channels.entries()) {
    const name = channels.length === 1 ? 'scores' : `scores[${index}]`;
    requireFloat32(name, channel);
    requireLength(name, lengthOf(channel), rows, 'behaviour');
  }
  return channels;
}

function checkedFusion(
  { temperatures, gains }: FusionWeights,
  heads: number,
  channels: readonly Float32Array[],
): Fusion {
  requireFloat32('weights.temperatures', temperatures);
  requireFloat32('weights.gains', gains);
  requireLength('weights.gains', lengthOf(gains), GAINS * heads, 'head and term');
  const rows = rowsIn('weights.temperatures', lengthOf(temperatures), heads, 'heads');
  if (rows < channels.length) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `weights.temperatures must have a row for each of the ${channels.length} channels; got ${rows}`,
    );
  }
  const read = startOf(temperatures, channels.length * heads);
  // As a number the least of them would be 0 wherever other code has told the processor to flush it.
  const zero = float32BitsOf(read)!.findIndex((bits) => (bits & ~SIGN) === 0);
  if (zero >= 0)
    throw mustBe('ERR_KLEIO_RANGE', `weights.temperatures[${zero}]`, 'other than 0', 0);
  return { temperatures: read, gains };
}

function checkedMask(mask: Float32Array | Uint8Array, rows: number): Float32Array {
  const tag = tagOf(mask);
  if (tag !== 'Float32Array' && tag !== 'Uint8Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'mask', 'a Float32Array or a Uint8Array', mask);
  }
  requireLength('mask', lengthOf(mask), rows, 'behaviour');
  return tag === 'Float32Array' ? (mask as Float32Array) : widened(mask);
}
