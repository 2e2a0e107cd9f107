/** The public API: every name here is a contract. */

export type { BinaryCandidate } from './binding/binary.js';
export {
  type CpuInfo,
  type Device,
  type DeviceInfo,
  type DeviceName,
  type DeviceUsage,
  devices,
  type GpuInfo,
} from './binding/devices.js';
export { type CudaReport, inspect, type Report, type SearchCounters } from './binding/inspect.js';
export type { BehaviourColumns, BehaviourField, ColumnsOf } from './histories/behaviour-fields.js';
export type { AppendOptions, Behaviours } from './histories/behaviours.js';
export type { Answer, ExtendableKept, ExtendOptions } from './histories/extendable.js';
export { History } from './histories/history.js';
export type { HistoryBuildOptions, HistoryOptions } from './histories/history-build.js';
export type { FromBytesOptions, OntoOptions, ToBytesOptions } from './histories/history-bytes.js';
export type { HistoryMaker } from './histories/history-ground.js';
export type { Kept, KeptPlaces } from './histories/kept.js';
export type { ManyOptions } from './histories/many.js';
export type { ReadBehaviours, ReadOptions } from './histories/read-behaviours.js';
export type { Removal } from './histories/removal.js';
export type { EligibleOptions, SearchOptions, SearchUnit, Targets } from './histories/search.js';
export { type HistorySearch, type KeptOfEach, searchMany } from './histories/search-many.js';
export { type TopKOptions, topK } from './histories/top-k.js';
export { Auc, auc, Gauc, gauc, type Labels, type Scores } from './rankers/metrics.js';
export {
  Ranker,
  type RankerHistoryOptions,
  type RankerOptions,
  type RankingOfEach,
} from './rankers/ranker.js';
export type { RankerWeights, WeightTensor } from './rankers/ranker-weights.js';
export type {
  Candidates,
  EmptyPlaces,
  LifelongUnit,
  Ranking,
  RankingOptions,
  RankRequest,
} from './rankers/ranking.js';
export {
  type LinearWeights,
  type SemanticAttentionInput,
  type SemanticAttentionWeights,
  semanticTargetAttention,
} from './rankers/semantic-target-attention.js';
export { type SimTierOptions, simTier } from './rankers/simtier.js';
export { type CodedError, KleioError, type KleioErrorCode } from './support/errors.js';
export type { SharedToken } from './support/shared-tokens.js';
export type { Dtype, EmbeddingValues, Float16Values, StoredValues } from './tables/dtypes.js';
export type { Duplicates } from './tables/duplicates.js';
export type { TensorNames } from './tables/embedding-file.js';
export { EmbeddingTable } from './tables/embedding-table.js';
export type { OpenOptions, TableAppendOptions, TableOptions } from './tables/table-options.js';
export { IndexTree } from './trees/index-tree.js';
export type { TreeBuildOptions, TreeSplit } from './trees/tree-build.js';
export type { HierarchicalRecall } from './trees/tree-recall.js';
export type { TreeDrift, TreeLevel, TreeReport } from './trees/tree-report.js';
export { TreeScorer, type TreeScorerOptions } from './trees/tree-scorer.js';
export type {
  BeamLevel,
  Retrieved,
  TreeLists,
  TreeSearch,
  TreeStages,
} from './trees/tree-search.js';
