import { HwcastError } from '../../core/errors.js';
import { networkGroups } from './networkCases.js';
import { everyPosition, type NetworkSplit } from './networkSplit.js';
import { networkFolder, type Protocol } from './protocol.js';
import { latencyTask, latencyTest, type MeasuredNetworks, readPool, readSplits } from './publicPools.js';

/**
 * HELP (Lee et al., NeurIPS 2021): training devices on their training pool, support from the target's training pool, queries from its query pool;
 * both pools lose the fastest and slowest tenth of the device. Test devices the data does not have are named in `missing`.
 */
export async function helpSplits(data: string, spaces: readonly string[]): Promise<NetworkSplit[]> {
  const published = readSplits(data).help,
    splits: NetworkSplit[] = [];
  for (const space of spaces) {
    const split = published[space];
    if (!split)
      throw new HwcastError('not-found', `HELP has no split of '${space}'`, {
        hint: `one of ${Object.keys(published).join(', ')}`,
      });
    const pool = await readPool(data, space);
    const within = ([from, to]: readonly [number, number], task: MeasuredNetworks): Int32Array => {
      const all = everyPosition(task.rows.length)
        .filter((i) => task.rows[i] >= from && task.rows[i] < to)
        .sort((a, b) => task.values[a] - task.values[b] || a - b);
      return all.subarray(Math.floor(all.length / 10), all.length - Math.floor(all.length / 10));
    };
    const onTrainPool = (devices: readonly string[]) =>
      devices.flatMap((device) => {
        const task = pool.tasks.get(device);
        if (!task) return [];
        const keep = everyPosition(task.rows.length).filter(
          (i) => task.rows[i] >= split.train_pool[0] && task.rows[i] < split.train_pool[1],
        );
        return [
          latencyTask(device, { rows: keep.map((i) => task.rows[i]), values: Float64Array.from(keep, (i) => task.values[i]) }),
        ];
      });
    // the reference networks are measured on every device, also where they lie outside the pool
    const referenceValues = new Map(
      [...pool.tasks].flatMap(([device, task]): [string, Float64Array][] => {
        const at = new Map(Array.from(task.rows, (row, i) => [row, i])),
          positions = split.hardware_embedding_arch_index.map((row) => at.get(row));
        return positions.some((i) => i === undefined) ? [] : [[device, Float64Array.from(positions, (i) => task.values[i!])]];
      }),
    );
    const train = onTrainPool(split.meta_train),
      validation = onTrainPool(split.meta_valid);
    const test = split.meta_test.flatMap((device) =>
      latencyTest(device, pool.tasks.get(device), (task) => ({
        supportPool: within(split.train_pool, task),
        queryPool: within(split.query_pool, task),
      })),
    );
    splits.push({
      protocol: 'help',
      space,
      task: 'HELP',
      workloads: pool.workloads,
      train,
      validation,
      referenceValues,
      test,
      references: split.hardware_embedding_arch_index,
      networksPerTask: split.train_pool[1] - split.train_pool[0],
      missing: [...split.meta_train, ...split.meta_test].filter((d) => !pool.tasks.has(d)),
    });
  }
  return splits;
}

/** HELP's own protocol on each of its spaces. */
export const help: Protocol = {
  name: 'help',
  report: 'networks',
  async *groups(options) {
    yield* networkGroups(await helpSplits(networkFolder(options), options.spaces ?? ['nasbench201', 'fbnet', 'ofa']), options);
  },
};
