/** The shape of a saved tree: which items lie below which inner node, for those who make node embeddings. */

import { closeSync, openSync, readSync } from 'node:fs';

interface HeaderEntry {
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const INNER = -1;

export class TreeShape {
  readonly inner: number;
  readonly #item: Int32Array;

  /** @param path a tree as it was built: inner nodes are numbered breadth first. */
  constructor(path: string) {
    const file = openSync(path, 'r');
    try {
      const length = Buffer.alloc(8);
      readSync(file, length, 0, 8, 0);
      const header = Buffer.alloc(Number(length.readBigUInt64LE()));
      readSync(file, header, 0, header.length, 8);
      const entries = JSON.parse(header.toString()) as Record<string, HeaderEntry>;
      const { shape, data_offsets: offsets } = entries['nodes.item']!;
      this.#item = new Int32Array(shape[0]!);
      readSync(file, this.#item, 0, this.#item.byteLength, 8 + header.length + offsets[0]);
    } finally {
      closeSync(file);
    }
    this.inner = this.#item.filter((item) => item === INNER).length;
  }

  /** [inner + 1, width]: the mean of the items' embeddings below each inner node; row 0 is zero. */
  nodeMeans(embeddings: Float32Array, width: number): Float32Array {
    const places = this.#item.length;
    const sums = new Float64Array(places * width);
    const counts = new Float64Array(places);
    const numberOf = new Int32Array(places).fill(INNER);
    let inner = 0;
    for (let place = 0; place < places; ++place) {
      if (this.#item[place] === INNER) numberOf[place] = inner++;
    }
    // Children lie behind their parents.
    for (let place = places - 1; place >= 0; --place) {
      const item = this.#item[place]!;
      if (item !== INNER) {
        counts[place] = 1;
        for (let d = 0; d < width; ++d)
          sums[place * width + d] = embeddings[(item + 1) * width + d]!;
      }
      if (place === 0) break;
      const parent = this.#parentOf(place, numberOf);
      counts[parent]! += counts[place]!;
      for (let d = 0; d < width; ++d) sums[parent * width + d]! += sums[place * width + d]!;
    }
    const means = new Float32Array((inner + 1) * width);
    for (let place = 0; place < places; ++place) {
      const number = numberOf[place]!;
      if (number === INNER) continue;
      for (let d = 0; d < width; ++d) {
        means[(number + 1) * width + d] = sums[place * width + d]! / counts[place]!;
      }
    }
    return means;
  }

  #placeOfInner: Int32Array | undefined;

  /** The k-th inner node has the children 2k + 1 and 2k + 2. */
  #parentOf(place: number, numberOf: Int32Array): number {
    if (this.#placeOfInner === undefined) {
      this.#placeOfInner = new Int32Array(this.inner);
      numberOf.forEach((number, at) => {
        if (number !== INNER) this.#placeOfInner![number] = at;
      });
    }
    return this.#placeOfInner[(place - 1) >> 1]!;
  }
}
