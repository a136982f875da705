import { spawn } from 'node:child_process';
import { HwcastError } from '../../core/errors.js';

const DEBIAN: Record<string, string> = {
  yosys: 'yosys',
  iverilog: 'iverilog',
  vvp: 'iverilog',
  'nextpnr-ice40': 'nextpnr-ice40',
};

export interface ToolRun {
  stdout: string;
  stderr: string;
  seconds: number;
}

/** The longest delay of a timer, seconds. */
const MOST_SECONDS = 2 ** 31 / 1000 - 1;

/**
 * Runs a program of the synthesis flow to its end; when it is stopped, so is what it started (Yosys starts ABC).
 * @param options.timeoutS seconds after which it is killed
 * @param options.explain the error of a failure that its log explains; undefined: the usual one
 * @throws HwcastError `not-found` where it is not installed (with the package), `unsupported` past the time limit, `interrupted` by the signal, `bad-input` where
 * it fails, with the last lines of its log
 */
export function runTool(
  program: string,
  args: readonly string[],
  options: {
    cwd: string;
    timeoutS: number;
    where: string;
    signal?: AbortSignal;
    explain?: (log: string) => HwcastError | undefined;
  },
): Promise<ToolRun> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) {
      reject(new HwcastError('interrupted', `${program} was not started`, { where: options.where }));
      return;
    }
    const child = spawn(program, args, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const out: string[] = [],
      err: string[] = [];
    let late = false;
    const stop = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL'); // the group is gone, or the system has none
      }
    };
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, Math.min(options.timeoutS, MOST_SECONDS) * 1000);
    options.signal?.addEventListener('abort', stop, { once: true });
    const done = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
    child.on('error', (cause: NodeJS.ErrnoException) => {
      done();
      reject(
        cause.code === 'ENOENT'
          ? new HwcastError('not-found', `${program} is not installed, or not in PATH`, {
              where: options.where,
              hint: `Debian and Ubuntu: apt install ${DEBIAN[program] ?? program} (all of it: apt install yosys iverilog nextpnr-ice40)`,
              cause,
            })
          : new HwcastError('not-found', `${program} cannot be run: ${cause.message}`, { where: options.where, cause }),
      );
    });
    child.on('close', (code, signalName) => {
      done();
      const [stdout, stderr] = [out.join(''), err.join('')];
      const seconds = (performance.now() - begun) / 1000;
      if (options.signal?.aborted) reject(new HwcastError('interrupted', `${program} was interrupted`, { where: options.where }));
      else if (late)
        reject(
          new HwcastError('unsupported', `${program} did not end within ${options.timeoutS} s`, {
            where: options.where,
            hint: 'a smaller design or a larger reuse factor; or a longer --timeout',
          }),
        );
      else if (code !== 0)
        reject(
          options.explain?.(`${stdout}\n${stderr}`) ??
            new HwcastError(
              'bad-input',
              `${program} ended with ${signalName ?? `status ${code}`}:\n${lastLines(`${stdout}\n${stderr}`)}`,
              { where: options.where },
            ),
        );
      else resolve({ stdout, stderr, seconds });
    });
  });
}

/** The last lines of a log that hold anything. */
export const lastLines = (log: string, count = 8): string =>
  log
    .split('\n')
    .filter((l) => l.trim())
    .slice(-count)
    .map((l) => `  ${l.slice(0, 300)}`)
    .join('\n');
