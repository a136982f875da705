import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { train } from '../../src/networks/train.js';
import '../../src/operators/operatorKind.js';

const ROOT = join(import.meta.dirname, '../..');

it('models/real is what its command makes of the datasets', { timeout: 1_800_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-real-'));
  const datasets = [
    ...['zoo-h100', 'zoo-h200', 'timm', 'timm-h200', 'ncnn', 'ai-hub', 'vitis-dpu'],
    ...['zoo-h100-operators', 'zoo-h200-operators', 'zoo-ort-operators'],
  ].map((name) => join(ROOT, 'datasets', name));
  await train({ dataset: datasets, out: join(folder, 'real') });
  const config = (path: string) => JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
  expect(config(join(folder, 'real'))).toEqual(config(join(ROOT, 'models/real')));
  rmSync(folder, { recursive: true });
});
