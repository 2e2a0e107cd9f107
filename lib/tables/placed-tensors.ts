/** Tensors and the files they lie in: one file, or the shards that an index names. */

import { shown } from '../support/errors.js';
import type { OpenedFile, OpenedFiles } from '../support/opened-file.js';
import type { Tensor } from './safetensors.js';
import { parseShardIndex, requireIndexSize } from './shard-index.js';
import { isIndexOfShards, readTensorHeader } from './tensor-file.js';
import { malformed } from './tensor-shape.js';

export interface PlacedTensor extends Tensor {
  readonly file: OpenedFile;
}

/** For error texts. */
export function nameInFile({ file, name }: PlacedTensor): string {
  return `${file.path}: ${name}`;
}

export interface PlacedTensors {
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Of a .safetensors file or of an index of such files, which are opened beside it; or the one array of a .npy file. */
export async function readTensors(
  file: OpenedFile,
  files: OpenedFiles,
): Promise<PlacedTensors | PlacedTensor> {
  if (await isIndexOfShards(file)) return readShards(file, files);
  const header = await readTensorHeader(file);
  if ('shape' in header) return { ...header, file };
  const tensors = new Map<string, PlacedTensor>();
  for (const [name, tensor] of header.tensors) tensors.set(name, { ...tensor, file });
  return { tensors, metadata: header.metadata };
}

/** Each shard is opened once, all of them before any is read. Tensors that the index does not name are not there. */
async function readShards(index: OpenedFile, files: OpenedFiles): Promise<PlacedTensors> {
  const { path, size } = index;
  requireIndexSize(path, size);
  const { shardOf, metadata } = await parseShardIndex(path, await index.read(0, size));
  const tensors = new Map<string, PlacedTensor>();
  const settings = new Map(Object.entries(metadata));
  const shards = namesByShard(shardOf);
  const opened = files.openBeside(index, [...shards.keys()]);
  for (const [at, names] of [...shards.values()].entries()) {
    const file = opened[at]!;
    const header = await readTensorHeader(file);
    if ('shape' in header) throw malformed(file.path, 'is a .npy file, not a .safetensors shard');
    for (const name of names) {
      const tensor = header.tensors.get(name);
      if (tensor === undefined) {
        throw malformed(
          file.path,
          `has no tensor ${shown(name)}, which ${shown(path)} says is in it`,
        );
      }
      tensors.set(name, { ...tensor, file });
    }
    takeSettings(settings, header.metadata, file.path);
  }
  return { tensors, metadata: Object.fromEntries(settings) };
}

function namesByShard(shardOf: ReadonlyMap<string, string>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [name, shard] of shardOf) {
    const others = names.get(shard);
    if (others === undefined) names.set(shard, [name]);
    else others.push(name);
  }
  return names;
}

/** What the index and its shards say about the model must be one thing. */
function takeSettings(
  settings: Map<string, string>,
  metadata: Readonly<Record<string, string>>,
  path: string,
): void {
  for (const [key, value] of Object.entries(metadata)) {
    const said = settings.get(key) ?? value;
    if (said !== value) {
      throw malformed(
        path,
        `its metadata ${shown(key)} is ${shown(value)}, the index or another shard says ${shown(said)}`,
      );
    }
    settings.set(key, value);
  }
}
