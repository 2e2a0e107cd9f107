#!/usr/bin/env node
/** The command line: `kleio demo`, `rank`, `evaluate`, `tree`, `bench` and `inspect`. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { EMPTY_PLACES_CODES, LIFELONG_CODES } from '../binding/contract/codes.js';
import { SEARCH_UNIT_NAMES } from '../histories/search-units.js';
import { inspect } from '../index.js';
import { DTYPES } from '../tables/dtypes.js';
import { type BenchOptions, runBench } from './bench.js';
import { type DemoOptions, runDemo } from './demo.js';
import { type EvaluateOptions, runEvaluate } from './evaluate.js';
import { printReport } from './inspect-report.js';
import { type RankOptions, runRank } from './rank.js';
import { treeCommand } from './tree/tree-commands.js';

const { version, supportedIsas } = inspect();

const program = new Command('kleio')
  .description("Exact search and ranking with a user's whole history.")
  .version(version)
  .showHelpAfterError()
  .showSuggestionAfterError();

program
  .command('demo')
  .description('Search and rank with 100 000 behaviours: what is kept, how fast, what ran.')
  .option('--data <dir>', 'Taobao-MM parquet and an embedding file instead of synthetic data')
  .option('--embeddings <file>', 'the .safetensors or .npy file (default: the only one in --data)')
  .option('--users <n>', 'most users to read from --data', wholeNumber, 1000)
  .option('--behaviours <n>', 'length of the long history', wholeNumber, 100_000)
  .option('--targets <n>', 'most targets of one search', wholeNumber, 1000)
  .option('--k <n>', 'behaviours to keep for each target', wholeNumber, 50)
  .option('--seed <n>', 'of the synthetic data', wholeNumber, 1)
  .option('--json', 'print the result as JSON')
  .action((options: DemoOptions) => runDemo(options));

program
  .command('rank')
  .description(
    'Rank candidates for one user: click probabilities, and the behaviours that mattered.',
  )
  .requiredOption('--weights <file>', 'the model, a .safetensors file')
  .option('--request <file>', 'user, history and candidates as JSON; - for standard input')
  .option('--data <dir>', 'Taobao-MM parquet instead, with --user: ranks items of the samples')
  .option('--user <id>', 'user of --data', id)
  .option('--split <name>', 'which samples and users of --data', 'test')
  .option('--candidates <n>', 'most candidates from --data', wholeNumber, 1000)
  .option('--top <n>', 'candidates to show', wholeNumber, 10)
  .option('--k <n>', "behaviours to keep for each candidate (default: the model's)", wholeNumber)
  .addOption(lifelongUnit())
  .addOption(emptyPlaces())
  .option('--threads <n>', 'most threads (default: all)', wholeNumber)
  .option('--json', 'print the result as JSON')
  .action((options: RankOptions) => runRank(options));

program
  .command('evaluate')
  .description(
    'Rank the samples of Taobao-MM parquet files: AUC, GAUC, requests per second, latency.',
  )
  .requiredOption('--data <dir>', 'the folder of samples, user features and item features')
  .requiredOption('--weights <file>', 'the model, a .safetensors file')
  .option('--split <name>', 'which samples: files are named <name>_samples*.parquet', 'test')
  .option('--k <n>', "behaviours to keep for each sample (default: the model's)", wholeNumber)
  .addOption(lifelongUnit())
  .addOption(emptyPlaces())
  .option('--threads <n>', 'most threads of one ranking (default: all)', wholeNumber)
  .option('--part <n>', 'samples to join at once: memory against passes', wholeNumber, 4_000_000)
  .option('--json', 'print the result as JSON')
  .action((options: EvaluateOptions) => runEvaluate(options));

program.addCommand(treeCommand(wholeNumber));

program
  .command('bench')
  .description(
    'Measure this machine: latencies, throughput, and how near they are to what it can do.',
  )
  .argument('[cases...]', 'which to measure (default: the standard sweeps)')
  .option('--list', 'say which cases there are')
  .option('--quick', 'the standard sweeps in less than a minute')
  .option('--overheads', 'the overheads alone: boundary, event loop, serving path, concurrency')
  .option('--no-overheads', 'the standard sweeps alone')
  .option('--targets <list>', 'as in 1,100,1000', wholeNumbers)
  .option('--length <list>', 'behaviours', wholeNumbers)
  .option('--dim <list>', 'dimensions', wholeNumbers)
  .option('--k <list>', 'behaviours to keep for each target', wholeNumbers)
  .option('--dtype <list>', DTYPES.join(', '), oneOf(DTYPES))
  .option('--unit <list>', SEARCH_UNIT_NAMES.join(', '), oneOf(SEARCH_UNIT_NAMES))
  .option('--threads <list>', 'that may work on one call', wholeNumbers)
  .option('--device <list>', 'as devices() names them', (text) => text.split(','))
  .option('--cache <list>', 'warm, cold', oneOf(['warm', 'cold']))
  .option('--isa <list>', supportedIsas.join(', '), oneOf(supportedIsas))
  .option('--precision <share>', 'half the 95 % interval of a median', positive, 0.02)
  .option('--seconds <n>', 'most for a point (default: 3, quick 0.5)', positive)
  .option('--seed <n>', 'of the synthetic data', wholeNumber, 1)
  .option('--out <file>', 'write the report there as JSON')
  .option('--json', 'print the report as JSON')
  .action((names: string[], options: BenchOptions) => runBench(names, options));

program
  .command('inspect')
  .description('Say which binary runs, why others were refused, and on what: for an issue report.')
  .option('--json', 'print the report as JSON')
  .action((options: { json?: boolean }) => printReport(options.json === true));

// Whoever reads this through a pipe may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`kleio: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

function id(text: string): bigint {
  if (/^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return BigInt(text);
  throw new InvalidArgumentError('It must be a 64-bit whole number.');
}

function lifelongUnit(): Option {
  return new Option('--lifelong <unit>', 'how the kept behaviours are chosen')
    .choices(Object.keys(LIFELONG_CODES))
    .default('cosine');
}

function emptyPlaces(): Option {
  return new Option('--empty-places <how>', 'what fills the places of short histories')
    .choices(Object.keys(EMPTY_PLACES_CODES))
    .default('release');
}

function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber);
}

function oneOf(names: readonly string[]): (text: string) => string[] {
  return (text) => {
    const given = text.split(',');
    if (given.every((name) => names.includes(name))) return given;
    throw new InvalidArgumentError(`It must be of ${names.join(', ')}.`);
  };
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('It must be a whole number of at least 1.');
}
