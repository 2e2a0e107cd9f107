/** The header of an index tree's file: what it must hold, and where it lies. */

import { DTYPE_CODES, SPLIT_CODES } from '../binding/contract/codes.js';
import type { NativeTreeFile } from '../binding/contract/native-tree.js';
import { decimalOf } from '../support/decimals.js';
import { codedError, shown } from '../support/errors.js';
import { MAX_DIM } from '../support/limits.js';
import type { OpenedFile } from '../support/opened-file.js';
import { DTYPE_OF_ELEMENT } from '../tables/dtypes.js';
import type { SafetensorsHeader, Tensor } from '../tables/safetensors.js';
import { readTensorHeader } from '../tables/tensor-file.js';
import { shownShape } from '../tables/tensor-shape.js';

const FORMAT = 'kleio index tree';
const VERSION = '1';

/** Throws ERR_KLEIO_FILE, ERR_KLEIO_FORMAT. */
export async function locateTree(file: OpenedFile): Promise<NativeTreeFile> {
  const header = await readTensorHeader(file);
  if ('shape' in header) throw refused(file.path, 'is a .npy file, not an index tree');
  return new TreeHeader(file, header).located();
}

/** Every tensor under these prefixes must be one that a tree reads. */
const PARTS = ['items.', 'nodes.', 'built.'];

class TreeHeader {
  readonly path: string;
  readonly #read = new Set<string>();

  constructor(
    readonly file: OpenedFile,
    readonly header: SafetensorsHeader,
  ) {
    this.path = file.path;
  }

  located(): NativeTreeFile {
    this.#requireVersion();
    const embeddings = this.#tensor('items.embeddings');
    const [items = 0, dim = 0] = embeddings.shape;
    const dtype = DTYPE_OF_ELEMENT.get(embeddings.element);
    if (dtype === undefined || embeddings.shape.length !== 2 || dim < 1 || dim > MAX_DIM) {
      throw refused(this.path, `items.embeddings is ${described(embeddings)}`);
    }
    const inner = Math.max(items - 1, 0);
    const nodes = items + inner;
    const [remembered = 0] = this.#tensor('built.means').shape;
    this.#requireChecksumLast();
    const located = {
      file: this.file,
      dtype: DTYPE_CODES[dtype],
      dim,
      items,
      nodes,
      inner,
      remembered,
      ids: this.#offset('items.ids', 'I64', [items]),
      embeddings: embeddings.offset,
      nodeItem: this.#offset('nodes.item', 'I32', [nodes]),
      nodeScale: this.#offset('nodes.scale', 'F32', [inner]),
      nodeFeature: this.#offset('nodes.feature', 'I32', [inner]),
      nodeEmbeddings: this.#offset('nodes.embeddings', embeddings.element, [inner, dim]),
      builtMeans: this.#offset('built.means', 'F32', [remembered, dim]),
      split: this.#split(),
      seed: this.#count('seed'),
      builtInner: this.#count('built_inner'),
      inserted: this.#count('inserted'),
      removed: this.#count('removed'),
    };
    this.#requireAllRead();
    return located;
  }

  #requireVersion(): void {
    const { format, version } = this.header.metadata;
    if (format !== FORMAT) {
      throw refused(this.path, `is no index tree: metadata.format is ${shown(format)}`);
    }
    if (version !== VERSION) {
      throw refused(
        this.path,
        `is an index tree of version ${shown(version)}; this package reads version ${VERSION}`,
      );
    }
  }

  /** It covers every byte before itself. */
  #requireChecksumLast(): void {
    const offset = this.#offset('checksum', 'I64', [1]);
    if (offset + 8 !== this.file.size) throw refused(this.path, 'checksum is not at the end');
  }

  #tensor(name: string): Tensor {
    const tensor = this.header.tensors.get(name);
    if (tensor !== undefined) {
      this.#read.add(name);
      return tensor;
    }
    throw refused(this.path, `has no tensor ${shown(name)}, which an index tree needs`);
  }

  /** Another one says something about its items or nodes that would be left out. */
  #requireAllRead(): void {
    for (const name of this.header.tensors.keys()) {
      if (this.#read.has(name) || !PARTS.some((part) => name.startsWith(part))) continue;
      throw refused(this.path, `tensor ${shown(name)} belongs to no part of an index tree`);
    }
  }

  #offset(name: string, element: string, shape: readonly number[]): number {
    const tensor = this.#tensor(name);
    if (tensor.element === element && String(tensor.shape) === String(shape)) return tensor.offset;
    throw refused(
      this.path,
      `${name} must be ${element} ${shownShape(shape)}; got ${described(tensor)}`,
    );
  }

  #split(): number {
    const { split } = this.header.metadata;
    if (split === 'balanced' || split === 'plain') return SPLIT_CODES[split];
    throw refused(this.path, `metadata.split is ${shown(split)}`);
  }

  #count(name: string): number {
    const count = decimalOf(this.header.metadata[name]);
    if (Number.isSafeInteger(count) && count >= 0) return count;
    throw refused(this.path, `metadata.${name} is ${shown(this.header.metadata[name])}`);
  }
}

const described = ({ element, shape }: Tensor) => `${element.slice(0, 16)} ${shownShape(shape)}`;

function refused(path: string, what: string): Error {
  return codedError('ERR_KLEIO_FORMAT', `${path}: ${what}`);
}
