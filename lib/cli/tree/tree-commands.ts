/** The words of `kleio tree`. */

import { Command, Option } from 'commander';

import { runTreeBuild, runTreeReport, runTreeSearch } from './tree.js';

/** @param wholeNumber reads an option that is a whole number of at least 1. */
export function treeCommand(wholeNumber: (text: string) => number): Command {
  const tree = new Command('tree').description(
    'Build an index tree over items, search it with a history, report on it.',
  );
  tree
    .command('build')
    .description('Build a tree from an embedding file and save it.')
    .requiredOption('--embeddings <file>', 'the items, a .safetensors or .npy file')
    .requiredOption('--out <file>', 'the tree to write')
    .addOption(
      new Option('--split <how>', 'how a node divides its items')
        .choices(['balanced', 'plain'])
        .default('balanced'),
    )
    .option('--seed <n>', 'of the randomness', wholeNumber, 1)
    .option('--threads <n>', 'most threads (default: all)', wholeNumber)
    .option('--json', 'print the result as JSON')
    .action(runTreeBuild);
  searching(tree.command('search'))
    .description('Find the items that a beam leads to.')
    .action(runTreeSearch);
  searching(tree.command('report'))
    .description('Write a page that draws balance, similarity and, of a request, recall by level.')
    .requiredOption('--out <file>', 'the page to write, .html')
    .action(runTreeReport);
  return tree;

  function searching(command: Command): Command {
    return command
      .requiredOption('--tree <file>', 'a tree that `kleio tree build` wrote')
      .option('--weights <file>', 'the scorer (default: the inner product with the user)')
      .option('--request <file>', 'history, user and filters as JSON; - for standard input')
      .option('--beam <n>', 'nodes kept on a level', wholeNumber, 800)
      .option('--top <n>', 'most items to return', wholeNumber, 800)
      .option('--json', 'print the result as JSON');
  }
}
