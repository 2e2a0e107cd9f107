/** Tests that not every machine can run. The last lines of a run say what each of them waits for. */
import { describe, it } from 'vitest';
import { waitsFor } from '../run/waits-for.js';

/** `describe`, where `isThere`; otherwise left out, under a name that says what is missing. */
export const describeWhere = (isThere: boolean, what: string) => (name: string, run: () => void) =>
  describe.runIf(isThere)(isThere ? name : `${name} ${waitsFor(what)}`, run);

/** `it`, likewise. */
export const itWhere =
  (isThere: boolean, what: string) => (name: string, run: () => Promise<void> | void) =>
    it.runIf(isThere)(isThere ? name : `${name} ${waitsFor(what)}`, run);

export const CUDA_BUILD = 'npm run build:cuda, which needs nvcc';
