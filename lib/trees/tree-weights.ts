/**
 * The tensors of a node scorer under the names of `docs/tree.md`: which are needed, of what type. How
 * their shapes fit together is checked where they are read, in native code.
 */

import { CO_GSU_CODES, DUPLICATES_CODES, SCORER_CODES } from '../binding/contract/codes.js';
import type {
  NativeScorerList,
  NativeScorerWeights,
} from '../binding/contract/native-tree-scorer.js';
import { ModelSettings } from '../rankers/model-settings.js';
import type { WeightSource } from '../rankers/ranker-weights.js';
import { WeightTensors } from '../rankers/weight-tensors.js';
import { codedError } from '../support/errors.js';
import { MAX_KEPT, MAX_TIER_WIDTH, MIN_TIER_WIDTH } from '../support/limits.js';
import type { Duplicates } from '../tables/duplicates.js';

const LIST_CODES = { separate: 0, union: 1 } as const;
const ESU_CODES = { attention: 0, semantic: 1 } as const;

/** Of both kinds; a two-tower scorer has no use for most of them. */
const SETTINGS = [
  'kind',
  'keep_top',
  'co_gsu',
  'lists',
  'esu',
  'user_width',
  'short_steps',
  'tier_width',
] as const;

type Settings = ModelSettings<(typeof SETTINGS)[number]>;

/** Every tensor under these prefixes must be one that the scorer reads. */
const WHOLE_MODULES = ['co_gsu.', 'esu.', 'mlp.'];

/** Throws ERR_KLEIO_FORMAT for what is missing, unknown or not a setting, ERR_KLEIO_DTYPE. */
export function scorerWeights(source: WeightSource, duplicates: Duplicates): NativeScorerWeights {
  const tensors = new WeightTensors(source, 'scorer');
  const settings = new ModelSettings(source, SETTINGS);
  const kind = settings.choice('kind', 'miss', SCORER_CODES);
  const described = {
    kind,
    duplicates: DUPLICATES_CODES[duplicates],
    itemIds: tensors.ids('item.ids'),
    itemEmbeddings: tensors.floats('item.embeddings'),
    nodeEmbeddings: tensors.floats('node.embeddings'),
  };
  const weights =
    kind === SCORER_CODES.miss
      ? { ...described, ...missLayers(source, settings, tensors) }
      : { ...described, ...NO_LAYERS };
  tensors.requireAllRead(WHOLE_MODULES, 'this scorer');
  return weights;
}

type Layers = Omit<
  NativeScorerWeights,
  'kind' | 'duplicates' | 'itemIds' | 'itemEmbeddings' | 'nodeEmbeddings'
>;

/** What a two-tower scorer has of them. */
const NO_LAYERS: Layers = {
  coGsu: CO_GSU_CODES.projected,
  unionList: false,
  semantic: false,
  keepTop: 0,
  shortSteps: 0,
  userWidth: 0,
  tierWidth: 1,
  coQuery: undefined,
  coKey: undefined,
  lists: [],
  temperatures: undefined,
  gains: undefined,
  tierWeights: undefined,
  mlp: [],
};

function missLayers(source: WeightSource, settings: Settings, tensors: WeightTensors): Layers {
  const coGsu = settings.choice('co_gsu', 'projected', CO_GSU_CODES);
  const unionList = settings.choice('lists', 'separate', LIST_CODES) === LIST_CODES.union;
  const semantic = settings.choice('esu', 'attention', ESU_CODES) === ESU_CODES.semantic;
  if (unionList && semantic) {
    throw codedError(
      'ERR_KLEIO_FORMAT',
      `${source.label}metadata: esu 'semantic' reads the cosines of the multimodal list; it needs lists 'separate'`,
    );
  }
  const projected = coGsu === CO_GSU_CODES.projected;
  const lists = unionList ? ['union'] : ['co', 'mm'];
  const layers = tensors.countOf('mlp.');
  return {
    coGsu,
    unionList,
    semantic,
    keepTop: settings.integer('keep_top', { lowest: 1, highest: MAX_KEPT }),
    shortSteps: settings.integer('short_steps', { byDefault: 0, lowest: 0, highest: MAX_KEPT }),
    userWidth: settings.integer('user_width', { byDefault: 0, lowest: 0, highest: MAX_KEPT }),
    tierWidth: settings.number('tier_width', {
      byDefault: 0.1,
      lowest: MIN_TIER_WIDTH,
      highest: MAX_TIER_WIDTH,
    }),
    coQuery: projected ? tensors.floats('co_gsu.query.weight') : undefined,
    coKey: projected ? tensors.floats('co_gsu.key.weight') : undefined,
    lists: lists.map((list) => listLayers(tensors, `esu.${list}`)),
    temperatures: semantic ? tensors.floats('esu.mm.temperatures') : undefined,
    gains: semantic ? tensors.floats('esu.mm.gains') : undefined,
    tierWeights: semantic ? tensors.floats('esu.mm.tier_weights') : undefined,
    mlp: Array.from({ length: layers }, (_, layer) => tensors.linear(`mlp.${layer}`)),
  };
}

function listLayers(tensors: WeightTensors, list: string): NativeScorerList {
  const heads = tensors.countOf(`${list}.heads.`);
  const part = (head: number, name: string) =>
    tensors.floats(`${list}.heads.${head}.${name}.weight`);
  return {
    heads: Array.from({ length: heads }, (_, head) => ({
      query: part(head, 'query'),
      key: part(head, 'key'),
      value: part(head, 'value'),
    })),
    output: tensors.floats(`${list}.output.weight`),
  };
}
