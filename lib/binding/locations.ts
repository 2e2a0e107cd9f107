/** Where a binary may lie: in the package, or beside the file into which somebody bundled this code. */

import { thrownText } from '../support/errors.js';
import { fs, modules, path, url } from '../support/node-builtins.js';
import { absolutePath } from '../support/paths.js';

const { basename, dirname, join } = path;

/** A place to look at. */
export interface Location {
  readonly path: string;
  readonly origin: string;
  /** Why it cannot even be looked at. */
  readonly missing?: string;
}

export const NO_FILE = 'no such file';

const TUPLE = `${process.platform}-${process.arch}`;
const HERE = ownFolder();

/** The folder of the package; undefined where this code has been bundled into another. */
export const PACKAGE_ROOT =
  basename(HERE) === 'binding' && ['dist', 'lib'].includes(basename(dirname(HERE)))
    ? join(HERE, '..', '..')
    : undefined;

/** Whether the package is a checkout of the sources. */
export function isCheckout(): boolean {
  return PACKAGE_ROOT !== undefined && isThere(join(PACKAGE_ROOT, 'binding.gyp'));
}

/** Whether binaries came with the package, for whatever platform. */
export function hasPrebuilds(): boolean {
  return PACKAGE_ROOT !== undefined && isThere(join(PACKAGE_ROOT, 'prebuilds'));
}

/** `existsSync` of some versions of Node.js throws where the permission model hides the file. */
function isThere(file: string): boolean {
  try {
    return fs.existsSync(file);
  } catch {
    return false;
  }
}

export function locations(): Location[] {
  const forced = process.env.KLEIO_BINARY;
  if (forced) return [forcedTo(forced)];
  return PACKAGE_ROOT === undefined ? besideBundle() : inPackage(PACKAGE_ROOT);
}

/** Made absolute: the system's loader looks for a name without a folder somewhere else. */
function forcedTo(forced: string): Location {
  const origin = 'KLEIO_BINARY';
  try {
    return { path: absolutePath(forced), origin };
  } catch (error) {
    return { path: forced, origin, missing: thrownText(error) };
  }
}

function inPackage(root: string): Location[] {
  const found = builtHere(root);
  if (isCheckout()) {
    found.push({ path: join(root, 'build', 'Debug', 'kleio.node'), origin: 'debug build' });
  }
  // Before the one that every installation has: whoever installed it wants it, and it does all the same.
  return [...found, cudaPackage(), prebuiltIn(root, `prebuilt for ${TUPLE}`)];
}

/** The last one built comes first: an older one may be of other sources. */
function builtHere(root: string): Location[] {
  const places = [
    {
      path: join(root, 'build-cuda', 'Release', 'kleio.node'),
      origin: 'built on this machine with CUDA',
    },
    { path: join(root, 'build', 'Release', 'kleio.node'), origin: 'built on this machine' },
  ];
  return places.sort((a, b) => builtAt(b.path) - builtAt(a.path));
}

/** 0 for what is not there or may not be looked at. */
function builtAt(file: string): number {
  try {
    return fs.statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function prebuiltIn(folder: string, origin: string): Location {
  return { path: join(folder, 'prebuilds', TUPLE, 'kleio.node'), origin };
}

/** The binary of the package `@kleio/cuda-<platform>-<arch>`, where somebody has installed it. */
function cudaPackage(): Location {
  const name = `@kleio/cuda-${TUPLE}`;
  return installed(`${name}/kleio.node`, `installed package ${name}`, (found) => found);
}

/** What was copied to a bundle, then what is installed in reach of it. */
function besideBundle(): Location[] {
  const folders = new Set([HERE, ...(process.argv[1] ? [dirname(process.argv[1])] : [])]);
  const copied = Array.from(folders, (folder) => [
    { path: join(folder, 'kleio.node'), origin: 'beside the bundle' },
    prebuiltIn(folder, 'beside the bundle'),
  ]);
  const whole = installed(
    'kleio/package.json',
    'installed package kleio',
    (manifest) => prebuiltIn(dirname(manifest), '').path,
  );
  return [...copied.flat(), cudaPackage(), whole];
}

function installed(request: string, origin: string, place: (found: string) => string): Location {
  try {
    const { resolve } = modules.createRequire(join(HERE, 'kleio.js'));
    return { path: place(resolve(request)), origin };
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    const missing = code === 'MODULE_NOT_FOUND' ? NO_FILE : thrownText(error);
    return { path: request, origin, missing };
  }
}

/** Of `dist/binding`, or of a bundle; one of ES modules has no `__dirname`, but its calls name their file. */
function ownFolder(): string {
  if (typeof __dirname === 'string') return __dirname;
  const file = callingFile();
  if (file !== undefined) return dirname(url.fileURLToPath(file));
  return dirname(process.argv[1] ?? '.');
}

/** Whatever somebody makes of stacks, and however short they are: that is put back. */
function callingFile(): string | undefined {
  const fileOf = (_: Error, sites: readonly NodeJS.CallSite[]) =>
    sites.map((site) => site.getFileName()).find((name) => name?.startsWith('file:'));
  const putBack = [replaced('stackTraceLimit', 10), replaced('prepareStackTrace', fileOf)];
  try {
    const { stack } = new Error('where');
    return /^file:.*|file:\/\/\S+?(?=:\d+:\d+)/.exec(stack ?? '')?.[0];
  } catch {
    return undefined;
  } finally {
    for (const put of putBack) put();
  }
}

/** Changes a property of `Error`, if that may be. Returns what changes it back. */
function replaced(name: 'stackTraceLimit' | 'prepareStackTrace', value: unknown): () => void {
  const before = Reflect.getOwnPropertyDescriptor(Error, name);
  const given = { value, writable: true, enumerable: true, configurable: true };
  if (!Reflect.defineProperty(Error, name, given)) return () => {};
  return () => {
    if (before === undefined) Reflect.deleteProperty(Error, name);
    else Reflect.defineProperty(Error, name, before);
  };
}
