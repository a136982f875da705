import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked } from '../../core/files.js';
import { createRandom } from '../../core/random.js';
import { fbnet } from '../../graph/spaces/fbnet.js';
import { nasbench201 } from '../../graph/spaces/nasbench201.js';
import type { Target } from '../../graph/targets.js';
import { spaceWorkload, type Workload } from '../../graph/workload.js';
import type { Dataset, TaskData } from '../dataset.js';
import { fbnetBlockKeys } from './fbnetBlockKeys.js';
import { publicDevice } from './publicDevice.js';
import { readPickle } from './readPickle.js';
import { numberList } from './tensorValue.js';
import { valueTask } from './valueTask.js';

/** The benchmark's file: SOURCE itself, or the pickle in a clone of the repository; undefined where there is none. */
export function hwNasBenchFile(source: string): string | undefined {
  if (!statSync(source).isDirectory()) return /\.(pickle|pkl)$/.test(source) ? source : undefined;
  const name = readdirSync(source).find((f) => /^HW-NAS-Bench.*\.pickle$/.test(f));
  return name && join(source, name);
}

/** `edgegpu_latency` -> device and target; metrics of another kind (arithmetic intensity) are not imported. */
function metric(name: string): { device: string; target: Target } | undefined {
  const match = /^(.+)_(latency|energy)$/.exec(name);
  return match ? { device: match[1], target: match[2] as Target } : undefined;
}

const isDict = (x: unknown): x is Map<string, unknown> => x instanceof Map;

/**
 * Imports the pickle of HW-NAS-Bench (Li et al., ICLR 2021): latency in ms and energy in mJ on six devices. No code of the file is run.
 * - `nasbench201` (default): `['nasbench201']['cifar10'][metric]`, one value a cell, in the order of `config`. The other two data sets are left out:
 *   their networks (other input or classes) are no workloads of the space.
 * - `fbnet`: `['fbnet'][metric]` holds block costs; the cost of a network is their sum, so any network can be priced: `networks` of them are drawn
 *   with `seed` (CIFAR-100).
 * @throws HwcastError as readPickle; `bad-input` for another layout, naming the key.
 */
export function importHwNasBench(source: string, options: { space?: string; networks?: number; seed?: number } = {}): Dataset {
  const where = existsSync(source) ? hwNasBenchFile(source) : undefined;
  if (!where)
    throw new HwcastError('not-found', `no HW-NAS-Bench pickle at '${source}'`, {
      hint: 'name HW-NAS-Bench-v1_0.pickle or a clone that holds it',
    });
  const root = readPickle(readFileChecked(where), where);
  const space = options.space ?? 'nasbench201';
  const part = isDict(root) ? root.get(space) : undefined;
  if (!isDict(part))
    throw new HwcastError(
      'bad-input',
      `no dict '${space}' in the pickle${isDict(root) ? `; it holds ${[...root.keys()].join(', ')}` : ''}`,
      { where },
    );
  const { workloads, tasks, notes } = space === 'fbnet' ? fromBlocks(part, where, options) : fromLists(part, where);
  return {
    card: {
      name: `hw-nas-bench-${space}`,
      source: 'github.com/GATECH-EIC/HW-NAS-Bench (Li et al., HW-NAS-Bench, ICLR 2021)',
      licence: 'MIT',
      devices: Object.fromEntries(tasks.map(({ device }) => [device, publicDevice(device)])),
      noise: {},
      notes,
    },
    workloads,
    tasks,
    splits: {},
  };
}

interface Part {
  workloads: Workload[];
  tasks: TaskData[];
  notes: string[];
}

function fromLists(part: Map<string, unknown>, where: string): Part {
  const table = part.get('cifar10');
  if (!isDict(table))
    throw new HwcastError('bad-input', `no dict 'cifar10'; there are ${[...part.keys()].join(', ')}`, { where });
  const config = table.get('config');
  if (!Array.isArray(config)) throw new HwcastError('bad-input', "no list 'config' of networks in 'cifar10'", { where });
  const workloads = config.map((c, i) => {
    const code = isDict(c) ? c.get('arch_str') : undefined;
    if (typeof code !== 'string')
      throw new HwcastError('bad-input', 'config without arch_str', { where: `${where}, config ${i}` });
    return spaceWorkload(nasbench201, nasbench201.parse(code));
  });
  const notes = [
    'Eyeriss and FPGA values are estimates of the source; FPGA energy is a constant 7 W times latency.',
    'Imported: CIFAR-10. Left out: cifar100, ImageNet16-120, arithmetic intensity.',
  ];
  const tasks: TaskData[] = [];
  for (const [name, list] of table) {
    const known = metric(name);
    if (!known) continue;
    const place = `${where}, nasbench201/cifar10/${name}`;
    const values = numberList(list, place);
    if (values.length !== workloads.length)
      throw new HwcastError('bad-input', `${values.length} values for ${workloads.length} networks`, { where: place });
    const unmeasured = values.filter((v) => v === -1).length; // the source's mark of a network that the device could not run
    if (unmeasured) notes.push(`${known.device} ${known.target}: ${unmeasured} networks not measured (-1 in the source).`);
    tasks.push(
      valueTask(
        known.device,
        known.target,
        values.map((v) => (v === -1 ? Number.NaN : v)),
        1e-3,
        (i) => `${place}, item ${i}`,
      ),
    );
  }
  return { workloads, tasks, notes };
}

function fromBlocks(
  part: Map<string, unknown>,
  where: string,
  { networks = 5000, seed = 0 }: { networks?: number; seed?: number },
): Part {
  const random = createRandom(`${seed}/hw-nas-bench/fbnet`);
  const drawn = new Map<string, Workload>();
  while (drawn.size < networks) {
    const workload = spaceWorkload(fbnet, fbnet.draw(random.next));
    drawn.set(workload.id, workload);
  }
  const workloads = [...drawn.values()],
    keys = workloads.map((w) => fbnetBlockKeys(w.arch!));
  const tasks: TaskData[] = [];
  for (const [name, table] of part) {
    const known = metric(name);
    if (!known) continue;
    const place = `${where}, fbnet/${name}`;
    if (!isDict(table)) throw new HwcastError('bad-input', 'no dict of block costs', { where: place });
    const cost = new Map(Array.from(table, ([key, value]) => [key, numberList([value], `${place}/${key}`)[0]]));
    const values = Float64Array.from(keys, (blocks) =>
      blocks.reduce((sum, key) => {
        const value = cost.get(key);
        if (value === undefined) throw new HwcastError('bad-input', `no cost of block '${key}'`, { where: place });
        return sum + value;
      }, 0),
    );
    tasks.push(valueTask(known.device, known.target, values, 1e-3, (i) => `${place}, network ${workloads[i].id}`));
  }
  return {
    workloads,
    tasks,
    notes: [
      `${networks} networks drawn uniformly with seed ${seed}; each value is a sum of published block costs (CIFAR-100), not a measurement of the whole network.`,
    ],
  };
}
