// Fails where a source has grown too large, or repeats another:
//
//   node native/tools/check-sizes.mjs [FILE...]     these files, or all of the repository
//
// C++ and CUDA: a file of more than 400 lines, a function of more than 60 from its name to its closing brace,
// of more than 120 in code of kernels. C++, CUDA and TypeScript: six lines that stand elsewhere word for word,
// not counting what says little: blank lines, comments, brackets, includes and imports. clang-format and Biome
// have laid out what is read here, so the shape of a line tells what it is.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;
const MAX_KERNEL_LINES = 120;
const REPEATED_LINES = 6;

const CPP = ['.h', '.cc', '.cu', '.cuh'];
const SOURCES = [...CPP, '.ts', '.mts', '.mjs'];
const isCpp = (path) => CPP.includes(extname(path));
/** What CUDA runs: its own sources, and the kernels' bodies. */
const isKernel = (path) => /\.cuh?$/.test(path);

/** Lines that say little on their own, by how they begin or by all that they are. */
const LITTLE =
  /^(?:\/\/|\/?\*|#|import\b|namespace\b|using\b|(?:\} )?else \{$|\w+[:,]?$|\.\w+ = .*,$|.* override;$|(?:readonly )?\w+\??: [\w<>[\] |]+;$)/;

/** Blocks with a head in brackets that are no functions. */
const NO_FUNCTION =
  /^(?:\} )?(?:if|else|for|while|do|switch|try|catch|namespace|class|struct|enum|union|extern)\b/;

const files = filesToRead().map((path) => ({ path, lines: linesOf(path) }));
const failures = [...files.filter(({ path }) => isCpp(path)).flatMap(oversizes), ...repeats(files)];
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

function filesToRead() {
  const given = process.argv.slice(2);
  if (given.length > 0) return given;
  return execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => SOURCES.includes(extname(path)) && existsSync(path));
}

function linesOf(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

/** What is too large of a file. */
function oversizes({ path, lines }) {
  const found = [];
  if (lines.length > MAX_FILE_LINES) {
    found.push(`${path}: ${lines.length} lines, of at most ${MAX_FILE_LINES}`);
  }
  const most = isKernel(path) ? MAX_KERNEL_LINES : MAX_FUNCTION_LINES;
  for (const { first, count, head } of functionsOf(lines)) {
    if (count > most)
      found.push(`${path}:${first + 1}: ${count} lines, of at most ${most}: ${head}`);
  }
  return found;
}

/**
 * The functions of a file: a closing brace ends what began on the last line before it that is indented as it
 * is, since heads that go on, bodies and labels are indented further.
 */
function functionsOf(lines) {
  const found = [];
  for (const [last, line] of lines.entries()) {
    const indent = /^( *)\}[;)]?$/.exec(line)?.[1].length;
    if (indent === undefined) continue;
    let first = last - 1;
    while (first > 0 && !beginsAt(lines[first], indent)) first -= 1;
    const head = lines[first].trim();
    if (/\(/.test(head) && !NO_FUNCTION.test(head))
      found.push({ first, count: last - first + 1, head });
  }
  return found;
}

function beginsAt(line, indent) {
  return line.search(/\S/) === indent && !/^(?:#|\s*\/\/)/.test(line);
}

/** The stretches of lines that stand in two places, each once. */
function repeats(files) {
  const places = new Map();
  const found = [];
  for (const file of files) {
    const said = tellingLines(file.lines);
    // What follows a repeated stretch line by line belongs to it.
    let goesOn;
    for (let at = 0; at + REPEATED_LINES <= said.length; at += 1) {
      const window = said.slice(at, at + REPEATED_LINES);
      const text = window.map((line) => line.text).join('\n');
      const before = places.get(text);
      if (before === undefined) {
        places.set(text, { path: file.path, said, at });
        goesOn = undefined;
        continue;
      }
      if (before.said !== goesOn?.said || before.at !== goesOn.at + 1) {
        const first = before.said[before.at].number;
        found.push(
          `${file.path}:${window[0].number}: repeats ${before.path}:${first}: ${window[0].text}`,
        );
      }
      goesOn = before;
    }
  }
  return found;
}

/** The lines that say something, without their indentation. */
function tellingLines(lines) {
  const said = [];
  let importing = false;
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    importing ||= /^(?:import|export) (?:type )?(?:\{|\*|\w+,)/.test(text);
    if (!importing && !saysLittle(text)) said.push({ number: index + 1, text });
    if (/;$/.test(text)) importing = false;
  }
  return said;
}

/** Comments and directives, brackets, and lists in which each line stands for itself: members, and values of members. */
function saysLittle(text) {
  return !/\w{2}/.test(text) || LITTLE.test(text);
}
