#!/usr/bin/env node
/** The command line: `kleio demo`, `rank`, `evaluate`, `tree`, `bench`, `memory` and `inspect`. */

import { Command, Option } from 'commander';
import { EMPTY_PLACES_CODES, LIFELONG_CODES } from '../binding/contract/codes.js';
import { SEARCH_UNIT_NAMES } from '../histories/search-units.js';
import { inspect } from '../index.js';
import { MAX_COUNT, MAX_DIM, MAX_KEPT, MAX_THREADS } from '../support/limits.js';
import { DTYPES } from '../tables/dtypes.js';
import { type BenchOptions, runBench } from './bench.js';
import {
  choice,
  choices,
  dataSeed,
  deviceNames,
  duplicates,
  file,
  id,
  positive,
  requireSense,
  text,
  wholeNumber,
  wholeNumbers,
} from './command-options.js';
import { type DemoOptions, runDemo } from './demo.js';
import { type EvaluateOptions, runEvaluate } from './evaluate.js';
import { fail, failWithoutReader } from './failures.js';
import { addHelpCommand } from './help-command.js';
import { printReport } from './inspect-report.js';
import { type MemoryOptions, printMemory } from './memory.js';
import { type RankOptions, runRank } from './rank.js';
import { addTreeCommand } from './tree/tree-commands.js';

const { version, supportedIsas } = inspect();

/** Of the synthetic user: an embedding of 128 bytes for two behaviours of three. */
const MAX_DEMO_BEHAVIOURS = 10_000_000;
const MAX_DEMO_TARGETS = 1_000_000;

const program = new Command('kleio')
  .description("Exact search and ranking with a user's whole history.")
  .version(version)
  .configureOutput({
    outputError: (message, write) =>
      write(message.replace(/^error: /, 'kleio: ERR_KLEIO_ARGUMENT: ')),
  })
  .showHelpAfterError('kleio COMMAND --help lists the options.')
  .showSuggestionAfterError()
  .hook('preAction', (_, command) => requireSense(command));

program
  .command('demo')
  .description('Search and rank with 100 000 behaviours: what is kept, how fast, what ran.')
  .addOption(
    text(
      '--data <dir>',
      'Taobao-MM parquet and an embedding file instead of synthetic data',
    ).conflicts('seed'),
  )
  .addOption(
    file(
      '--embeddings <file>',
      'the .safetensors or .npy file (default: the only one in --data)',
    ).needs('data'),
  )
  .addOption(duplicates().needs('data'))
  .addOption(
    wholeNumber('--users <n>', 'most users to read from --data').default(1000).needs('data'),
  )
  .addOption(
    wholeNumber('--behaviours <n>', 'length of the long history', {
      highest: MAX_DEMO_BEHAVIOURS,
    }).default(100_000),
  )
  .addOption(
    wholeNumber('--targets <n>', 'most targets of one search', {
      highest: MAX_DEMO_TARGETS,
    }).default(1000),
  )
  .addOption(kept('behaviours to keep for each target').default(50))
  .addOption(dataSeed())
  .option('--json', 'print the result as JSON')
  .action((options: DemoOptions) => runDemo(options));

program
  .command('rank')
  .description(
    'Rank candidates for one user: click probabilities, and the behaviours that mattered.',
  )
  .addOption(file('--weights <file>', 'the model, a .safetensors file').makeOptionMandatory())
  .addOption(duplicates())
  .addOption(
    text(
      '--request <file>',
      'user, history and candidates as JSON; - for standard input',
    ).conflicts('data'),
  )
  .addOption(
    text('--data <dir>', 'Taobao-MM parquet instead, with --user: ranks items of the samples'),
  )
  .addOption(id('--user <id>', 'user of --data').needs('data'))
  .addOption(
    text('--split <name>', 'which samples and users of --data').default('test').needs('data'),
  )
  .addOption(
    wholeNumber('--candidates <n>', 'most candidates from --data').default(1000).needs('data'),
  )
  .addOption(wholeNumber('--top <n>', 'candidates to show').default(10))
  .addOption(kept("behaviours to keep for each candidate (default: the model's)"))
  .addOption(lifelongUnit())
  .addOption(emptyPlaces())
  .addOption(threads('most threads (default: all)'))
  .option('--json', 'print the result as JSON')
  .action((options: RankOptions) => runRank(options));

program
  .command('evaluate')
  .description(
    'Rank the samples of Taobao-MM parquet files: AUC, GAUC, requests per second, latency.',
  )
  .addOption(
    text(
      '--data <dir>',
      'the folder of samples, user features and item features',
    ).makeOptionMandatory(),
  )
  .addOption(file('--weights <file>', 'the model, a .safetensors file').makeOptionMandatory())
  .addOption(duplicates())
  .addOption(
    text('--split <name>', 'which samples: files are named <name>_samples*.parquet').default(
      'test',
    ),
  )
  .addOption(kept("behaviours to keep for each sample (default: the model's)"))
  .addOption(lifelongUnit())
  .addOption(emptyPlaces())
  .addOption(threads('most threads of one ranking (default: all)'))
  .addOption(
    wholeNumber('--part <n>', 'samples to join at once: memory against passes').default(4_000_000),
  )
  .option('--json', 'print the result as JSON')
  .action((options: EvaluateOptions) => runEvaluate(options));

addTreeCommand(program);

const list = new Option('--list', 'say which cases there are');
const bench = program
  .command('bench')
  .description(
    'Measure this machine: latencies, throughput, and how near they are to what it can do.',
  )
  .argument('[cases...]', 'which to measure (default: the standard sweeps)')
  .addOption(list)
  .option('--quick', 'the standard sweeps in less than a minute')
  .option('--overheads', 'the overheads alone: boundary, event loop, serving path, concurrency')
  .option('--no-overheads', 'the standard sweeps alone')
  .addOption(wholeNumbers('--targets <list>', 'as in 1,100,1000'))
  .addOption(wholeNumbers('--length <list>', 'behaviours'))
  .addOption(wholeNumbers('--dim <list>', 'dimensions', { highest: MAX_DIM }))
  .addOption(wholeNumbers('--k <list>', 'behaviours to keep for each target'))
  .addOption(choices('--dtype <list>', '', DTYPES))
  .addOption(choices('--unit <list>', '', SEARCH_UNIT_NAMES))
  .addOption(
    wholeNumbers('--threads <list>', 'that may work on one call', { highest: MAX_THREADS }),
  )
  .addOption(deviceNames('--device <list>', 'as devices() names them'))
  .addOption(choices('--cache <list>', '', ['warm', 'cold']))
  .addOption(choices('--isa <list>', '', supportedIsas))
  .addOption(positive('--precision <share>', 'half the 95 % interval of a median').default(0.02))
  .addOption(positive('--seconds <n>', 'most for a point (default: 3, quick 0.5)'))
  .addOption(dataSeed())
  .addOption(file('--out <file>', 'write the report there as JSON'))
  .option('--json', 'print the report as JSON')
  .action((names: string[], options: BenchOptions) => runBench(names, options));
// The other options are of measuring.
const measuring = bench.options.map((option) => option.attributeName());
list.conflicts(measuring.filter((name) => name !== 'list' && name !== 'json'));

program
  .command('memory')
  .description('Say what so many histories and their table take, by the formula of docs/memory.md.')
  .addOption(count('--histories <n>', 'users').default(1))
  .addOption(count('--behaviours <n>', 'of each history').default(20))
  .addOption(count('--items <n>', 'different ones among them (default: all)'))
  .addOption(count('--rows <n>', 'of the table').default(0))
  .addOption(wholeNumber('--dim <n>', 'dimensions', { highest: MAX_DIM }).default(64))
  .addOption(choice('--dtype <name>', 'of the table', DTYPES).default('int8'))
  .option('--ids', 'the table has ids')
  .option('--categories', 'behaviours have categories')
  .option('--times', 'behaviours have times')
  .option('--ranker', 'a ranker made the histories')
  .option('--json', 'print the report as JSON')
  .action((options: MemoryOptions) => printMemory(options));

program
  .command('inspect')
  .description('Say which binary runs, why others were refused, and on what: for an issue report.')
  .option('--json', 'print the report as JSON')
  .action((options: { json?: boolean }) => printReport(options.json === true));

addHelpCommand(program);

process.stdout.on('error', failWithoutReader);
process.stderr.on('error', failWithoutReader);
program.parseAsync().catch(fail);

function count(flags: string, about: string) {
  return wholeNumber(flags, about, { lowest: 0, highest: MAX_COUNT });
}

function kept(about: string) {
  return wholeNumber('--k <n>', about, { highest: MAX_KEPT });
}

function threads(about: string) {
  return wholeNumber('--threads <n>', about, { highest: MAX_THREADS });
}

function lifelongUnit() {
  const names = Object.keys(LIFELONG_CODES);
  return choice('--lifelong <unit>', 'how the kept behaviours are chosen', names).default('cosine');
}

function emptyPlaces() {
  const names = Object.keys(EMPTY_PLACES_CODES);
  return choice('--empty-places <how>', 'what fills the places of short histories', names).default(
    'release',
  );
}
