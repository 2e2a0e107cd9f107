/**
 * What stands beside kleio: the modules of bench/peers. They are not part of this project's packages,
 * so each is loaded when it is asked for, and one that cannot be loaded is reported as absent.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface PeerAnswer {
  /** [count, k] */
  readonly positions: ArrayLike<number | bigint>;
  readonly scores: ArrayLike<number>;
  /** Where a peer answers from another process: its own time, without the way there and back. */
  readonly elapsedMs?: number;
}

export interface OpenPeer {
  search(targets: Float32Array): PeerAnswer | Promise<PeerAnswer>;
  close(): void | Promise<void>;
}

export interface PeerQuestion {
  /** [length, dim], rows of norm 1. */
  readonly history: Float32Array;
  readonly dim: number;
  readonly k: number;
  readonly threads: number;
  readonly seed: number;
}

/** One way of searching, as the modules of bench/peers export a list of. */
export interface SearchPeer {
  readonly name: string;
  /** Whose version the report names; null for none. */
  readonly package: string | null;
  /** Keeps what it finds, which need not be the best: its recall is reported beside its time. */
  readonly approximate?: boolean;
  /** Its scores are of less precision than float32: they say which it kept, and are not looked at. */
  readonly roundedScores?: boolean;
  /** Gets as many targets as it can afford; its time is scaled. */
  readonly slow?: boolean;
  /** Longer histories are not asked of it. */
  readonly mostLength?: number;
  open(question: PeerQuestion): OpenPeer | Promise<OpenPeer>;
}

export interface Absence {
  readonly peer: string;
  readonly reason: string;
}

const PEERS_FOLDER = join(__dirname, '..', 'peers');
/** Not modules of search peers: how they are built, and what they share. */
const OTHERS = new Set(['build.mjs', 'onnx-model.mjs', 'onnxruntime-ranker.mjs']);

export async function searchPeers(
  folder = PEERS_FOLDER,
): Promise<{ peers: SearchPeer[]; absent: Absence[] }> {
  const peers: SearchPeer[] = [];
  const absent: Absence[] = [];
  const modules = readdirSync(folder).filter((name) => name.endsWith('.mjs') && !OTHERS.has(name));
  for (const name of modules.sort()) {
    try {
      peers.push(...(await peerModule<{ default: SearchPeer[] }>(name, folder)).default);
    } catch (error) {
      absent.push({ peer: name.replace('.mjs', ''), reason: firstLine(error) });
    }
  }
  return { peers, absent };
}

export function peerModule<Module>(name: string, folder = PEERS_FOLDER): Promise<Module> {
  return import(pathToFileURL(join(folder, name)).href);
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
