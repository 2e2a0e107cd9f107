/** Where the embeddings lie in a file: reads the header, never the values. */

import { DTYPE_CODES } from '../binding/contract/codes.js';
import type { FileRegion } from '../binding/contract/native-table.js';
import { codedError, mustBe, reading, shown } from '../support/errors.js';
import { MAX_COUNT, MAX_DIM } from '../support/limits.js';
import type { OpenedFile } from '../support/opened-file.js';
import { knownOptions, optionNames } from '../support/options.js';
import { DTYPE_OF_ELEMENT, type Dtype, dtypesOfBits, unsaid } from './dtypes.js';
import type { Tensor } from './safetensors.js';
import { readTensorHeader } from './tensor-file.js';

/** Names of the tensors to read. */
export interface TensorNames {
  readonly values?: string | undefined;
  readonly ids?: string | undefined;
}

export interface LocatedEmbeddings {
  readonly values: FileRegion & { rows: number; dim: number; dtype: number };
  readonly ids: FileRegion | undefined;
}

/** Tensors of a .safetensors file by name. */
type Tensors = ReadonlyMap<string, Tensor>;

const TENSOR_NAMES = optionNames('names', ['values', 'ids']);

/** Pairs that are looked for when no names are given. */
const USUAL_NAMES = [
  { values: 'values', ids: 'ids' },
  { values: 'scl_embedding_table.values', ids: 'scl_embedding_table.keys' },
] as const;

export async function locateEmbeddings(
  file: OpenedFile,
  names: TensorNames | undefined,
  dtype: Dtype | undefined,
): Promise<LocatedEmbeddings> {
  const header = await readTensorHeader(file);
  const { path } = file;
  const chosen =
    'shape' in header ? onlyArray(path, header, names) : choose(path, header.tensors, names);
  const values = valuesRegion(file, chosen.values, dtype);
  return { values, ids: chosen.ids && idsRegion(file, chosen.ids, values.rows) };
}

/** The names that were given, each read once. */
export function knownNames(given: TensorNames): TensorNames {
  const names = reading(TENSOR_NAMES.what, () => {
    const { values, ids } = knownOptions(given, TENSOR_NAMES);
    return { values, ids };
  });
  for (const [key, name] of Object.entries(names)) {
    if (name !== undefined && typeof name !== 'string') {
      throw mustBe('ERR_KLEIO_ARGUMENT', `names.${key}`, 'the name of a tensor', name);
    }
  }
  return names;
}

interface Chosen {
  readonly values: Tensor;
  readonly ids: Tensor | undefined;
}

function onlyArray(path: string, array: Tensor, names: TensorNames | undefined): Chosen {
  if (names === undefined) return { values: array, ids: undefined };
  throw codedError('ERR_KLEIO_ARGUMENT', `names: ${path} is a .npy file, its array has no name`);
}

function choose(path: string, tensors: Tensors, names: TensorNames | undefined): Chosen {
  if (names?.values !== undefined) {
    const ids = names.ids === undefined ? undefined : namedTensor(path, tensors, names.ids);
    return { values: namedTensor(path, tensors, names.values), ids };
  }
  if (names?.ids !== undefined) {
    const ids = namedTensor(path, tensors, names.ids);
    return { values: choose(path, tensors, undefined).values, ids };
  }
  for (const usual of USUAL_NAMES) {
    const values = tensors.get(usual.values);
    if (values !== undefined) return { values, ids: tensors.get(usual.ids) };
  }
  const matrices = [...tensors.values()].filter(({ shape }) => shape.length === 2);
  if (matrices.length === 1) return { values: matrices[0]!, ids: tensors.get('ids') };
  throw codedError(
    'ERR_KLEIO_FORMAT',
    `${path}: which tensor holds the embeddings? Give names: { values, ids }. There are ${listed(tensors)}`,
  );
}

function namedTensor(path: string, tensors: Tensors, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor !== undefined) return tensor;
  throw codedError(
    'ERR_KLEIO_FORMAT',
    `${path}: has no tensor ${shown(name)}. There are ${listed(tensors)}`,
  );
}

const LISTED_TENSORS = 20;

function listed(tensors: Tensors): string {
  const all = [...tensors].map(([name, { element, shape }]) => {
    return `${shown(name)} ${element} [${shape.join(', ')}]`;
  });
  if (all.length === 0) return 'none';
  const rest = all.length - LISTED_TENSORS;
  return all.slice(0, LISTED_TENSORS).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

function valuesRegion(
  file: OpenedFile,
  tensor: Tensor,
  said: Dtype | undefined,
): LocatedEmbeddings['values'] {
  const { path } = file;
  const { name, shape } = tensor;
  const [rows, dim] = shape;
  if (shape.length !== 2 || rows === undefined || dim === undefined) {
    throw codedError(
      'ERR_KLEIO_FORMAT',
      `${path}: ${name} must be two-dimensional; got [${shape.join(', ')}]`,
    );
  }
  if (dim < 1 || dim > MAX_DIM || rows > MAX_COUNT) {
    throw codedError(
      'ERR_KLEIO_RANGE',
      `${path}: ${name} must have at most ${MAX_COUNT} rows and a dim from 1 to ${MAX_DIM}; got [${rows}, ${dim}]`,
    );
  }
  const dtype = tensorDtype(path, tensor, said);
  return { file, offset: tensor.offset, rows, dim, dtype: DTYPE_CODES[dtype] };
}

function tensorDtype(path: string, tensor: Tensor, said: Dtype | undefined): Dtype {
  const { name, element } = tensor;
  const possible = dtypesOfBits(element);
  if (possible.length > 0) {
    if (said !== undefined && possible.includes(said)) return said;
    throw unsaid(`${path}: ${name} is ${element}`, possible);
  }
  const dtype = DTYPE_OF_ELEMENT.get(element);
  if (dtype === undefined) {
    const readable = [...DTYPE_OF_ELEMENT.keys()].join(', ');
    throw codedError(
      'ERR_KLEIO_DTYPE',
      `${path}: ${name} must be one of ${readable}; got ${element}`,
    );
  }
  if (said !== undefined && said !== dtype) {
    throw codedError('ERR_KLEIO_DTYPE', `${path}: ${name} is ${dtype}, not the ${said} asked for`);
  }
  return dtype;
}

function idsRegion(file: OpenedFile, tensor: Tensor, rows: number): FileRegion {
  const { path } = file;
  const { name, element, shape } = tensor;
  if (element !== 'I64') {
    throw codedError('ERR_KLEIO_DTYPE', `${path}: ${name} must be I64; got ${element}`);
  }
  if (shape.length !== 1 || shape[0] !== rows) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `${path}: ${name} must have the shape [${rows}], an id for each row; got [${shape.join(', ')}]`,
    );
  }
  return { file, offset: tensor.offset };
}
