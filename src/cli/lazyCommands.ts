import type { Command } from 'commander';

/** Puts a command on `parent`; `words` are what was typed after its name, `all` for everything below it. */
type Register = (parent: Command, words?: Words) => void | Promise<void>;
/** What was typed, without flags: the first word names a command. `all`: every command is loaded. */
export type Words = readonly string[] | 'all';

/** A command as `hwcast --help` shows it. Its module, with all that it needs, is loaded when the command is named. */
export interface CommandEntry {
  name: string;
  /** after the name in the list: `[options] [workloads...]` */
  usage: string;
  description: string;
  load: () => Promise<Register>;
}

/** Arguments as `addCommands` takes them: `predict`, `x` of `predict x --csv`, `fpga` of `help fpga`. Completion lists the flags of all commands. */
export function wordsOf(args: readonly string[]): Words {
  const words = args.filter((word) => !word.startsWith('-') && word !== 'help');
  return words[0] === 'completion' ? 'all' : words;
}

/** Puts all `entries` on `parent`: the one that is named from its module, the others by name and description only. */
export async function addCommands(parent: Command, entries: readonly CommandEntry[], words: Words): Promise<void> {
  for (const { name, description, load } of entries)
    if (words === 'all') await (await load())(parent, 'all');
    else if (words[0] === name) await (await load())(parent, words.slice(1));
    else parent.command(name).description(description);
  const usageOf = new Map(entries.map(({ name, usage }) => [name, usage]));
  parent.configureHelp({
    subcommandTerm: (command) => `${command.name()} ${usageOf.get(command.name()) ?? '[command]'}`.trimEnd(),
  });
}
