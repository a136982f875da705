import { Command } from 'commander';
import { vi } from 'vitest';
import { HwcastError } from '../../src/core/errors.js';

export interface Output {
  stdout: string;
  stderr: string;
  /** what the command threw, where it did */
  error?: HwcastError;
}

/** Runs one registered command with its arguments and catches what it prints. */
export async function runCommand(register: (program: Command) => void | Promise<void>, args: string[]): Promise<Output> {
  const output: Output = { stdout: '', stderr: '' };
  const catching = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += String(text);
      return true;
    });
  const spies = [catching('stdout'), catching('stderr')];
  const program = new Command('hwcast').exitOverride();
  await register(program);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof HwcastError) output.error = error;
    else if ((error as { code?: string }).code?.startsWith('commander.')) output.stderr += (error as Error).message;
    else throw error;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return output;
}
