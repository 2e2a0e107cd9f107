/** How programs that measure memory run: so that what is measured is what is held. */
import type { ProgramOptions } from './programs.js';

export const MEASURED: Required<Pick<ProgramOptions, 'nodeOptions' | 'env'>> = {
  // New objects have a megabyte: the engine sizes it by how fast they come.
  nodeOptions: ['--expose-gc', '--max-semi-space-size=1'],
  env: {
    // One arena for all threads, and whatever is freed of some size goes back to the system at once.
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '65536',
    MALLOC_TRIM_THRESHOLD_: '65536',
  },
};
