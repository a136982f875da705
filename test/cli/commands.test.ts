import { Command, Help } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { FPGA_COMMANDS } from '../../src/cli/fpga/fpga.js';
import { addCommands, wordsOf } from '../../src/cli/lazyCommands.js';

describe.each([
  ['hwcast', COMMANDS],
  ['hwcast fpga', FPGA_COMMANDS],
])('commands of %s', (_, entries) => {
  it('have names of their own', () => expect(new Set(entries.map((c) => c.name)).size).toBe(entries.length));

  it.each(entries.map((c) => [c.name, c] as const))('%s: says what its module registers', async (_, entry) => {
    const program = new Command('hwcast');
    await (await entry.load())(program, 'all');
    expect(program.commands).toHaveLength(1);
    const [command] = program.commands;
    expect(new Help().subcommandTerm(command)).toBe(`${entry.name} ${entry.usage}`.trimEnd());
    expect(command.description()).toBe(entry.description);
  });
});

describe('addCommands', () => {
  const flagged = (parent: Command) => parent.commands.filter((c) => c.options.length || c.commands.length).map((c) => c.name());
  const withWords = async (words: readonly string[] | 'all') => {
    const program = new Command('hwcast');
    await addCommands(program, COMMANDS, words);
    expect(program.commands.map((c) => c.name())).toEqual(COMMANDS.map((c) => c.name));
    return program;
  };

  it('loads the named command only, and keeps the order', async () => {
    expect(flagged(await withWords([]))).toEqual([]);
    expect(flagged(await withWords(['devices', 'predict']))).toEqual(['devices']);
  });

  it('of a group, only the command below it that is named', async () => {
    const fpga = (await withWords(['fpga', 'parts'])).commands.find((c) => c.name() === 'fpga')!;
    expect(fpga.commands.map((c) => c.name())).toEqual(FPGA_COMMANDS.map((c) => c.name));
    expect(flagged(fpga)).toEqual(['parts']);
  });

  it('loads everything where everything is asked for', async () => {
    const program = await withWords('all');
    expect(flagged(program)).toEqual(COMMANDS.map((c) => c.name).filter((name) => name !== 'completion'));
    expect(flagged(program.commands.find((c) => c.name() === 'fpga')!)).toEqual(FPGA_COMMANDS.map((c) => c.name));
  });
});

describe('wordsOf', () => {
  it.each([
    [
      ['predict', 'x', '--csv'],
      ['predict', 'x'],
    ],
    [['help', 'fpga'], ['fpga']],
    [
      ['fpga', 'help', 'parts'],
      ['fpga', 'parts'],
    ],
    [['completion', 'bash'], 'all'],
    [['--version'], []],
  ])('%j', (args, words) => expect(wordsOf(args)).toEqual(words));
});
