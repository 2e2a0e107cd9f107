/**
 * Finds, loads and sets up the binary, once per environment and not before it is needed: importing the
 * package never fails, and `inspect()` can say why each candidate was refused.
 */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { codedError, KleioError, type KleioErrorCode, shown } from '../support/errors.js';
import {
  MAX_COALESCING_MICROSECONDS,
  MAX_MEBIBYTES,
  MAX_NICENESS,
  MAX_ONE_LAUNCH,
  MAX_QUEUE,
  MAX_THREADS,
} from '../support/limits.js';
import { APPEND_CODES, CANDIDATE_SEARCH_CODES, SELECT_WIDTH_CODES } from './contract/codes.js';
import type { NativeBinding } from './contract/native-binding.js';
import { keepFloatState } from './other-addons.js';

const ROOT = join(__dirname, '..', '..');

/**
 * Where searches keep every core busy, the event loop is served first: on two cores its lag at the 99th
 * percentile was 0.7 ms with this and 2.7 ms without.
 */
const DEFAULT_NICENESS = 10;

const NO_FILE = 'no such file';

/** A location of the binary, and what became of it. */
export interface BinaryCandidate {
  readonly path: string;
  /** Why this location is looked at. */
  readonly origin: string;
  readonly state: 'loaded' | 'refused' | 'not tried';
  /** Why it was refused, in the words of who refused it. */
  readonly reason?: string;
}

interface Location {
  readonly path: string;
  readonly origin: string;
}

interface Loading {
  readonly candidates: readonly BinaryCandidate[];
  readonly binding?: NativeBinding;
  readonly failure?: Error;
}

let loading: Loading | undefined;

/** Read by `require`, so that a bundler that packs this code packs the version with it. */
export const PACKAGE_VERSION = (require('../../package.json') as { version: string }).version;

/** The binary, loaded and set up. Throws ERR_KLEIO_BINARY with what to do about it. */
export function binding(): NativeBinding {
  loading ??= load();
  if (loading.binding !== undefined) return loading.binding;
  throw loading.failure;
}

/** Every location that was looked at. Loads the binary if that has not happened. */
export function binaryCandidates(): readonly BinaryCandidate[] {
  loading ??= load();
  return loading.candidates;
}

function load(): Loading {
  const candidates: BinaryCandidate[] = [];
  let result: Omit<Loading, 'candidates'> | undefined;
  for (const location of locations()) {
    if (result !== undefined) {
      candidates.push({ ...location, state: 'not tried' });
      continue;
    }
    try {
      result = { binding: loadFrom(location.path) };
      candidates.push({ ...location, state: 'loaded' });
    } catch (error) {
      const failure = error as Error & { code?: unknown };
      candidates.push({ ...location, state: 'refused', reason: failure.message });
      // A wrong setting is wrong for every binary.
      if (String(failure.code).startsWith('ERR_KLEIO_')) result = { failure };
    }
  }
  return { candidates, ...(result ?? { failure: noBinary(candidates) }) };
}

function locations(): Location[] {
  const forced = process.env.KLEIO_BINARY;
  if (forced) return [{ path: forced, origin: 'KLEIO_BINARY' }];
  const found = builtHere();
  if (existsSync(join(ROOT, 'binding.gyp'))) {
    found.push({ path: join(ROOT, 'build', 'Debug', 'kleio.node'), origin: 'debug build' });
  }
  // Before the one that every installation has: whoever installed it wants it, and it does all the same.
  found.push(...cudaPackage());
  const tuple = `${process.platform}-${process.arch}`;
  found.push({
    path: join(ROOT, 'prebuilds', tuple, 'kleio.node'),
    origin: `prebuilt for ${tuple}`,
  });
  return found;
}

/** The last one built comes first: an older one may be of other sources. */
function builtHere(): Location[] {
  const locations: Location[] = [
    {
      path: join(ROOT, 'build-cuda', 'Release', 'kleio.node'),
      origin: 'built on this machine with CUDA',
    },
    { path: join(ROOT, 'build', 'Release', 'kleio.node'), origin: 'built on this machine' },
  ];
  const builtAt = ({ path }: Location) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return locations.sort((a, b) => builtAt(b) - builtAt(a));
}

/** The binary of the package `@kleio/cuda-<platform>-<arch>`, where somebody has installed it. */
function cudaPackage(): Location[] {
  const name = `@kleio/cuda-${process.platform}-${process.arch}`;
  const origin = `installed package ${name}`;
  try {
    return [{ path: require.resolve(`${name}/kleio.node`), origin }];
  } catch {
    return [];
  }
}

function loadFrom(path: string): NativeBinding {
  if (!existsSync(path)) throw new Error(NO_FILE);
  // Not `require`, which would run a file of another kind as a script.
  const loaded = { exports: {} as Partial<NativeBinding> };
  process.dlopen(loaded, path);
  const found = loaded.exports;
  if (typeof found.initialise !== 'function' || typeof found.describe !== 'function') {
    throw new Error('is not a binary of kleio');
  }
  const native = found as NativeBinding;
  setUp(native);
  const { version } = native.describe();
  if (version === PACKAGE_VERSION) {
    keepFloatState(native);
    return native;
  }
  throw new Error(`is of version ${version}, this package is of version ${PACKAGE_VERSION}`);
}

function setUp(native: NativeBinding): void {
  native.initialise({
    makeError: (code, message) => codedError(code as KleioErrorCode, message),
    isa: process.env.KLEIO_ISA ?? '',
    threads: environmentInteger('KLEIO_THREADS', 1, MAX_THREADS, 0),
    queueCapacity: environmentInteger('KLEIO_QUEUE', 1, MAX_QUEUE, 0),
    deviceHistoryBytes:
      environmentInteger('KLEIO_DEVICE_HISTORY_MIB', 1, MAX_MEBIBYTES, 0) * 2 ** 20,
    deviceGraphs: environmentInteger('KLEIO_CUDA_GRAPHS', 0, 1, 1) === 1,
    deviceSearch: environmentWord('KLEIO_DEVICE_SEARCH', CANDIDATE_SEARCH_CODES, 'blocks'),
    deviceAppend: environmentWord('KLEIO_CUDA_APPEND', APPEND_CODES, 'mma'),
    deviceOneLaunchTargets: environmentInteger('KLEIO_CUDA_ONE_LAUNCH', 0, MAX_ONE_LAUNCH, 1),
    deviceSelect: environmentWord('KLEIO_CUDA_SELECT', SELECT_WIDTH_CODES, 'block'),
    niceness: environmentInteger('KLEIO_NICE', 0, MAX_NICENESS, DEFAULT_NICENESS),
    coalescingMicroseconds: environmentInteger('KLEIO_COALESCE', 0, MAX_COALESCING_MICROSECONDS, 0),
  });
}

/** The code of the word that the environment says. */
function environmentWord<Word extends string>(
  name: string,
  codes: Readonly<Record<Word, number>>,
  otherwise: Word,
): number {
  const text = process.env[name];
  if (text === undefined || text === '') return codes[otherwise];
  if (Object.hasOwn(codes, text)) return codes[text as Word];
  const words = Object.keys(codes).join(', ');
  throw codedError('ERR_KLEIO_RANGE', `${name} must be one of ${words}; got ${shown(text)}`);
}

function environmentInteger(
  name: string,
  lowest: number,
  highest: number,
  otherwise: number,
): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw codedError(
    'ERR_KLEIO_RANGE',
    `${name} must be an integer from ${lowest} to ${highest}; got ${shown(text)}`,
  );
}

function noBinary(candidates: readonly BinaryCandidate[]): KleioError {
  const tried = candidates.map(({ path, reason }) => `  - ${path}: ${reason}`);
  return new KleioError(
    'ERR_KLEIO_BINARY',
    [
      `no binary could be loaded on ${process.platform}-${process.arch}, Node.js ${process.version}. Looked at:`,
      ...tried,
      'What to do:',
      ...adviceFor(candidates).map((line) => `  - ${line}`),
    ].join('\n'),
  );
}

function adviceFor(candidates: readonly BinaryCandidate[]): string[] {
  if (process.env.KLEIO_BINARY) return ['unset KLEIO_BINARY, or let it name a kleio.node file'];
  if (existsSync(join(ROOT, 'binding.gyp'))) return ['run: npm ci && npm run build'];
  const missing = candidates.every(({ reason }) => reason === NO_FILE);
  if (missing && !existsSync(join(ROOT, 'prebuilds'))) {
    return [
      'if a bundler packed this code, mark the package "kleio" as external',
      'otherwise reinstall it: npm install kleio',
    ];
  }
  return ['build the binary on this machine: docs/building.md in this package says how'];
}
