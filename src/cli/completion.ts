import { Argument, type Command, type Option } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** One command as completion needs it: its path below `hwcast`, its flags, and the values of flags that have a list. */
interface Entry {
  path: string[];
  description: string;
  flags: { name: string; takesValue: boolean; choices: readonly string[]; description: string }[];
}

/** `hwcast completion bash|zsh|fish`: a script for the shell, made from the commands as they are registered. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a completion script; bash: source <(hwcast completion bash)')
    .addArgument(new Argument('<shell>', 'the shell it is for').choices([...SHELLS]))
    .addHelpText(
      'after',
      `
bash: echo 'source <(hwcast completion bash)' >> ~/.bashrc
zsh:  echo 'source <(hwcast completion zsh)' >> ~/.zshrc     (after compinit)
fish: hwcast completion fish > ~/.config/fish/completions/hwcast.fish`,
    )
    .action((shell: (typeof SHELLS)[number]) => {
      const entries = entriesOf(program);
      process.stdout.write({ bash, zsh, fish }[shell](entries));
    });
}

function entriesOf(command: Command, path: string[] = []): Entry[] {
  return command.commands.flatMap((c) => {
    const own = [...path, c.name()];
    const flags = c.options.map((o: Option) => ({
      name: o.long!,
      takesValue: o.required || o.optional,
      choices: o.argChoices ?? [],
      description: o.description,
    }));
    return [{ path: own, description: c.description(), flags }, ...entriesOf(c, own)];
  });
}

/** Names that may follow `path`: the commands one level below it. */
const below = (entries: readonly Entry[], path: readonly string[]): Entry[] =>
  entries.filter((e) => e.path.length === path.length + 1 && path.every((p, i) => e.path[i] === p));

function bash(entries: readonly Entry[]): string {
  const cases = entries.map((e) => {
    const words = [...below(entries, e.path).map((b) => b.path.at(-1)), ...e.flags.map((f) => f.name), '--help'].join(' ');
    return `    '${e.path.join(' ')}') words='${words}' ;;`;
  });
  const values = entries.flatMap((e) =>
    e.flags.filter((f) => f.choices.length).map((f) => `    '${e.path.join(' ')} ${f.name}') words='${f.choices.join(' ')}' ;;`),
  );
  const known = entries.map((e) => `'${e.path.join(' ')}'`).join('|');
  return `# bash completion of hwcast
_hwcast() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in ${known}) path="\${path:+$path }$word" ;; *) break ;; esac
  done
  case "$path" in
    '') words='${below(entries, [])
      .map((e) => e.path[0])
      .join(' ')} --help --version' ;;
${cases.join('\n')}
  esac
  case "$path $before" in
${values.length ? values.join('\n') : '    *) ;;'}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ "$current" == -* || \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _hwcast hwcast
`;
}

/** zsh runs the bash script through its own compatibility layer. */
const zsh = (entries: readonly Entry[]): string => `autoload -Uz bashcompinit && bashcompinit\n${bash(entries)}`;

function fish(entries: readonly Entry[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', ' ')}'`;
  const lines = entries.flatMap((e) => {
    const parent = e.path.slice(0, -1),
      siblings = below(entries, parent).map((b) => b.path.at(-1));
    const at = parent.length
      ? `__fish_seen_subcommand_from ${parent.join(' ')}; and not __fish_seen_subcommand_from ${siblings.join(' ')}`
      : '__fish_use_subcommand';
    const name = `complete -c hwcast -n ${quote(at)} -a ${e.path.at(-1)} -d ${quote(e.description)}`;
    const inside = e.path.map((p) => `__fish_seen_subcommand_from ${p}`).join('; and ');
    return [
      name,
      ...e.flags.map(
        (f) =>
          `complete -c hwcast -n ${quote(inside)} -l ${f.name.replace(/^--/, '')}${f.takesValue ? ' -r' : ''}${f.choices.length ? ` -a ${quote(f.choices.join(' '))}` : ''} -d ${quote(f.description)}`,
      ),
    ];
  });
  return `# fish completion of hwcast\n${lines.join('\n')}\n`;
}
