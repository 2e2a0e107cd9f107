/**
 * The index of a model in several .safetensors files, as `*.safetensors.index.json` has it: which tensor is in
 * which file.
 */

import { shown } from '../support/errors.js';
import { JsonFault, JsonReader, withoutByteOrderMark } from '../support/json-reader.js';
import { SAVE_ARRAYS } from './foreign-formats.js';
import { MAX_HEADER } from './safetensors.js';
import { malformed } from './tensor-shape.js';
import { Turns } from './turns.js';

export interface ShardIndex {
  /** Name of the file of each tensor, relative to the index: in its folder or below it. */
  readonly shardOf: ReadonlyMap<string, string>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Files that one call may have open. */
const MAX_SHARDS = 1000;

/** Of the name of one: those that are written have about forty, and error texts show it twice. */
const MAX_NAME = 200;

const NO_INDEX = `is JSON, but no index of .safetensors files: it has no weight_map; read it into an array, and ${SAVE_ARRAYS}`;

/** Whether a file that begins so is JSON: the length of a .safetensors header has zeros in its upper half. */
export function isShardIndex(start: Uint8Array): boolean {
  const text = withoutByteOrderMark(start);
  const first = text.find((byte) => byte > 0x20);
  return first === 0x7b && (text.length < 8 || text.subarray(4, 8).every((byte) => byte !== 0));
}

/** Throws ERR_KLEIO_FORMAT. */
export function requireIndexSize(path: string, size: number): void {
  if (size > MAX_HEADER)
    throw malformed(path, `is JSON of ${size} bytes, of at most ${MAX_HEADER}`);
}

/** As a header is read: in linear time, the event loop turning. */
export async function parseShardIndex(path: string, bytes: Uint8Array): Promise<ShardIndex> {
  let shardOf: ReadonlyMap<string, string> | undefined;
  let metadata: Record<string, string> = {};
  try {
    const json = new JsonReader(withoutByteOrderMark(bytes));
    const turns = new Turns();
    for (const key of json.keys()) {
      if (key === 'weight_map') shardOf = await readWeightMap(path, json, turns);
      else if (key === 'metadata' && json.kind() === 'object') {
        metadata = await readMetadata(json, turns);
      } else json.skip();
      if (turns.isDue()) await turns.next();
    }
    // Before what follows is looked at: JSON Lines are several of them.
    if (shardOf === undefined) throw malformed(path, NO_INDEX);
    json.end();
    return { shardOf, metadata };
  } catch (cause) {
    if (!JsonFault.is(cause)) throw cause;
    throw malformed(path, `at byte ${cause.at}: ${cause.message}`, cause);
  }
}

async function readWeightMap(
  path: string,
  json: JsonReader,
  turns: Turns,
): Promise<Map<string, string>> {
  if (json.kind() !== 'object') throw malformed(path, 'its weight_map is not an object');
  const shardOf = new Map<string, string>();
  const shards = new Map<string, string>();
  for (const tensor of json.keys()) {
    const name = json.kind() === 'string' ? json.string() : undefined;
    if (name === undefined || !isBelow(name)) {
      throw malformed(
        path,
        `its weight_map must name a file beside it for tensor ${shown(tensor)}; got ${shown(name)}`,
      );
    }
    // One string a file, however many tensors it has.
    const shard = shards.get(name) ?? name;
    shards.set(shard, shard);
    if (shards.size > MAX_SHARDS) throw malformed(path, `names more than ${MAX_SHARDS} files`);
    shardOf.set(tensor, shard);
    if (turns.isDue()) await turns.next();
  }
  return shardOf;
}

/** Numbers as their digits. What is neither is nothing that a model reads. */
async function readMetadata(json: JsonReader, turns: Turns): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const key of json.keys()) {
    const kind = json.kind();
    if (kind === 'string') entries.push([key, json.string()]);
    else if (kind === 'number') entries.push([key, String(json.number())]);
    else json.skip();
    if (turns.isDue()) await turns.next();
  }
  return Object.fromEntries(entries);
}

/** A relative path that stays in its folder, on every system. */
function isBelow(name: string): boolean {
  if (name.length > MAX_NAME || /[\\:\0]/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
