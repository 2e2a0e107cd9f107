/**
 * What has grown too large, in C++ and CUDA; Biome has the same rules for TypeScript.
 *
 * A file of more than 400 lines, a function of more than 60 from its name to its closing brace, of more than 120
 * in code of kernels. clang-format has laid out what is read here, so the shape of a line tells what it is.
 */

import type { Source } from './sources.js';

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;
const MAX_KERNEL_LINES = 120;

/** What CUDA runs: its own sources, and the kernels' bodies. */
const KERNELS = /\.cuh?$/;

/** Blocks with a head in brackets that are no functions. */
const NO_FUNCTION =
  /^(?:\} )?(?:if|else|for|while|do|switch|try|catch|namespace|class|struct|enum|union|extern)\b/;

interface Function {
  /** Counted from 1, as editors do. */
  readonly line: number;
  readonly count: number;
  readonly head: string;
}

export function oversizes({ path, lines }: Source): string[] {
  const found: string[] = [];
  if (lines.length > MAX_FILE_LINES) {
    found.push(`${path}: ${lines.length} lines, of at most ${MAX_FILE_LINES}`);
  }
  const most = KERNELS.test(path) ? MAX_KERNEL_LINES : MAX_FUNCTION_LINES;
  for (const { line, count, head } of functionsOf(lines)) {
    if (count > most) found.push(`${path}:${line}: ${count} lines, of at most ${most}: ${head}`);
  }
  return found;
}

/**
 * The functions of a file: a closing brace ends what began on the last line before it that is indented as it
 * is, since heads that go on, bodies and labels are indented further.
 */
function functionsOf(lines: readonly string[]): Function[] {
  const found: Function[] = [];
  for (const [last, line] of lines.entries()) {
    const indent = /^( *)\}[;)]*(?: *\/\/.*)?$/.exec(line)?.[1]?.length;
    if (indent === undefined) continue;
    let first = last - 1;
    while (first > 0 && !beginsAt(lines[first]!, indent)) first -= 1;
    const head = (lines[first] ?? '').trim();
    if (/\(/.test(head) && !NO_FUNCTION.test(head)) {
      found.push({ line: first + 1, count: last - first + 1, head });
    }
  }
  return found;
}

/** Not a directive, a comment, a label, nor the handlers of a function that is one `try`. */
function beginsAt(line: string, indent: number): boolean {
  return line.search(/\S/) === indent && !/^(?:#|\s*\/\/|\s*\w+:$|\s*\} catch\b)/.test(line);
}
