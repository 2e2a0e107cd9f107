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
    where: /^lib\/(?!bench\/).*\.ts$/,
    calls:
      /\b(node:fs\/promises|createReadStream|fs\.(?!constants\b)[a-z]\w*(?<!Sync)(?=\())|(?<=import \{[^}]*)(?<!type )\b(?!type\b)([a-z]\w*(?<!Sync))\b(?=[^}]*\} from 'node:fs')/g,
    owners: [],
    instead:
      'call what ends in Sync: where the system gives the pool of Node.js no thread, it ends the process',
  },
  {
    where: /^native\/(?:core|cpu|tree|addon)\/.*\.(?:cc|h)$/,
    calls: /#include <(fcntl\.h|fstream|cstdio)>/g,
    owners: ['native/core/new_file.cc', 'native/core/source_file.cc', 'native/core/processors.cc'],
    instead: 'native/core/source_file.h reads files and new_file.h writes them',
  },
];

/** Calls beside the doors, as sentences: one for a line. */
export function doorFaults({ path, lines }: Source): string[] {
  const text = lines.join('\n');
  const faults = new Map<number, string>();
  for (const { where, owners, calls, instead } of DOORS) {
    if (!where.test(path) || owners.includes(path)) continue;
    for (const { groups, line } of matches(text, calls)) {
      const call = groups.find((group) => group !== undefined);
      if (!faults.has(line)) faults.set(line, `${path}:${line}: ${call}: ${instead}`);
    }
  }
  return [...faults.values()];
}
