// A process that holds one Vitest for many runs: what it has transformed stays, so that a mutant costs one
// new process for a test file and not the start of Vitest. Which mutant is active stands in a file that
// preload.cjs reads.
import { createVitest } from 'vitest/node';

/** A file that several projects run is run in the first of these, if none is asked for. */
const PREFERRED = ['promises', 'avx512', 'avx2', 'scalar', 'device'];

/** They say nothing of the code's behaviour, or need a quiet machine, or build packages. */
const LEFT_OUT =
  /\/test\/(bench|oracle)\/|\/(packaging|documentation|cuda-binary|memory|event-loop|search-kernels)\.test\.ts$/;

const vitest = await createVitest('test', {
  root: process.cwd(),
  watch: false,
  bail: 1,
  reporters: [{}],
  poolOptions: { forks: { maxForks: 1, minForks: 0 } },
});
/** By file, then by project. */
const specifications = new Map();
for (const specification of await vitest.globTestSpecifications()) {
  const { moduleId, project } = specification;
  if (LEFT_OUT.test(moduleId)) continue;
  const path = moduleId.slice(process.cwd().length + 1);
  if (!specifications.has(path)) specifications.set(path, new Map());
  specifications.get(path).set(project.name, specification);
}

process.on('message', async ({ path, project }) => {
  const started = performance.now();
  let failure;
  try {
    const projects = specifications.get(path);
    const preferred = PREFERRED.find((name) => projects.has(name));
    const specification = projects.get(project) ?? projects.get(preferred);
    // Vitest remembers the failures of former runs, and ends a run at the first that it knows of.
    vitest.state.filesMap.clear();
    vitest.state.idMap.clear();
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
    const failed = testModules.find((module) => !module.ok());
    if (failed !== undefined) failure = firstFailure(failed);
    else if (unhandledErrors.length > 0) failure = String(unhandledErrors[0]?.message);
  } catch (error) {
    failure = String(error);
  }
  process.send({ failure, elapsedMs: performance.now() - started });
});
process.on('disconnect', () => process.exit());
process.send({ paths: [...specifications.keys()].sort() });

function firstFailure(module) {
  for (const test of module.children.allTests('failed')) return test.fullName;
  return 'the file, or a hook of it';
}
