import { HwcastError } from '../../core/errors.js';
import type { Dataset } from '../../dataset/dataset.js';
import { readDataset } from '../../dataset/store.js';
import { domainTasks } from '../../surrogate/domainTasks.js';
import { domainOf } from '../../surrogate/kind.js';
import { networkGroups } from './networkCases.js';
import { everyPosition, type NetworkSplit, type TestTask } from './networkSplit.js';
import type { Protocol } from './protocol.js';

const BY_NAME = 'models without graphs';

/**
 * Each device of a dataset left out in turn, with all its targets and conditions. Its tasks are tested on the networks that were measured well: in
 * at least half as many passes as the best measured network of the task (others are too noisy to judge by); training uses all.
 */
export function leaveOneOutSplits(dataset: Dataset, devices?: readonly string[]): NetworkSplit[] {
  const all = [...new Set(dataset.tasks.map((t) => t.device))],
    wanted = devices ?? all;
  const unknown = wanted.find((d) => !all.includes(d));
  if (unknown !== undefined)
    throw new HwcastError('not-found', `no device '${unknown}' in the dataset`, { hint: `it has ${all.join(', ')}` });
  // the methods of this protocol stand on graphs: models known by name alone are left out where the dataset has others
  const domains = dataset.workloads.map((w) => (w.graph || w.space ? domainOf(w) : BY_NAME)),
    learned = new Set(domains);
  if (learned.size > 1) learned.delete(BY_NAME);
  return [...learned].flatMap((space) => {
    const tasks = domainTasks(dataset, domains, space);
    const wellMeasured = (repeats: Int32Array) => {
      const enough = repeats.reduce((a, b) => Math.max(a, b), 0) / 2;
      return everyPosition(repeats.length).filter((i) => repeats[i] >= enough);
    };
    return wanted
      .filter((d) => tasks.some((t) => t.device === d))
      .map(
        (device): NetworkSplit => ({
          protocol: 'leave-one-out',
          space,
          task: `without ${device}`,
          workloads: dataset.workloads,
          references: [],
          networksPerTask: 2000,
          missing: [],
          train: tasks.filter((t) => t.device !== device).map(({ repeats: _, ...t }) => t),
          test: tasks
            .filter((t) => t.device === device)
            .map(
              ({ repeats, ...t }): TestTask => ({ ...t, supportPool: wellMeasured(repeats), queryPool: wellMeasured(repeats) }),
            ),
        }),
      );
  });
}

/** Each device of a dataset in turn. */
export const leaveOneOutProtocol: Protocol = {
  name: 'leave-one-out',
  report: 'networks',
  async *groups(options) {
    if (!options.dataset) throw new HwcastError('usage', '--protocol leave-one-out needs --dataset FOLDER');
    yield* networkGroups(leaveOneOutSplits(await readDataset(options.dataset), options.devices), options);
  },
};
