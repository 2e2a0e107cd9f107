/** The KLEIO_ variables, read whenever the binary is set up. */

import { decimalOf } from '../support/decimals.js';
import { codedError, type KleioErrorCode, shown } from '../support/errors.js';
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
import { DEFAULT_REFUSAL_MS, MAX_REFUSAL_MS, setRefusalMs } from './refusal.js';

/**
 * Where searches keep every core busy, the event loop is served first: on two cores its lag at the 99th
 * percentile was 0.7 ms with this and 2.7 ms without.
 */
const DEFAULT_NICENESS = 10;

/** Tells a binary what the environment says. Throws ERR_KLEIO_RANGE, ERR_KLEIO_ISA, ERR_KLEIO_LIMIT. */
export function setUp(native: NativeBinding): void {
  setRefusalMs(environmentInteger('KLEIO_REFUSAL_MS', 0, MAX_REFUSAL_MS, DEFAULT_REFUSAL_MS));
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
  const value = decimalOf(text);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw codedError(
    'ERR_KLEIO_RANGE',
    `${name} must be an integer from ${lowest} to ${highest}; got ${shown(text)}`,
  );
}
