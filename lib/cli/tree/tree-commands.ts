/** The words of `kleio tree`. */

import type { Command } from 'commander';

import { SPLIT_CODES } from '../../binding/contract/codes.js';
import { MAX_THREADS } from '../../support/limits.js';
import { choice, duplicates, file, text, wholeNumber } from '../command-options.js';
import { addHelpCommand } from '../help-command.js';
import { runTreeBuild, runTreeReport, runTreeSearch } from './tree.js';

const WHAT_FINDS = {
  weights: 'the scorer (default: the inner product with the user)',
  request: 'history, user and filters as JSON; - for standard input',
  beam: 'nodes kept on a level',
  top: 'most items to return',
};
const BEAM = 800;
const TOP = 800;

export function addTreeCommand(program: Command): void {
  const tree = program
    .command('tree')
    .description('Build an index tree over items, search it with a history, report on it.');
  tree
    .command('build')
    .description('Build a tree from an embedding file and save it.')
    .addOption(
      file('--embeddings <file>', 'the items, a .safetensors or .npy file').makeOptionMandatory(),
    )
    .addOption(duplicates())
    .addOption(file('--out <file>', 'the tree to write').makeOptionMandatory())
    .addOption(
      choice('--split <how>', 'how a node divides its items', Object.keys(SPLIT_CODES)).default(
        'balanced',
      ),
    )
    .addOption(
      wholeNumber('--seed <n>', 'of the randomness', {
        lowest: 0,
        highest: Number.MAX_SAFE_INTEGER,
      }).default(0),
    )
    .addOption(
      wholeNumber('--threads <n>', 'most threads (default: all)', { highest: MAX_THREADS }),
    )
    .option('--json', 'print the result as JSON')
    .action(runTreeBuild);
  searching(tree.command('search'))
    .description('Find the items that a beam leads to.')
    .addOption(file('--weights <file>', WHAT_FINDS.weights))
    .addOption(duplicates().needs('weights'))
    .addOption(wholeNumber('--beam <n>', WHAT_FINDS.beam).default(BEAM))
    .addOption(wholeNumber('--top <n>', WHAT_FINDS.top).default(TOP))
    .action(runTreeSearch);
  searching(tree.command('report'))
    .description('Write a page that draws balance, similarity and, of a request, recall by level.')
    .addOption(file('--out <file>', 'the page to write, .html').makeOptionMandatory())
    .addOption(file('--weights <file>', WHAT_FINDS.weights).needs('request'))
    .addOption(duplicates().needs('weights'))
    .addOption(wholeNumber('--beam <n>', WHAT_FINDS.beam).default(BEAM).needs('request'))
    .addOption(wholeNumber('--top <n>', WHAT_FINDS.top).default(TOP).needs('request'))
    .action(runTreeReport);
  addHelpCommand(tree);

  function searching(command: Command): Command {
    return command
      .addOption(
        file('--tree <file>', 'a tree that `kleio tree build` wrote').makeOptionMandatory(),
      )
      .addOption(text('--request <file>', WHAT_FINDS.request))
      .option('--json', 'print the result as JSON');
  }
}
