import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { lastLines, runTool } from '../../../src/fpga/synth/runTool.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-run-tool-'));
afterAll(() => rmSync(folder, { recursive: true }));
const options = { cwd: folder, timeoutS: 20, where: "design 'x'" };
const sh = (script: string, more: Partial<Parameters<typeof runTool>[2]> = {}) =>
  runTool('sh', ['-c', script], { ...options, ...more });

/** A shell that leaves a child behind unless the whole group is stopped; writes the child's id. */
const WITH_CHILD = 'sleep 30 & echo $! > child; wait';
async function childIsGone(): Promise<boolean> {
  const { readFileSync } = await import('node:fs');
  const pid = Number(readFileSync(join(folder, 'child'), 'utf8'));
  for (let i = 0; i < 50; i++) {
    try {
      process.kill(pid, 0);
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
      if (state === 'Z') return true; // killed, not yet collected
    } catch {
      return true;
    }
    await sleep(20);
  }
  process.kill(pid, 'SIGKILL');
  return false;
}

describe('runTool', () => {
  it('gives both outputs', async () => {
    expect(await sh('echo out; echo err >&2')).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('names the package of a program that is absent', async () => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      for (const [program, debian] of [
        ['yosys', 'yosys'],
        ['vvp', 'iverilog'],
        ['nextpnr-ice40', 'nextpnr-ice40'],
      ])
        await expect(runTool(program, [], options)).rejects.toMatchObject({
          code: 'not-found',
          message: `${program} is not installed, or not in PATH`,
          hint: expect.stringMatching(`apt install ${debian} `),
          exitCode: 4,
        });
    } finally {
      process.env.PATH = path;
    }
  });

  it('ends a program that fails with the end of its log', async () => {
    await expect(sh('for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; echo bad thing >&2; exit 3')).rejects.toMatchObject({
      code: 'bad-input',
      where: "design 'x'",
      message: expect.stringMatching(/^sh ended with status 3:\n {2}line 3\n[\s\S]* {2}bad thing$/),
    });
    await expect(sh('kill -9 $$')).rejects.toThrow(/sh ended with SIGKILL/);
  });

  it('lets the caller explain a failure', async () => {
    const explain = (log: string) => (log.includes('full') ? new HwcastError('unsupported', 'does not fit') : undefined);
    await expect(sh('echo full; exit 1', { explain })).rejects.toThrow('does not fit');
    await expect(sh('echo other; exit 1', { explain })).rejects.toThrow(/status 1/);
  });

  it('stops a program past its time, and what that started', async () => {
    await expect(sh(WITH_CHILD, { timeoutS: 0.3 })).rejects.toMatchObject({
      code: 'unsupported',
      message: 'sh did not end within 0.3 s',
      hint: expect.stringMatching(/--timeout/),
    });
    expect(await childIsGone()).toBe(true);
  });

  it('stops at the signal, and does not start after it', async () => {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 200);
    await expect(sh(WITH_CHILD, { signal: interrupt.signal })).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(await childIsGone()).toBe(true);
    await expect(sh('echo no > started', { signal: interrupt.signal })).rejects.toThrow(/was not started/);
  });

  it('takes a time limit longer than a timer holds', async () => {
    expect((await sh('sleep 0.1; echo done', { timeoutS: 1e9 })).stdout).toBe('done\n');
  });

  it('shows the last lines that hold anything', () => {
    expect(lastLines('a\n\nb\n  \nc\n', 2)).toBe('  b\n  c');
  });
});
