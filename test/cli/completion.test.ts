import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerCompletion } from '../../src/cli/completion.js';
import { runCommand } from './runCommand.js';

const register = (program: Command): void => {
  const sample = program.command('sample').description("the networks to measure, it's said").requiredOption('--model <folder>');
  sample.addOption(new Option('--runtime <name>', 'what runs them').choices(['tfjs', 'onnx']));
  program.command('dataset').addCommand(new Command('inspect').description('look').option('--json', 'as JSON'));
  registerCompletion(program);
};
const script = async (shell: string) => (await runCommand(register, ['completion', shell])).stdout;
const hasBash = spawnSync('bash', ['--version']).status === 0;

/** What bash offers for the last of `words`. */
async function complete(...words: string[]): Promise<string[]> {
  const line = words.map((w) => `'${w}'`).join(' ');
  const run = `${await script('bash')}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _hwcast; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', run], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('hwcast completion', () => {
  it.skipIf(!hasBash)('bash: completes commands, subcommands, flags and the values of flags', async () => {
    expect(await complete('hwcast', 'sa')).toEqual(['sample']);
    expect(await complete('hwcast', 'sample', '--m')).toEqual(['--model']);
    expect(await complete('hwcast', 'sample', '--model', 'm', '--runtime', '')).toEqual(['tfjs', 'onnx']);
    expect(await complete('hwcast', 'dataset', 'in')).toEqual(['inspect']);
    expect(await complete('hwcast', 'dataset', 'inspect', '--j')).toEqual(['--json']);
    expect(await complete('hwcast', 'completion', '--h')).toEqual(['--help']);
  });

  it('zsh and fish: names every command; quotes in descriptions are escaped', async () => {
    expect(await script('zsh')).toMatch(/^autoload -Uz bashcompinit/);
    const fish = await script('fish');
    expect(fish).toContain("-a sample -d 'the networks to measure, it\\'s said'");
    expect(fish).toContain(" -l runtime -r -a 'tfjs onnx' -d 'what runs them'");
    expect(fish).toContain("'__fish_seen_subcommand_from dataset; and not __fish_seen_subcommand_from inspect' -a inspect");
  });

  it('refuses a shell it does not know', async () => {
    expect((await runCommand(register, ['completion', 'csh'])).stderr).toMatch('Allowed choices are bash, zsh, fish');
  });
});
