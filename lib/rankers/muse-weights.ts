/**
 * The tensors of the released MUSE ranker, under the release's own names: which are needed, of what
 * type. How their shapes fit together is checked where they are read, in native code.
 */

import { DTYPE_CODES, DUPLICATES_CODES } from '../binding/contract/codes.js';
import type { NativeFeature, NativeWeights } from '../binding/contract/native-ranker.js';
import type { NativeTensor } from '../binding/contract/native-weights.js';
import { decimalOf } from '../support/decimals.js';
import { codedError, shown } from '../support/errors.js';
import { MAX_KEPT, MAX_TIER_WIDTH, MIN_TIER_WIDTH } from '../support/limits.js';
import { DTYPE_OF_ELEMENT } from '../tables/dtypes.js';
import type { Duplicates } from '../tables/duplicates.js';
import { wrongElement } from '../tables/safetensors.js';
import { shownShape } from '../tables/tensor-shape.js';
import { ModelSettings } from './model-settings.js';
import type { WeightSource } from './ranker-weights.js';
import { WeightTensors } from './weight-tensors.js';

const FEATURES = { item: '150_2_180', category: '151_2_180', city: '213', province: '214' };

/** In the order of a request's user ids. */
export const USER_FEATURES = ['129_1', '130_1', '130_2', '130_3', '130_4', '130_5'] as const;

/** Every tensor under these prefixes must be one that the ranker reads: another one is a layer that it does not know. */
const WHOLE_MODULES = ['realtime_att.', 'uni_att_v2.', 'fc_tower.'];

/** Throws ERR_KLEIO_FORMAT for what is missing, unknown or not a setting, ERR_KLEIO_DTYPE. */
export function museWeights(source: WeightSource, duplicates: Duplicates): NativeWeights {
  const tensors = new MuseTensors(source);
  const settings = new ModelSettings(source, SETTINGS);
  const heads = tensors.countOf('uni_att_v2.query_layers.');
  const layers = tensors.countOf('fc_tower.linears.');
  const head = (index: number) => ({
    query: tensors.linear(`uni_att_v2.query_layers.${index}.linears.0`),
    key: tensors.linear(`uni_att_v2.fact_layers.${index}.linears.0`),
    value: tensors.linear(`uni_att_v2.value_layers.${index}.linears.0`),
  });
  const layer = (index: number) => ({
    linear: tensors.linear(`fc_tower.linears.${index}`),
    diceGamma: tensors.floats(`fc_tower.act_layers.${index}.dice_gamma`),
  });
  const weights: NativeWeights = {
    ...readSettings(settings),
    item: tensors.feature(FEATURES.item),
    category: tensors.feature(FEATURES.category),
    city: tensors.feature(FEATURES.city),
    province: tensors.feature(FEATURES.province),
    user: USER_FEATURES.map((name) => tensors.feature(name)),
    shortQuery: tensors.linear('realtime_att.query_fcs.0.linears.0'),
    shortKey: tensors.linear('realtime_att.fact_fcs.0.linears.0'),
    heads: Array.from({ length: heads }, (_, index) => head(index)),
    temperatures: tensors.floats('uni_att_v2.cosine_tau1'),
    gains: tensors.floats('uni_att_v2.cosine_tau2'),
    shortTierWeights: tensors.floats('all_seq_image_res.rt_simtier.emb'),
    lifelongTierWeights: tensors.floats('all_seq_image_res.uni_v2_simtier.emb'),
    tower: Array.from({ length: layers }, (_, index) => layer(index)),
    similarity: { ...tensors.similarity(), duplicates: DUPLICATES_CODES[duplicates] },
  };
  tensors.requireAllRead(WHOLE_MODULES, 'the released ranker');
  requireEmbeddingDim(source.label, settings, weights.item.embeddings);
  return weights;
}

class MuseTensors extends WeightTensors {
  constructor(source: WeightSource) {
    super(source, 'ranker');
  }

  feature(name: string): NativeFeature {
    return {
      ids: this.ids(`feature_maps.${name}`),
      embeddings: this.floats(`embedding_layers.${name}.weight`),
    };
  }

  similarity(): Omit<NativeWeights['similarity'], 'duplicates'> {
    const ids = this.ids('scl_embedding_table.keys');
    const values = this.take('scl_embedding_table.values');
    const dtype = DTYPE_OF_ELEMENT.get(values.element);
    if (dtype !== undefined) return { ids, values, dtype: DTYPE_CODES[dtype] };
    throw wrongElement(values, `one of ${[...DTYPE_OF_ELEMENT.keys()].join(', ')}`);
  }
}

const SETTINGS = [
  'keep_top',
  'short_steps',
  'embedding_dim',
  'tier_width',
  'attention_scale',
] as const;

type Settings = ModelSettings<(typeof SETTINGS)[number]>;

function readSettings(
  settings: Settings,
): Pick<NativeWeights, 'keepTop' | 'shortSteps' | 'tierWidth' | 'attentionScale'> {
  const tierWidth = { byDefault: 0.1, lowest: MIN_TIER_WIDTH, highest: MAX_TIER_WIDTH };
  return {
    keepTop: settings.integer('keep_top', { lowest: 1, highest: MAX_KEPT }),
    shortSteps: settings.integer('short_steps', { lowest: 0, highest: MAX_KEPT }),
    tierWidth: settings.number('tier_width', tierWidth),
    attentionScale: settings.number('attention_scale', {
      byDefault: 1,
      lowest: -1e6,
      highest: 1e6,
    }),
  };
}

/** The width is the item embeddings' own; metadata that says otherwise belongs to another model. */
function requireEmbeddingDim(label: string, settings: Settings, item: NativeTensor): void {
  const said = settings.given('embedding_dim');
  if (said === undefined || decimalOf(said) === item.shape.at(-1)) return;
  throw codedError(
    'ERR_KLEIO_FORMAT',
    `${label}metadata.embedding_dim is ${shown(said)}, but ${item.name} has the shape ${shownShape(item.shape)}`,
  );
}
