/** The shape of a saved tree: which items lie below which inner node, for those who make node embeddings. */

import { resolve } from 'node:path';

import { readingFiles } from '../../lib/support/opened-file.js';
import { locateTree } from '../../lib/trees/tree-file.js';

const INNER = -1;

export class TreeShape {
  readonly inner: number;
  readonly #item: Int32Array;

  private constructor(item: Int32Array) {
    this.#item = item;
    this.inner = item.filter((value) => value === INNER).length;
  }

  /** @param path a tree as it was built: inner nodes are numbered breadth first. */
  static async of(path: string): Promise<TreeShape> {
    return readingFiles(async (files) => {
      const file = files.open(resolve(path));
      const { nodeItem, nodes } = await locateTree(file);
      const { buffer } = await file.read(nodeItem, nodes * Int32Array.BYTES_PER_ELEMENT);
      return new TreeShape(new Int32Array(buffer));
    });
  }

  /** [inner + 1, width]: the mean of the items' embeddings below each inner node; row 0 is zero. */
  nodeMeans(embeddings: Float32Array, width: number): Float32Array {
    const nodes = this.#item.length;
    const sums = new Float64Array(nodes * width);
    const counts = new Float64Array(nodes);
    const numberOf = new Int32Array(nodes).fill(INNER);
    let inner = 0;
    for (let node = 0; node < nodes; ++node) {
      if (this.#item[node] === INNER) numberOf[node] = inner++;
    }
    // Children lie behind their parents.
    for (let node = nodes - 1; node >= 0; --node) {
      const item = this.#item[node]!;
      if (item !== INNER) {
        counts[node] = 1;
        for (let d = 0; d < width; ++d)
          sums[node * width + d] = embeddings[(item + 1) * width + d]!;
      }
      if (node === 0) break;
      const parent = this.#parentOf(node, numberOf);
      counts[parent]! += counts[node]!;
      for (let d = 0; d < width; ++d) sums[parent * width + d]! += sums[node * width + d]!;
    }
    const means = new Float32Array((inner + 1) * width);
    for (let node = 0; node < nodes; ++node) {
      const number = numberOf[node]!;
      if (number === INNER) continue;
      for (let d = 0; d < width; ++d) {
        means[(number + 1) * width + d] = sums[node * width + d]! / counts[node]!;
      }
    }
    return means;
  }

  #nodeOfInner: Int32Array | undefined;

  /** The k-th inner node has the children 2k + 1 and 2k + 2. */
  #parentOf(node: number, numberOf: Int32Array): number {
    if (this.#nodeOfInner === undefined) {
      this.#nodeOfInner = new Int32Array(this.inner);
      numberOf.forEach((number, at) => {
        if (number !== INNER) this.#nodeOfInner![number] = at;
      });
    }
    return this.#nodeOfInner[(node - 1) >> 1]!;
  }
}
