/**
 * An index tree by its definition: read from its file, searched level by level, scored in float64
 * straight from the formulas. Nothing here is taken from the product's sources.
 */
import { readTensorFile, type Tensor } from '../cases/tensor-files.js';
import { type Dtype, dtypeOfElement, elementsIn, numbersOf } from './float-formats.js';

export interface OracleNode {
  readonly index: number;
  readonly children: readonly [number, number] | undefined;
  /** Of a leaf. */
  readonly item: number;
  /** Of an inner node: its row, but for the first, of a model's node embeddings. */
  readonly feature: number;
  /** The mean as the file has it: scale times codes; of a leaf the item's embedding. */
  readonly mean: Float64Array;
  readonly codes: Float64Array;
}

export interface OracleTree {
  readonly dim: number;
  readonly dtype: Dtype;
  readonly ids: readonly bigint[];
  /** [items][dim] */
  readonly embeddings: readonly Float64Array[];
  readonly nodes: readonly OracleNode[];
}

const INNER = -1;

export function readTree(path: string): OracleTree {
  const { tensors } = readTensorFile(path);
  const tensor = (name: string) => tensors.get(name) as Tensor;
  const items = tensor('items.embeddings');
  const dtype = dtypeOfElement(items.dtype);
  const dim = items.shape[1] as number;
  const rows = (name: string) =>
    rowsOf(numbersOf(elementsIn(tensor(name).bytes, dtype), dtype), dim);
  const [item, feature] = ['nodes.item', 'nodes.feature'].map(
    (name) => new Int32Array(tensor(name).bytes.slice().buffer),
  ) as [Int32Array, Int32Array];
  const scale = new Float32Array(tensor('nodes.scale').bytes.slice().buffer);
  const [embeddings, codes] = [rows('items.embeddings'), rows('nodes.embeddings')];
  let inner = 0;
  const nodes = Array.from(item, (of, index): OracleNode => {
    if (of !== INNER) {
      const mean = embeddings[of] as Float64Array;
      return { index, children: undefined, item: of, feature: INNER, mean, codes: mean };
    }
    const k = inner;
    inner += 1;
    return {
      index,
      children: [2 * k + 1, 2 * k + 2],
      item: INNER,
      feature: feature[k] as number,
      mean: (codes[k] as Float64Array).map((code) => code * (scale[k] as number)),
      codes: codes[k] as Float64Array,
    };
  });
  const ids = [...new BigInt64Array(tensor('items.ids').bytes.slice().buffer)];
  return { dim, dtype, ids, embeddings, nodes };
}

function rowsOf(numbers: Float64Array, dim: number): Float64Array[] {
  return Array.from({ length: numbers.length / dim }, (_, row) =>
    numbers.slice(row * dim, (row + 1) * dim),
  );
}

/** Items below a node. */
export function itemsBelow(tree: OracleTree, index: number): number[] {
  const { children, item } = tree.nodes[index] as OracleNode;
  return children === undefined ? [item] : children.flatMap((child) => itemsBelow(tree, child));
}

/** Nodes of every level, the root first. */
export function levelsOf(tree: OracleTree): OracleNode[][] {
  const levels: OracleNode[][] = [];
  let level = tree.nodes.slice(0, 1);
  while (level.length > 0) {
    levels.push(level);
    level = level.flatMap(({ children }) =>
      (children ?? []).map((child) => tree.nodes[child] as OracleNode),
    );
  }
  return levels;
}

export interface BeamQuery {
  readonly beam: number;
  readonly n: number;
  readonly startLevel?: number;
  readonly admits?: (item: number) => boolean;
}

export interface ScoredItem {
  readonly item: number;
  readonly logit: number;
}

interface ScoredNode {
  readonly node: OracleNode;
  readonly logit: number;
}

const better = (a: ScoredNode, b: ScoredNode) => b.logit - a.logit || a.node.index - b.node.index;

/** The best n leaves that a beam leads to. */
export function beamSearch(
  tree: OracleTree,
  score: (node: OracleNode) => number,
  { beam, n, startLevel, admits = () => true }: BeamQuery,
): ScoredItem[] {
  const admitted = (node: OracleNode) => itemsBelow(tree, node.index).some(admits);
  const childrenOf = (nodes: readonly OracleNode[]) =>
    nodes
      .flatMap(({ children }) => children ?? [])
      .map((child) => tree.nodes[child] as OracleNode)
      .filter(admitted);
  const scored = (node: OracleNode): ScoredNode => ({ node, logit: score(node) });
  const isLeaf = ({ children }: OracleNode) => children === undefined;

  let level = tree.nodes.slice(0, 1).filter(admitted);
  const pool: OracleNode[] = [];
  const starts = (depth: number) =>
    startLevel === undefined ? level.length > beam : depth >= startLevel;
  for (let depth = 0; level.length > 0 && !starts(depth); depth += 1) {
    pool.push(...level.filter(isLeaf));
    level = childrenOf(level);
  }
  while (level.length > 0) {
    pool.push(...level.filter(isLeaf));
    const kept = level
      .filter((node) => !isLeaf(node))
      .map(scored)
      .sort(better)
      .slice(0, beam);
    level = childrenOf(kept.map(({ node }) => node));
  }
  return pool
    .map(scored)
    .sort(better)
    .slice(0, n)
    .map(({ node, logit }) => ({ item: node.item, logit }));
}
