/** The public API: every name here is a contract. */

export type { AppendOptions, Behaviours } from './behaviours.js';
export type { BinaryCandidate } from './binary.js';
export {
  type CpuInfo,
  type Device,
  type DeviceInfo,
  type DeviceName,
  type DeviceUsage,
  devices,
  type GpuInfo,
} from './devices.js';
export type { Dtype, EmbeddingValues, Float16Values } from './dtypes.js';
export type { TensorNames } from './embedding-file.js';
export { EmbeddingTable, type OpenOptions, type TableOptions } from './embedding-table.js';
export { type CodedError, KleioError, type KleioErrorCode } from './errors.js';
export { History, type HistoryBuildOptions, type HistoryOptions } from './history.js';
export { IndexTree } from './index-tree.js';
export { type CudaReport, inspect, type Report, type SearchCounters } from './inspect.js';
export type { Kept } from './kept.js';
export type { ManyOptions } from './many.js';
export { Auc, auc, Gauc, gauc, type Labels, type Scores } from './metrics.js';
export {
  Ranker,
  type RankerHistoryOptions,
  type RankerOptions,
} from './ranker.js';
export type { RankerWeights, WeightTensor } from './ranker-weights.js';
export type {
  Candidates,
  EmptyPlaces,
  LifelongUnit,
  Ranking,
  RankingOptions,
  RankRequest,
} from './ranking.js';
export type { SearchOptions, SearchUnit, Targets } from './search.js';
export { type HistorySearch, searchMany } from './search-many.js';
export {
  type LinearWeights,
  type SemanticAttentionInput,
  type SemanticAttentionWeights,
  semanticTargetAttention,
} from './semantic-target-attention.js';
export { type SimTierOptions, simTier } from './simtier.js';
export { type TopKOptions, topK } from './top-k.js';
export type { TreeBuildOptions, TreeSplit } from './tree-build.js';
export type { HierarchicalRecall } from './tree-recall.js';
export type { TreeDrift, TreeLevel, TreeReport } from './tree-report.js';
export { TreeScorer } from './tree-scorer.js';
export type {
  BeamLevel,
  Retrieved,
  TreeLists,
  TreeSearch,
  TreeStages,
} from './tree-search.js';
