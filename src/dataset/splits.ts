import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import type { Dataset, TaskData } from './dataset.js';

/** The integers from `start` to `end`, end excluded. */
export const indexRange = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** Named parts and their shares, e.g. `{ train: 0.8, test: 0.2 }`; the shares add up to 1. */
export type Shares = Readonly<Record<string, number>>;

/**
 * Splits workloads: every measurement of a workload, on whatever device, falls into one part, so that no network of the test part was ever trained on.
 * A split by row would leak: the same network on another device tells its rank.
 * @returns positions in `dataset.workloads` by part, ascending
 */
export function splitByWorkload(dataset: Pick<Dataset, 'workloads'>, shares: Shares, seed: number): Record<string, number[]> {
  const parts = share(indexRange(0, dataset.workloads.length), shares, seed, 'workloads');
  for (const part of Object.values(parts)) part.sort((a, b) => a - b);
  return parts;
}

/**
 * Splits devices: all tasks of a device (conditions, targets) fall into one part. Devices with the same `hardware` in the card stay together, since
 * the same GPU at another batch size is no unseen device.
 * @returns device ids by part, sorted
 */
export function splitByDevice(dataset: Pick<Dataset, 'card'>, shares: Shares, seed: number): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [id, entry] of Object.entries(dataset.card.devices))
    groups.set(entry.hardware ?? `device ${id}`, [...(groups.get(entry.hardware ?? `device ${id}`) ?? []), id]);
  const parts = share([...groups.keys()].sort(), shares, seed, 'devices');
  return Object.fromEntries(Object.entries(parts).map(([name, keys]) => [name, keys.flatMap((k) => groups.get(k)!).sort()]));
}

function share<T>(items: T[], shares: Shares, seed: number, what: string): Record<string, T[]> {
  const names = Object.keys(shares),
    total = Object.values(shares).reduce((a, b) => a + b, 0);
  if (!names.length || Math.abs(total - 1) > 1e-9 || Object.values(shares).some((s) => !(s > 0)))
    throw new HwcastError('bad-input', `shares ${JSON.stringify(shares)} are not positive numbers that add up to 1`);
  const order = createRandom(`${seed}/split/${what}`).shuffle([...items]);
  let upTo = 0,
    at = 0;
  return Object.fromEntries(
    names.map((name, i) => {
      upTo += shares[name];
      const end = i === names.length - 1 ? order.length : Math.round(upTo * order.length);
      const part = order.slice(at, end);
      if (!part.length)
        throw new HwcastError('bad-input', `part '${name}' (${shares[name]}) of ${items.length} ${what} is empty`, {
          hint: 'give it a larger share',
        });
      at = end;
      return [name, part];
    }),
  );
}

/** HELP's index pools: the first networks train and adapt, the next 1,000 are predicted (Lee et al., NeurIPS 2021, released settings). */
export const HELP_POOLS: Readonly<Record<string, { train: readonly [number, number]; query: readonly [number, number] }>> = {
  nasbench201: { train: [0, 900], query: [900, 1900] },
  fbnet: { train: [0, 4000], query: [4000, 5000] },
  ofa: { train: [0, 4000], query: [4000, 5000] },
};

/**
 * The pools of HELP for one task: positions of `HELP_POOLS`, of which HELP's loader drops the fastest and the slowest tenth of that task, per pool.
 * @param space name of a space in HELP_POOLS
 * @returns positions in `task` (not in workloads), each pool ordered by value
 * @throws HwcastError `bad-input` for an unknown space, or a task that lacks a workload of a pool.
 */
export function helpPools(task: TaskData, space: string): { train: number[]; query: number[] } {
  const pools = HELP_POOLS[space];
  if (!pools)
    throw new HwcastError('bad-input', `HELP has no pools for space '${space}'; known: ${Object.keys(HELP_POOLS).join(', ')}`);
  const position = new Map(Array.from(task.rows, (row, i) => [row, i]));
  const trimmed = ([start, end]: readonly [number, number]) => {
    const pool = indexRange(start, end).map((row) => {
      const i = position.get(row);
      if (i === undefined)
        throw new HwcastError('bad-input', `'${task.device}' has no ${task.target} for workload ${row} of HELP's pools`);
      return i;
    });
    return pool
      .sort((a, b) => task.values[a] - task.values[b] || task.rows[a] - task.rows[b])
      .slice(Math.floor(pool.length * 0.1), Math.floor(pool.length * 0.9));
  };
  return { train: trimmed(pools.train), query: trimmed(pools.query) };
}

const HELP_NB201_TRAIN = [
  '1080ti_1',
  '1080ti_32',
  '1080ti_256',
  'silver_4114',
  'silver_4210r',
  'samsung_a50',
  'pixel3',
  'essential_ph_1',
  'samsung_s7',
];
/** HELP's devices: nine to meta-train, some to choose the checkpoint, the others to test (its README, tables 2 to 4). */
export const HELP_DEVICES: Readonly<
  Record<string, { train: readonly string[]; valid: readonly string[]; test: readonly string[] }>
> = {
  nasbench201: {
    train: HELP_NB201_TRAIN,
    valid: ['titanx_1', 'titanx_32', 'titanx_256', 'gold_6240'],
    test: ['titan_rtx_256', 'gold_6226', 'fpga', 'pixel2', 'raspi4', 'eyeriss'],
  },
  fbnet: {
    train: HELP_NB201_TRAIN.map((d) => (d === '1080ti_256' ? '1080ti_64' : d)),
    valid: ['titanx_1', 'titanx_32', 'titanx_64', 'gold_6240'],
    test: ['fpga', 'raspi4', 'eyeriss'],
  },
  ofa: {
    train: ['2080ti_1', '2080ti_32', '2080ti_64', 'titan_xp_1', 'titan_xp_32', 'titan_xp_64', 'v100_1', 'v100_32', 'v100_64'],
    valid: ['titan_rtx_1', 'titan_rtx_32'],
    test: ['titan_rtx_64'],
  },
};
