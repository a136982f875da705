import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nasbench201 } from '../../src/graph/spaces/nasbench201.js';

export const NETWORKS = 60;
/** milliseconds of network i on a device of the tables */
export const VALUE = {
  fast: (i: number) => 1 + ((i * 37) % 60),
  slow: (i: number) => 100 + ((i * 53) % 60),
  target: (i: number) => 10 + ((i * 7) % 60),
};

/** Public tables as the project reads them: 60 networks on three devices, split lists that also name devices without data. */
export function writePublicFolder(folder: string): void {
  const data = join(folder, 'nasbench201-latency');
  mkdirSync(data, { recursive: true });
  const indices = Array.from({ length: NETWORKS }, (_, i) => i),
    devices = Object.keys(VALUE) as (keyof typeof VALUE)[];
  writeFileSync(
    join(data, 'archs.csv'),
    `arch_index,arch_str\n${indices.map((i) => `${i},${nasbench201.format(nasbench201.at!(i))}`).join('\n')}\n`,
  );
  writeFileSync(
    join(data, 'latency.csv'),
    `arch_index,${devices.join(',')}\n${indices.map((i) => [i, ...devices.map((d) => VALUE[d](i))].join(',')).join('\n')}\n`,
  );
  const pools = { train_pool: [0, 40], query_pool: [40, 60], hardware_embedding_arch_index: [3, 50, 7] };
  writeFileSync(
    join(data, 'splits.json'),
    JSON.stringify({
      help: { nasbench201: { meta_train: ['fast', 'slow', 'gone'], meta_valid: [], meta_test: ['target', 'lost'], ...pools } },
      nasflat_tasks: { T1: { space: 'nasbench201', train: ['fast', 'gone'], test: ['slow', 'target', 'lost'] } },
    }),
  );
}
