import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type StageSetting, stageGroup, stageTask } from '../../../src/evaluate/protocols/fpgaStage.js';
import { stagePairs } from '../../../src/evaluate/protocols/stagePairs.js';
import { runGroup } from '../../../src/evaluate/run.js';
import { readFpgaSources } from '../../../src/fpga/data/fpgaSources.js';
import { SHARED } from '../../shared.js';

const shared = join(SHARED, 'data/fpga');
describe.skipIf(!existsSync(shared))('from csynth to vsynth on real projects (needs ../shared)', () => {
  it('10 pairs give LUT within 20 %, ahead of ridge on the same columns, the median ratio and csynth as it is; models left out too', async () => {
    const rows = existsSync(shared) ? readFpgaSources(shared, { onIssue: () => {} }) : [];
    expect(stagePairs(rows).length).toBeGreaterThanOrEqual(14);
    const out = await runGroup(stageGroup(rows, { sizes: [10], draws: 20 }), { command: 'c', measuredAt: 't' });
    for (const [setting, most] of [
      ['pair', 20],
      ['model', 30],
      ['source', 30],
    ] as [StageSetting, number][]) {
      const lut = (method: string) =>
        out.findLast((r) => r.task === stageTask(setting) && r.target === 'lut' && r.method === method)!.smape!;
      expect(lut('stage model'), setting).toBeLessThan(most);
      expect(lut('stage model'), setting).toBeLessThan(lut('ridge'));
      expect(lut('stage model'), setting).toBeLessThan(lut('median ratio'));
      expect(lut('stage model'), setting).toBeLessThan(lut('csynth'));
    }
  });
});
