/** Where the embeddings lie in a file: reads the header, never the values. */

import { DTYPE_CODES } from '../binding/contract/codes.js';
import type { FileRegion } from '../binding/contract/native-table.js';
import { codedError, mustBe, reading, shown } from '../support/errors.js';
import { MAX_COUNT, MAX_DIM } from '../support/limits.js';
import type { OpenedFile, OpenedFiles } from '../support/opened-file.js';
import { knownOptions, optionNames } from '../support/options.js';
import { absolutePath, isUrl } from '../support/paths.js';
import {
  DTYPE_OF_ELEMENT,
  type Dtype,
  dtypesOfBits,
  ID_ELEMENTS,
  isIdElement,
  unsaid,
} from './dtypes.js';
import { nameInFile, type PlacedTensor, readTensors } from './placed-tensors.js';
import { type Tensor, wrongElement } from './safetensors.js';
import { readIdsHeader } from './tensor-file.js';
import { bitsIn, shownShape } from './tensor-shape.js';
import { copyOf, lengthOf, requireAttached, requireLength, tagOf } from './views.js';

/** Names of the tensors to read. */
export interface TensorNames {
  readonly values?: string | undefined;
  /** `null`: rows have no ids, whatever else the file holds. */
  readonly ids?: string | null | undefined;
}

/** What the caller says of a file of embeddings. */
export interface EmbeddingsSaid {
  readonly names: TensorNames | undefined;
  /** Ids that come from elsewhere: of a .npy file, or from memory. */
  readonly ids: OpenedFile | BigInt64Array | undefined;
  readonly dtype: Dtype | undefined;
}

export interface LocatedEmbeddings {
  readonly values: FileRegion & { rows: number; dim: number; dtype: number };
  readonly ids: FileRegion | BigInt64Array | undefined;
}

/** Tensors of a .safetensors file by name. */
type Tensors = ReadonlyMap<string, PlacedTensor>;

const TENSOR_NAMES = optionNames('names', ['values', 'ids']);

/** Pairs that are looked for when no names are given. */
const USUAL_NAMES = [
  { values: 'values', ids: 'ids' },
  { values: 'scl_embedding_table.values', ids: 'scl_embedding_table.keys' },
] as const;

export async function locateEmbeddings(
  file: OpenedFile,
  files: OpenedFiles,
  { names, ids, dtype }: EmbeddingsSaid,
): Promise<LocatedEmbeddings> {
  const found = await readTensors(file, files);
  const { path } = file;
  // Ids that come from elsewhere leave those of the file aside, whichever they are.
  const asked = ids === undefined ? names : { ...names, ids: null };
  const chosen =
    'shape' in found ? onlyArray(path, found, names) : choose(path, found.tensors, asked);
  const values = valuesRegion(chosen.values, dtype);
  if (ids === undefined) {
    return { values, ids: chosen.ids && idsRegion(chosen.ids, values.rows) };
  }
  if (tagOf(ids) === 'BigInt64Array') {
    requireLength('ids', lengthOf(ids as BigInt64Array), values.rows, 'row');
    return { values, ids: ids as BigInt64Array };
  }
  const beside = ids as OpenedFile;
  return {
    values,
    ids: idsRegion({ ...(await readIdsHeader(beside)), file: beside }, values.rows),
  };
}

/** The names that were given, each read once. */
export function knownNames(given: TensorNames): TensorNames {
  const names = reading(TENSOR_NAMES.what, () => {
    const { values, ids } = knownOptions(given, TENSOR_NAMES);
    return { values, ids };
  });
  for (const [key, name] of Object.entries(names)) {
    if (name === undefined || (name === null && key === 'ids')) continue;
    if (typeof name !== 'string') {
      throw mustBe('ERR_KLEIO_ARGUMENT', `names.${key}`, 'the name of a tensor', name);
    }
  }
  return names;
}

/** Where ids from elsewhere come from, as of now: the absolute path of a file, or a copy. */
export function idSource(
  given: string | URL | BigInt64Array,
  names: TensorNames | undefined,
): string | BigInt64Array {
  if (names?.ids !== undefined) {
    throw codedError(
      'ERR_KLEIO_ARGUMENT',
      'ids and names.ids both say what the ids of the rows are; give one of them',
    );
  }
  if (typeof given === 'string' || isUrl(given)) return absolutePath(given, 'ids');
  if (tagOf(given) !== 'BigInt64Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'ids', 'a path, a file: URL or a BigInt64Array', given);
  }
  requireAttached('ids', given);
  return copyOf(given);
}

interface Chosen {
  readonly values: PlacedTensor;
  readonly ids: PlacedTensor | undefined;
}

function onlyArray(path: string, array: PlacedTensor, names: TensorNames | undefined): Chosen {
  if (names === undefined) return { values: array, ids: undefined };
  throw codedError('ERR_KLEIO_ARGUMENT', `names: ${path} is a .npy file, its array has no name`);
}

function choose(path: string, tensors: Tensors, names: TensorNames | undefined): Chosen {
  const { values: named, ids: namedIds } = names ?? {};
  const values =
    named === undefined ? onlyMatrix(path, tensors) : namedTensor(path, tensors, named);
  if (namedIds === null) return { values, ids: undefined };
  if (namedIds !== undefined) return { values, ids: namedTensor(path, tensors, namedIds) };
  return { values, ids: idsBeside(path, tensors, values) };
}

function onlyMatrix(path: string, tensors: Tensors): PlacedTensor {
  for (const usual of USUAL_NAMES) {
    const values = tensors.get(usual.values);
    if (values !== undefined) return values;
  }
  const matrices = [...tensors.values()].filter(({ shape }) => shape.length === 2);
  // Ids may be a matrix of one column.
  const possible = matrices.filter(({ element }) => canHoldEmbeddings(element));
  const only = possible.length > 0 ? possible : matrices;
  if (only.length === 1) return only[0]!;
  throw codedError(
    'ERR_KLEIO_FORMAT',
    `${path}: which tensor holds the embeddings? Give names: { values, ids }. There are ${listed(tensors)}`,
  );
}

function canHoldEmbeddings(element: string): boolean {
  return DTYPE_OF_ELEMENT.has(element) || dtypesOfBits(element).length > 0;
}

function namedTensor(path: string, tensors: Tensors, name: string): PlacedTensor {
  const tensor = tensors.get(name);
  if (tensor !== undefined) return tensor;
  throw codedError(
    'ERR_KLEIO_FORMAT',
    `${path}: has no tensor ${shown(name)}. There are ${listed(tensors)}`,
  );
}

/**
 * The ids that nobody named: the partner of usual values, or else the one tensor that is called what ids
 * are called. Integers, one a row, under other names might be ids or not: they are asked about, never left out.
 */
function idsBeside(path: string, tensors: Tensors, values: PlacedTensor): PlacedTensor | undefined {
  for (const usual of USUAL_NAMES) {
    if (tensors.get(usual.values) === values && tensors.has(usual.ids))
      return tensors.get(usual.ids);
  }
  const rows = values.shape[0];
  const others = [...tensors].filter(([, tensor]) => tensor !== values);
  // Integers called so are ids in whatever shape: in a wrong one they are refused, not left out.
  const called = others.filter(
    ([name, tensor]) => isNameOfIds(name) && (isVector(tensor) || isOfIntegers(tensor)),
  );
  if (called.length === 1) return called[0]![1];
  const possible = others.filter(
    ([, tensor]) => isVector(tensor) && isOfIntegers(tensor) && elementsOf(tensor) === rows,
  );
  if (called.length === 0 && possible.length === 0) return undefined;
  throw codedError(
    'ERR_KLEIO_FORMAT',
    `${path}: which tensor holds the ids of the ${rows} rows? Give names: { ids }, null for none.` +
      ` There are ${listed(new Map([...called, ...possible]))}`,
  );
}

/** One dimension, one column or one row: the same bytes. */
function isVector({ shape }: Tensor): boolean {
  return shape.length === 1 || (shape.length === 2 && shape.includes(1));
}

const isOfIntegers = ({ element }: Tensor) => /^[IU](?:8|16|32|64)$/.test(element);

const elementsOf = ({ shape }: Tensor) => bitsIn(shape, 1);

/** `ids`, `item_ids`, `itemId`, `items.id`, `table.keys` and the like. */
function isNameOfIds(name: string): boolean {
  const plain = name
    .slice(-32)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  return /(?:^|item|items|table)(?:ids?|keys)$/.test(plain);
}

/** Of a list in an error text. */
const LISTED_CHARACTERS = 200;

function listed(tensors: Tensors): string {
  let list = '';
  let count = 0;
  for (const { name, element, shape } of tensors.values()) {
    const next = `${name} ${element.slice(0, 16)} ${shownShape(shape)}`;
    if (count > 0 && list.length + next.length > LISTED_CHARACTERS) break;
    list += count === 0 ? next : `; ${next}`;
    count += 1;
  }
  if (count === 0) return 'none';
  return count === tensors.size ? list : `${list}; and ${tensors.size - count} more`;
}

function valuesRegion(tensor: PlacedTensor, said: Dtype | undefined): LocatedEmbeddings['values'] {
  const { shape, file, offset } = tensor;
  const [rows, dim] = shape;
  const name = nameInFile(tensor);
  if (shape.length !== 2 || rows === undefined || dim === undefined) {
    throw codedError(
      'ERR_KLEIO_FORMAT',
      `${name} must be two-dimensional; got ${shownShape(shape)}`,
    );
  }
  if (dim < 1 || dim > MAX_DIM || rows > MAX_COUNT) {
    throw codedError(
      'ERR_KLEIO_RANGE',
      `${name} must have at most ${MAX_COUNT} rows and a dim from 1 to ${MAX_DIM}; got [${rows}, ${dim}]`,
    );
  }
  const dtype = tensorDtype(name, tensor.element, said);
  return { file, offset, name, rows, dim, dtype: DTYPE_CODES[dtype] };
}

function tensorDtype(name: string, element: string, said: Dtype | undefined): Dtype {
  const possible = dtypesOfBits(element);
  if (possible.length > 0) {
    if (said !== undefined && possible.includes(said)) return said;
    throw unsaid(`${name} is ${element}`, possible);
  }
  const dtype = DTYPE_OF_ELEMENT.get(element);
  if (dtype === undefined) {
    throw wrongElement({ name, element }, `one of ${[...DTYPE_OF_ELEMENT.keys()].join(', ')}`);
  }
  if (said !== undefined && said !== dtype) {
    throw codedError('ERR_KLEIO_DTYPE', `${name} is ${dtype}, not the ${said} asked for`);
  }
  return dtype;
}

function idsRegion(tensor: PlacedTensor, rows: number): FileRegion {
  const { element, shape, file, offset } = tensor;
  const name = nameInFile(tensor);
  if (!isIdElement(element)) throw wrongElement({ name, element }, ID_ELEMENTS);
  if (!isVector(tensor) || elementsOf(tensor) !== rows) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `${name} must have the shape [${rows}], an id for each row; got ${shownShape(shape)}`,
    );
  }
  return { file, offset, name };
}
