/** Holds the sources to the house, for `npm run lint`: arrows, doors, exports, names, sizes, what the library does not say, and that a thing is said once. */

import { arrowFaults } from './arrows.js';
import { doorFaults } from './doors.js';
import { unusedExports } from './exports.js';
import { floatStateFaults } from './float-state.js';
import { languageFaults } from './language.js';
import { nameFaults } from './names.js';
import { repeats } from './repeats.js';
import { oversizes } from './sizes.js';
import { filesOf, type Source, textOf } from './sources.js';

const CPP = /\.(?:h|cc|cu|cuh)$/;
const SOURCE = /\.(?:h|cc|cu|cuh|m?ts|mjs)$/;

const root = process.cwd();
const sources = filesOf(root)
  .filter((path) => SOURCE.test(path))
  .map((path): Source => ({ path, lines: textOf(root, path).trimEnd().split('\n') }));

const faults = [
  ...arrowFaults(root),
  ...nameFaults(root),
  ...sources.filter(({ path }) => CPP.test(path)).flatMap(oversizes),
  ...sources.flatMap(doorFaults),
  ...sources.flatMap(languageFaults),
  ...sources.flatMap(floatStateFaults),
  ...unusedExports(sources),
  ...repeats(sources),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) console.error(`${faults.length} faults of the house: see CONTRIBUTING.md`);
process.exitCode = faults.length === 0 ? 0 : 1;
