// Loaded by every Node.js process of a mutation run before anything else: says which mutant is the active
// one, and in a coverage run writes which mutants the process reaches, each once.
const { openSync, readFileSync, writeSync } = require('node:fs');

const { active, coverage } = JSON.parse(readFileSync(process.env.KLEIO_MUTATION_STATE, 'utf8'));

/** A mutant that loops for ever throws after so many rounds: far more than any test asks for. */
const HIT_LIMIT = 50_000_000;

/** The instrumented code looks here. */
globalThis.__stryker__ =
  active === undefined ? {} : { activeMutant: active, hitCount: 0, hitLimit: HIT_LIMIT };
if (coverage !== undefined) globalThis.__stryker__.mutantCoverage = { static: recorded(coverage) };

function recorded(path) {
  const file = openSync(path, 'a');
  return new Proxy(
    {},
    {
      set(hits, mutant, count) {
        if (!(mutant in hits)) writeSync(file, `${mutant}\n`);
        hits[mutant] = count;
        return true;
      },
    },
  );
}
