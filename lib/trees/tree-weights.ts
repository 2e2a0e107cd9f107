/**
 * The tensors of a node scorer under the names of `docs/tree.md`: which are needed, of what type. How
 * their shapes fit together is checked where they are read, in native code.
 */

import { CO_GSU_CODES, SCORER_CODES } from '../binding/contract/codes.js';
import type {
  NativeScorerList,
  NativeScorerWeights,
} from '../binding/contract/native-tree-scorer.js';
import type { WeightSource } from '../rankers/ranker-weights.js';
import { setting, WeightTensors } from '../rankers/weight-tensors.js';
import { codedError } from '../support/errors.js';
import { MAX_KEPT, MAX_TIER_WIDTH, MIN_TIER_WIDTH } from '../support/limits.js';
import { notOneOf } from '../support/options.js';

const LIST_CODES = { separate: 0, union: 1 } as const;
const ESU_CODES = { attention: 0, semantic: 1 } as const;

/** Every tensor under these prefixes must be one that the scorer reads. */
const WHOLE_MODULES = ['co_gsu.', 'esu.', 'mlp.'];

/** Throws ERR_KLEIO_FORMAT for what is missing, unknown or not a setting, ERR_KLEIO_DTYPE. */
export function scorerWeights(source: WeightSource): NativeScorerWeights {
  const tensors = new WeightTensors(source, 'scorer');
  const kind = choice(source, 'kind', 'miss', SCORER_CODES);
  const described = {
    kind,
    itemIds: tensors.ids('item.ids'),
    itemEmbeddings: tensors.floats('item.embeddings'),
    nodeEmbeddings: tensors.floats('node.embeddings'),
  };
  const weights =
    kind === SCORER_CODES.miss
      ? { ...described, ...missLayers(source, tensors) }
      : { ...described, ...NO_LAYERS };
  tensors.requireAllRead(WHOLE_MODULES, 'this scorer');
  return weights;
}

type Layers = Omit<NativeScorerWeights, 'kind' | 'itemIds' | 'itemEmbeddings' | 'nodeEmbeddings'>;

/** What a two-tower scorer has of them. */
const NO_LAYERS: Layers = {
  coGsu: CO_GSU_CODES.projected,
  unionList: false,
  semantic: false,
  keepTop: 1,
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

function missLayers(source: WeightSource, tensors: WeightTensors): Layers {
  const coGsu = choice(source, 'co_gsu', 'projected', CO_GSU_CODES);
  const unionList = choice(source, 'lists', 'separate', LIST_CODES) === LIST_CODES.union;
  const semantic = choice(source, 'esu', 'attention', ESU_CODES) === ESU_CODES.semantic;
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
    keepTop: setting(source, 'keep_top', undefined, 1, MAX_KEPT, Number.isInteger),
    shortSteps: setting(source, 'short_steps', 0, 0, MAX_KEPT, Number.isInteger),
    userWidth: setting(source, 'user_width', 0, 0, MAX_KEPT, Number.isInteger),
    tierWidth: setting(source, 'tier_width', 0.1, MIN_TIER_WIDTH, MAX_TIER_WIDTH, Number.isFinite),
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

function choice(
  source: WeightSource,
  name: string,
  byDefault: string,
  codes: Readonly<Record<string, number>>,
): number {
  const given = Object.hasOwn(source.metadata, name) ? source.metadata[name] : byDefault;
  if (typeof given === 'string' && Object.hasOwn(codes, given)) return codes[given]!;
  throw notOneOf(`${source.label}metadata.${name}`, String(given), Object.keys(codes));
}
