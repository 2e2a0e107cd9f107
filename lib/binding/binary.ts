/**
 * Finds, loads and sets up the binary, once per environment and not before it is needed: importing the
 * package never fails, and `inspect()` can say why each candidate was refused. A failure is not kept: its
 * reason may pass, so the next call tries again.
 */

import { isCoded, KleioError, thrownText } from '../support/errors.js';
import { fs } from '../support/node-builtins.js';
import { kindOf } from '../support/opened-file.js';
import type { NativeBinding } from './contract/native-binding.js';
import { adviceFor } from './load-advice.js';
import { locations, NO_FILE } from './locations.js';
import { keepFloatState } from './other-addons.js';
import { setUp } from './settings.js';
import { requireWholeElf } from './whole-elf.js';

/** A location of the binary, and what became of it. */
export interface BinaryCandidate {
  readonly path: string;
  /** Why this location is looked at. */
  readonly origin: string;
  readonly state: 'loaded' | 'refused' | 'not tried';
  /** Why it was refused, in the words of who refused it. */
  readonly reason?: string;
}

/** What became of an attempt to load the binary. */
export interface Loading {
  /** Every location that was looked at. */
  readonly candidates: readonly BinaryCandidate[];
  readonly outcome:
    | { readonly binding: NativeBinding; readonly failure?: undefined }
    | { readonly binding?: undefined; readonly failure: Error };
}

let loaded: NativeBinding | undefined;
let loading: Loading | undefined;

/** Opened but perhaps not set up: opening again would make its classes again. */
const opened = new Map<string, NativeBinding>();

/** Read by `require`, so that a bundler that packs this code packs the version with it. */
export const PACKAGE_VERSION = (require('../../package.json') as { version: string }).version;

/** The binary, loaded and set up. Throws ERR_KLEIO_BINARY with what to do about it. */
export function binding(): NativeBinding {
  if (loaded !== undefined) return loaded;
  const { outcome } = loadBinary();
  if (outcome.binding !== undefined) return outcome.binding;
  throw outcome.failure;
}

/** Loads the binary if that has not happened. */
export function loadBinary(): Loading {
  if (loaded === undefined || loading === undefined) {
    loading = load();
    loaded = loading.outcome.binding;
  }
  return loading;
}

function load(): Loading {
  const candidates: BinaryCandidate[] = [];
  let outcome: Loading['outcome'] | undefined;
  for (const { path, origin, missing } of locations()) {
    if (outcome !== undefined) {
      candidates.push({ path, origin, state: 'not tried' });
      continue;
    }
    try {
      outcome = { binding: loadFrom(path, missing) };
      candidates.push({ path, origin, state: 'loaded' });
    } catch (error) {
      candidates.push({ path, origin, state: 'refused', reason: thrownText(error) });
      // A wrong setting is wrong for every binary, a limit of the system holds for all.
      if (isCoded(error)) outcome = { failure: error };
    }
  }
  return { candidates, outcome: outcome ?? { failure: noBinary(candidates) } };
}

function loadFrom(path: string, missing: string | undefined): NativeBinding {
  if (missing !== undefined) throw new Error(missing);
  const native = opened.get(path) ?? open(path);
  opened.set(path, native);
  setUp(native);
  const { version } = native.describe();
  if (version === PACKAGE_VERSION) {
    keepFloatState(native);
    return native;
  }
  throw new Error(`is of version ${version}, this package is of version ${PACKAGE_VERSION}`);
}

function open(path: string): NativeBinding {
  const status = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) throw new Error(NO_FILE);
  // Whoever opens a pipe may wait for its writer for ever.
  if (!status.isFile()) throw new Error(`is ${kindOf(status)}, not a regular file`);
  requireWholeElf(path);
  // Not `require`, which would run a file of another kind as a script.
  const holder = { exports: {} as Partial<NativeBinding> };
  process.dlopen(holder, path);
  const found = holder.exports;
  if (typeof found.initialise !== 'function' || typeof found.describe !== 'function') {
    throw new Error('is not a binary of kleio');
  }
  return found as NativeBinding;
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
