/** `kleio help rank`, `kleio tree help build`: as commander has it, but a command that there is not is an error. */

import type { Command } from 'commander';

export function addHelpCommand(parent: Command): void {
  parent
    .helpCommand(false)
    .command('help')
    .description('display help for command')
    .argument('[command...]')
    .action((names: string[]) => {
      commandOf(parent, names).outputHelp();
    });
}

function commandOf(parent: Command, names: readonly string[]): Command {
  return names.reduce((command, name) => {
    const found = command.commands.find((candidate) => candidate.name() === name);
    return found ?? command.error(`error: unknown command '${name}'`);
  }, parent);
}
