/** What helps where no binary could be loaded: advice that fits what was said. */

import type { BinaryCandidate } from './binary.js';
import { hasPrebuilds, isCheckout, NO_FILE, PACKAGE_ROOT } from './locations.js';

/** What refused a binary, by its words: those of Node.js, of the system's loader and of this package. */
const REMEDIES: readonly (readonly [said: RegExp, remedy: () => string])[] = [
  [/addons is disabled/i, allowAddons],
  [/access to this api has been restricted/i, allowReading],
  [
    /too many open files/i,
    () =>
      'no file descriptor is left: close files, or raise the limit (ulimit -n); the next call tries again',
  ],
  [
    /cannot allocate memory|cannot map zero-fill|not enough memory/i,
    () => 'no memory is left for it: raise the limit of the process; the next call tries again',
  ],
  [
    /operation not permitted|permission denied/i,
    () =>
      'the system does not let this process run the file: see its permissions, and that its folder is not mounted noexec',
  ],
  [
    /libstdc\+\+|libgcc_s|GLIBCXX|CXXABI/,
    () => 'install the C++ runtime library, libstdc++ (Debian: libstdc++6, Alpine: libstdc++)',
  ],
  [
    /GLIBC_|ld-linux|libc\.so|musl|relocating/i,
    () => `the binary is for another C library than this system's: ${BUILD}`,
  ],
  [/^is (?:cut short|damaged)/, () => `the file is damaged: ${again()}`],
  [/^is for \w+; this/, () => `the binary is for another processor: ${again()}, or ${BUILD}`],
  [
    /is of version/,
    () => 'kleio and its binary must be of one version: install both again, in the same version',
  ],
];

const BUILD = 'build it on this machine: docs/building.md in this package says how';

export function adviceFor(candidates: readonly BinaryCandidate[]): string[] {
  const reasons = candidates.map(({ reason }) => reason ?? '').filter((said) => said !== NO_FILE);
  const fitting = reasons.map((said) => REMEDIES.find(([words]) => words.test(said))?.[1]());
  const known = fitting.filter((remedy) => remedy !== undefined);
  const forced = process.env.KLEIO_BINARY
    ? ['unset KLEIO_BINARY, or let it name a kleio.node file']
    : [];
  if (known.length > 0) return [...new Set([...known, ...forced])];
  if (forced.length > 0) return forced;
  return reasons.length > 0 ? forUnknown() : forMissing();
}

/** The file is there and is no binary of this platform, or half of one. */
function forUnknown(): string[] {
  return ['the file is damaged, or of another platform', again(), `or ${BUILD}`];
}

function again(): string {
  return isCheckout()
    ? 'run: npm ci && npm run build'
    : 'install it again on this machine: npm install kleio';
}

function forMissing(): string[] {
  if (PACKAGE_ROOT === undefined) {
    return [
      'a bundler packed this code without the binary: mark the package "kleio" as external',
      'or copy prebuilds of the package beside the bundle: docs/bundling.md in the package says how',
      'or let KLEIO_BINARY name the binary, if it lies somewhere else',
    ];
  }
  if (isCheckout()) return ['run: npm ci && npm run build'];
  return hasPrebuilds()
    ? [BUILD]
    : ['the package is not whole; install it again: npm install kleio'];
}

function allowAddons(): string {
  return 'permission' in process && process.permission !== undefined
    ? 'start Node.js with --allow-addons: its permission model is on'
    : 'start Node.js without --no-addons, in its options, in NODE_OPTIONS and in those of workers';
}

function allowReading(): string {
  const folder = PACKAGE_ROOT === undefined ? 'the folder of the binary' : `${PACKAGE_ROOT}/*`;
  return `start Node.js with --allow-fs-read=${folder}: its permission model is on`;
}
