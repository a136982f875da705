import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { registerDataset } from '../../src/cli/dataset.js';
import { readDataset, writeDataset } from '../../src/dataset/store.js';
import { pickleOf } from '../dataset/import/pickleWriter.js';
import { tinyDataset } from '../dataset/tinyDataset.js';

const root = mkdtempSync(join(tmpdir(), 'hwcast-cli-dataset-'));
afterAll(() => rmSync(root, { recursive: true }));
const at = (name: string) => join(root, name);

async function hwcast(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      out[stream] += text;
      return true;
    }),
  );
  try {
    const program = new Command('hwcast').exitOverride();
    registerDataset(program);
    await program.parseAsync(['node', 'hwcast', 'dataset', ...args]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return out;
}

describe('hwcast dataset', () => {
  it('imports: a folder is written, stdout stays empty', async () => {
    writeFileSync(
      at('HW-NAS-Bench-v1_0.pickle'),
      pickleOf(
        new Map([
          [
            'nasbench201',
            new Map([
              [
                'cifar10',
                new Map<string, unknown>([
                  ['config', [new Map([['arch_str', '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|']])]],
                  ['eyeriss_latency', [3]],
                ]),
              ],
            ]),
          ],
        ]),
      ),
    );
    const { stdout, stderr } = await hwcast('import', at('HW-NAS-Bench-v1_0.pickle'), '--out', at('imported'), '--name', 'mine');
    expect(stdout).toBe('');
    expect(stderr).toBe(`format hw-nas-bench\n${at('imported')}: 1 workloads, 1 tasks, 1 measurements\n`);
    expect((await readDataset(at('imported'))).card.name).toBe('mine');
  });

  it('inspects as a table and as JSON, whole or one task', async () => {
    await writeDataset(at('tiny'), tinyDataset());
    expect((await hwcast('inspect', at('tiny'))).stdout).toMatch(/gpu@b8:energy/);
    const json = JSON.parse((await hwcast('inspect', at('tiny'), '--json', '--task', 'cpu')).stdout);
    expect(json.tasks.map((t: { task: string }) => t.task)).toEqual(['cpu:latency']);
    await expect(hwcast('inspect', at('tiny'), '--task', 'gpuu')).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('gpu'),
    });
    await expect(hwcast('inspect', at('absent'))).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
  });

  it('merges, and refuses a conflict without writing', async () => {
    const other = tinyDataset();
    other.tasks[0].values[0] = 9;
    await writeDataset(at('a'), tinyDataset());
    await writeDataset(at('b'), other);
    await hwcast('merge', at('a'), at('a'), '--out', at('same'), '--name', 'tiny');
    expect(await readDataset(at('same'))).toEqual(tinyDataset());
    await expect(hwcast('merge', at('a'), at('b'), '--out', at('conflict'))).rejects.toMatchObject({
      code: 'bad-input',
      exitCode: 3,
    });
    await expect(readDataset(at('conflict'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses unknown formats and numbers', async () => {
    await expect(hwcast('import', root, '--out', at('x'), '--from', 'csv')).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
    await expect(hwcast('import', root, '--out', at('x'), '--networks', 'many')).rejects.toMatchObject({ code: 'usage' });
    await expect(hwcast('import', root)).rejects.toMatchObject({ code: 'commander.missingMandatoryOptionValue' });
  });
});
