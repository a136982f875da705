#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { HwcastError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import { COMMANDS } from './commands.js';
import { addCommands, wordsOf } from './lazyCommands.js';

const program = new Command('hwcast')
  .description('predicts latency and energy of neural networks on hardware that was hardly ever measured')
  .version(VERSION)
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 unexpected, 2 usage, 3 bad input, 4 not found, 5 quality gate, 130 interrupted.',
  );
await addCommands(program, COMMANDS, wordsOf(process.argv.slice(2)));
for (const command of program.commands) command.exitOverride().showSuggestionAfterError();

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof HwcastError) {
    process.stderr.write(`error: ${error.describe()}\n`);
    process.exitCode = error.exitCode;
  } else {
    process.stderr.write(`unexpected error: ${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  }
}
