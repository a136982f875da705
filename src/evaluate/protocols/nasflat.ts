import { HwcastError } from '../../core/errors.js';
import { networkGroups } from './networkCases.js';
import { everyPosition, type NetworkSplit } from './networkSplit.js';
import { networkFolder, type Protocol } from './protocol.js';
import { latencyTask, latencyTest, type PublicPool, readPool, readSplits } from './publicPools.js';

/** NASFLAT tasks (Akhauri and Abdelfattah, 2024): train on some devices, test on all networks of the space on others, the measured ones left out. */
export async function nasflatSplits(data: string, tasks?: readonly string[]): Promise<NetworkSplit[]> {
  const published = readSplits(data),
    splits: NetworkSplit[] = [],
    pools = new Map<string, PublicPool>();
  for (const name of tasks ?? Object.keys(published.nasflat_tasks)) {
    const split = published.nasflat_tasks[name];
    if (!split)
      throw new HwcastError('not-found', `no NASFLAT task '${name}'`, {
        hint: `one of ${Object.keys(published.nasflat_tasks).join(', ')}`,
      });
    let pool = pools.get(split.space);
    if (!pool) {
      pool = await readPool(data, split.space);
      pools.set(split.space, pool);
    }
    const { tasks: measured, workloads } = pool;
    splits.push({
      protocol: 'nasflat',
      space: split.space,
      task: name,
      workloads,
      references: published.help[split.space].hardware_embedding_arch_index,
      networksPerTask: split.space === 'fbnet' ? 4000 : 900,
      train: split.train.flatMap((d) => (measured.has(d) ? [latencyTask(d, measured.get(d)!)] : [])),
      test: split.test.flatMap((device) =>
        latencyTest(device, measured.get(device), ({ rows }) => ({
          supportPool: everyPosition(rows.length),
          queryPool: everyPosition(rows.length),
        })),
      ),
      missing: [...split.train, ...split.test].filter((d) => !measured.has(d)),
    });
  }
  return splits;
}

/** NASFLAT's tasks; `tasks` are their names. */
export const nasflat: Protocol = {
  name: 'nasflat',
  report: 'networks',
  async *groups(options) {
    yield* networkGroups(await nasflatSplits(networkFolder(options), options.tasks), options);
  },
};
