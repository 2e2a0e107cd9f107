/** The order of test files: those that take longest first, so that no core waits for them at the end. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By measurement; the others take seconds each. */
const LONGEST = [
  'test/device/graphs.test.ts',
  'test/search-kernels.test.ts',
  'test/packaging.test.ts',
  'test/exactness.test.ts',
  'test/device/ranker.test.ts',
  'test/memory.test.ts',
  'test/many.test.ts',
  'test/lifetime.test.ts',
  'test/ranker-determinism.test.ts',
  'test/cli.test.ts',
  'test/tree.test.ts',
  'test/evaluate.test.ts',
  'test/workers.test.ts',
  'test/bench/gate.test.ts',
  'test/determinism.test.ts',
  'test/ranker.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    return sorted.toSorted((a, b) => this.#placeOf(a) - this.#placeOf(b));
  }

  #placeOf({ moduleId }: TestSpecification): number {
    const place = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
    return place < 0 ? LONGEST.length : place;
  }
}
