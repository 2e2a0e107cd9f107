/**
 * Node.js's own modules, for the whole library. The process is asked first: a bundle of ES modules has no
 * `require`, and must load all the same. (Node.js before 20.16 has no such question; there bundle as CommonJS.)
 */

/** The name given twice, for a bundler reads only what is written in `require` itself. */
function builtin<Module>(name: string, required: () => unknown): Module {
  return (process.getBuiltinModule?.(name) ?? required()) as Module;
}

export const crypto = builtin<typeof import('node:crypto')>('node:crypto', () =>
  require('node:crypto'),
);
export const fs = builtin<typeof import('node:fs')>('node:fs', () => require('node:fs'));
export const os = builtin<typeof import('node:os')>('node:os', () => require('node:os'));
export const path = builtin<typeof import('node:path')>('node:path', () => require('node:path'));
export const url = builtin<typeof import('node:url')>('node:url', () => require('node:url'));
export const modules = builtin<typeof import('node:module')>('node:module', () =>
  require('node:module'),
);
export const timers = builtin<typeof import('node:timers')>('node:timers', () =>
  require('node:timers'),
);
export const { Buffer } = builtin<typeof import('node:buffer')>('node:buffer', () =>
  require('node:buffer'),
);
export const { performance } = builtin<typeof import('node:perf_hooks')>('node:perf_hooks', () =>
  require('node:perf_hooks'),
);
export const { TextDecoder } = builtin<typeof import('node:util')>('node:util', () =>
  require('node:util'),
);
