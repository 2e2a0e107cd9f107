/** SA-TA: target attention that knows how similar each behaviour is. */

import { binding } from '../binding/binary.js';
import type { NativeAttention } from '../binding/contract/native-attention.js';
import { type Device, deviceIndex } from '../binding/devices.js';
import { codedError, mustBe } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { MAX_CHANNELS } from '../support/limits.js';
import {
  optionNames,
  requireInteger,
  requireKnownOptions,
  requireNumber,
} from '../support/options.js';
import { requireFloat32, requireLength, rowsIn, tagOf } from '../tables/views.js';

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
 * 0), ERR_KLEIO_ARGUMENT, ERR_KLEIO_OUT_OF_MEMORY, ERR_KLEIO_DEVICE, ERR_KLEIO_DEVICE_LOST.
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
  requireKnownOptions(input, INPUT_NAMES);
  const { target, behaviours, scores, weights, heads: said, mask, scale = 1 } = input;
  const device = deviceIndex(input.device ?? 'cpu');
  requireNumber('scale', scale);
  requireFloat32('target', target);
  requireFloat32('behaviours', behaviours);
  const { heads, width } = checkedHeads(weights, said);
  const count = rowsIn('target', target.length, width, 'inputs of the layers');
  const rows = rowsIn('behaviours', behaviours.length, width, 'inputs of the layers');
  const k = count === 0 ? 0 : behavioursOfTarget(rows, count);
  const channels = checkedScores(scores, rows);
  const fusion = channels.length === 0 ? NO_FUSION : checkedFusion(weights, heads.length, channels);
  const outputs = heads.reduce((total, { value }) => total + value.bias.length, 0);
  const attended = new Float32Array(count * outputs);
  binding().semanticTargetAttention(
    {
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
    },
    attended,
  );
  return attended;
}

type Heads = NativeAttention['heads'];
type Fusion = Pick<NativeAttention, 'temperatures' | 'gains'>;

const NO_FUSION: Fusion = { temperatures: undefined, gains: undefined };

function checkedHeads(
  weights: SemanticAttentionWeights,
  said: number | undefined,
): { heads: Heads; width: number } {
  requireKnownOptions(weights, WEIGHT_NAMES);
  const { query, key, value } = weights;
  for (const [name, layers] of Object.entries({ query, key, value })) {
    if (!Array.isArray(layers) || layers.length === 0) {
      throw mustBe(
        'ERR_KLEIO_ARGUMENT',
        `weights.${name}`,
        'an array of layers, one a head',
        layers,
      );
    }
  }
  const count = said ?? query.length;
  requireInteger('heads', count, 1, query.length);
  requireLength('weights.query', query.length, count, 'head');
  requireLength('weights.key', key.length, count, 'head');
  requireLength('weights.value', value.length, count, 'head');
  const width = inputsOf('weights.query[0]', query[0]!);
  const heads = query.map((_, head) => ({
    query: checkedLayer(`weights.query[${head}]`, query[head]!, width),
    key: checkedLayer(`weights.key[${head}]`, key[head]!, width),
    value: checkedLayer(`weights.value[${head}]`, value[head]!, width),
  }));
  for (const [head, layers] of heads.entries()) {
    const queries = layers.query.bias.length;
    requireLength(
      `weights.key[${head}].bias`,
      layers.key.bias.length,
      queries,
      'output of the query',
    );
  }
  return { heads, width };
}

/** The width of the embeddings: what the first layer reads. */
function inputsOf(name: string, layer: LinearWeights): number {
  requireLayer(name, layer);
  const { weight, bias } = layer;
  const inputs = rowsIn(`${name}.weight`, weight.length, bias.length, 'its outputs');
  if (inputs > 0) return inputs;
  throw codedError('ERR_KLEIO_SHAPE', `${name}.weight must have at least one input`);
}

function checkedLayer(name: string, layer: LinearWeights, width: number): LinearWeights {
  requireLayer(name, layer);
  const { weight, bias } = layer;
  if (weight.length !== bias.length * width) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `${name}.weight must have ${bias.length} outputs times ${width} inputs; got ${weight.length}`,
    );
  }
  return { weight, bias };
}

function requireLayer(name: string, layer: LinearWeights): void {
  if (!isObject(layer)) throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a layer', layer);
  requireKnownOptions(layer, { ...LAYER_NAMES, what: name });
  requireFloat32(`${name}.weight`, layer.weight);
  requireFloat32(`${name}.bias`, layer.bias);
  if (layer.bias.length > 0) return;
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
  const channels = (Array.isArray(scores) ? scores : [scores]) as readonly Float32Array[];
  if (channels.length < 1 || channels.length > MAX_CHANNELS) {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'scores', 'one channel or two', scores);
  }
  for (const [index, channel] of channels.entries()) {
    const name = channels.length === 1 ? 'scores' : `scores[${index}]`;
    requireFloat32(name, channel);
    requireLength(name, channel.length, rows, 'behaviour');
  }
  return channels;
}

function checkedFusion(
  { temperatures, gains }: SemanticAttentionWeights,
  heads: number,
  channels: readonly Float32Array[],
): Fusion {
  requireFloat32('weights.temperatures', temperatures);
  requireFloat32('weights.gains', gains);
  requireLength('weights.gains', gains.length, GAINS * heads, 'head and term');
  const rows = rowsIn('weights.temperatures', temperatures.length, heads, 'heads');
  if (rows < channels.length) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `weights.temperatures must have a row for each of the ${channels.length} channels; got ${rows}`,
    );
  }
  const read = temperatures.subarray(0, channels.length * heads);
  const zero = read.indexOf(0);
  if (zero >= 0)
    throw mustBe('ERR_KLEIO_RANGE', `weights.temperatures[${zero}]`, 'other than 0', 0);
  return { temperatures: read, gains };
}

function checkedMask(mask: Float32Array | Uint8Array, rows: number): Float32Array {
  const tag = tagOf(mask);
  if (tag !== 'Float32Array' && tag !== 'Uint8Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'mask', 'a Float32Array or a Uint8Array', mask);
  }
  requireLength('mask', mask.length, rows, 'behaviour');
  return tag === 'Float32Array' ? (mask as Float32Array) : Float32Array.from(mask);
}
