/** Files have one door each way: what opens or writes them elsewhere could resolve a path twice, or leave half a file. */

import { matches, type Source } from './sources.js';

interface Door {
  readonly where: RegExp;
  readonly calls: RegExp;
  readonly owners: readonly string[];
  readonly instead: string;
}

const DOORS: readonly Door[] = [
  {
    where: /^lib\/(?!binding\/).*\.ts$/,
    calls:
      /(?<!\* .*)\b(writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|copyFile\w*|cpSync|rename|renameSync|truncate|truncateSync)\b/g,
    owners: [],
    instead: 'lib/binding/new-file.ts writes files',
  },
  {
    where: /^lib\/(?!bench\/).*\.ts$/,
    calls:
      /(?:\bfs(?:\.promises)?\.|(?<!\* .*)import \{[^}]*\b)(open|openSync|createReadStream|readFile|readFileSync)\b/g,
    owners: [
      ...['lib/support/opened-file.ts', 'lib/binding/whole-elf.ts'],
      // Requests come through pipes too, and a page takes its script from the package.
      ...['lib/cli/requests/request-text.ts', 'lib/cli/tree/tree-report-page.ts'],
    ],
    instead: 'lib/support/opened-file.ts opens files',
  },
  {
    where: /^native\/(?:core|cpu|tree|addon)\/.*\.(?:cc|h)$/,
    calls: /#include <(fcntl\.h|fstream|cstdio)>/g,
    owners: ['native/core/new_file.cc', 'native/core/source_file.cc', 'native/core/processors.cc'],
    instead: 'native/core/source_file.h reads files and new_file.h writes them',
  },
];

/** Calls beside the doors, as sentences. */
export function doorFaults({ path, lines }: Source): string[] {
  const text = lines.join('\n');
  return DOORS.filter(({ where, owners }) => where.test(path) && !owners.includes(path)).flatMap(
    ({ calls, instead }) =>
      matches(text, calls).map(({ groups, line }) => `${path}:${line}: ${groups[0]}: ${instead}`),
  );
}
