/**
 * The last lines of a run: what it has left out, and what asks for it; what waits for hardware or tools.
 * A plugin and not a reporter: reporters of the command line would take its place.
 */
import { relative } from 'node:path';
import type { TestCase, TestModule, Vite, Vitest } from 'vitest/node';
import { awaitedBy } from './waits-for.js';

export interface RunExtent {
  /** Whether the run is asked for everything there is. */
  readonly exhaustive: boolean;
  /** Test files that do less in the modest extent, as paths from the root. */
  readonly extended: readonly string[];
  /** What projects that this run does not have wait for. */
  readonly absentProjects: readonly string[];
}

const ALL = 'npm run test:all';

export function sayingWhatIsLeftOut(extent: RunExtent): Vite.Plugin {
  return {
    name: 'kleio:left-out',
    // Called for every project, each with a plugin of its own.
    configureVitest({ vitest, project }) {
      if (project !== vitest.projects[0]) return;
      vitest.onClose(() => {
        const lines = linesOf(vitest, extent);
        if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n`);
      });
    },
  };
}

function linesOf({ state, config }: Vitest, extent: RunExtent): string[] {
  const modules = state.getTestModules();
  // Who asks for single tests knows what is left out.
  if (modules.length === 0 || config.testNamePattern !== undefined) return [];
  const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
  const waiting = grouped(skipped, ({ fullName }) => awaitedBy(fullName));
  const leftOut = grouped(skipped, (test) =>
    awaitedBy(test.fullName) === undefined ? placeOf(test, config.root) : undefined,
  );
  const fewer = extent.exhaustive ? [] : fewerCases(modules, config.root, extent.extended);
  const lines: string[] = [];
  if (leftOut.size + fewer.length > 0) {
    lines.push(`Left out of this run (${ALL} does it):`);
    if (fewer.length > 0)
      lines.push(`  most random cases and repetitions of ${counted(fewer.length, 'file')}`);
    for (const [place, count] of leftOut) lines.push(`  ${place}: ${counted(count, 'test')}`);
  }
  if (waiting.size + extent.absentProjects.length > 0) {
    lines.push('Waits for what this machine or this run lacks:');
    for (const [what, count] of waiting) lines.push(`  ${what}: ${counted(count, 'test')}`);
    for (const project of extent.absentProjects) lines.push(`  ${project}`);
  }
  return lines;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** How many tests have each key; those without one are left out. */
function grouped(
  all: readonly TestCase[],
  keyOf: (test: TestCase) => string | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const test of all) {
    const key = keyOf(test);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The file, and the part of it: its outermost suite, or the test itself. */
function placeOf(test: TestCase, root: string): string {
  const [part] = test.fullName.split(' > ');
  return `${relative(root, test.module.moduleId)}, ${part}`;
}

function fewerCases(
  modules: readonly TestModule[],
  root: string,
  extended: readonly string[],
): string[] {
  const ran = new Set(modules.map(({ moduleId }) => relative(root, moduleId)));
  return extended.filter((path) => ran.has(path));
}
