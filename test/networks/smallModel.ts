import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workload } from '../../src/graph/workload.js';
import type { ClosedForm } from '../../src/networks/closedForm.js';
import type { Model } from '../../src/networks/model.js';
import { type TrainOptions, train } from '../../src/networks/train.js';
import type { SupportRow } from '../../src/surrogate/predictor.js';
import { drawNetworks, lawValue, type SmallDevice, smallDataset } from './smallDataset.js';

export type SmallModel = Model & { readonly learner: ClosedForm };

/** A closed-form model of the small dataset; about one second. */
export const trainSmall = async (options: Partial<TrainOptions> = {}): Promise<SmallModel> =>
  (await train({ dataset: smallDataset(24), method: 'closed-form', seed: 5, ...options })) as SmallModel;

/** Networks that the small dataset does not hold. */
export const unseenNetworks = (count: number): Workload[] => {
  const known = new Set(smallDataset().workloads.map((w) => w.id));
  return drawNetworks(count + known.size, 'unseen')
    .filter((w) => !known.has(w.id))
    .slice(0, count);
};

/** Measurements of networks on a device that was left out of training, without noise. */
export const measurements = (
  networks: readonly Workload[],
  device: SmallDevice = 'cpu_b',
  target: 'latency' | 'energy' = 'latency',
): SupportRow[] => networks.map((workload) => ({ workload, value: lawValue(device, target, workload) }));

/** A folder of its own for the files of a test, and its removal. */
export function temporaryFolder(): { folder: string; path(...names: string[]): string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-test-'));
  return { folder, path: (...names) => join(folder, ...names), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
