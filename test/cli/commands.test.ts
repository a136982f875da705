import { Command, Help } from 'commander';
import { describe, expect, it } from 'vitest';
import { addCommands, COMMANDS, namedCommand } from '../../src/cli/commands.js';

describe('COMMANDS', () => {
  it('has names of its own', () => expect(new Set(COMMANDS.map((c) => c.name)).size).toBe(COMMANDS.length));

  it.each(COMMANDS.map((c) => [c.name, c] as const))('%s: says what its module registers', async (_, entry) => {
    const program = new Command('hwcast');
    (await entry.load())(program);
    expect(program.commands).toHaveLength(1);
    const [command] = program.commands;
    expect(new Help().subcommandTerm(command)).toBe(`${entry.name} ${entry.usage}`.trimEnd());
    expect(command.description()).toBe(entry.description);
  });
});

describe('addCommands', () => {
  const flagged = (program: Command) =>
    program.commands.filter((c) => c.options.length || c.commands.length).map((c) => c.name());

  it('loads the named command only, all of them for completion, and keeps their order', async () => {
    const [none, one, all] = [new Command(), new Command(), new Command()];
    await addCommands(none, undefined);
    await addCommands(one, 'devices');
    await addCommands(all, 'completion');
    expect([flagged(none), flagged(one)]).toEqual([[], ['devices']]);
    expect(flagged(all)).toEqual(COMMANDS.map((c) => c.name).filter((name) => name !== 'completion'));
    for (const program of [none, one, all]) expect(program.commands.map((c) => c.name())).toEqual(COMMANDS.map((c) => c.name));
  });
});

describe('namedCommand', () => {
  it.each([
    [['predict', 'x', '--csv'], 'predict'],
    [['help', 'fpga'], 'fpga'],
    [['--version'], undefined],
    [[], undefined],
  ])('%j', (args, name) => expect(namedCommand(args)).toBe(name));
});
