import { vi } from 'vitest';

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}
let runs = 0;

/** Runs `hwcast` with its arguments as the process would: main.ts from its first line, what it prints, and the exit code it leaves. */
export async function runMain(...args: string[]): Promise<Ended> {
  const ended: Ended = { code: 0, stdout: '', stderr: '' };
  const { argv, exitCode } = process,
    listeners = process.stdout.listeners('error');
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      ended[name] += String(text);
      return true;
    }),
  );
  process.argv = [argv[0], 'hwcast', ...args];
  process.exitCode = 0;
  try {
    await import(/* @vite-ignore */ `../../src/cli/main.ts?run=${runs++}`);
    ended.code = Number(process.exitCode);
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.argv = argv;
    process.exitCode = exitCode;
    for (const listener of process.stdout.listeners('error'))
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void);
  }
  return ended;
}
