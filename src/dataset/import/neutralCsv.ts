import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readCsvLines } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked, readTextChecked } from '../../core/files.js';
import { spaceNamed } from '../../graph/spaces/index.js';
import type { Space } from '../../graph/spaces/space.js';
import { spaceWorkload, type Workload } from '../../graph/workload.js';
import type { Dataset } from '../dataset.js';
import { publicDevice } from './publicDevice.js';
import { readPublicSplits } from './publicSplits.js';
import { valueTask } from './valueTask.js';

interface Table {
  header: string[];
  rows: string[][];
  where: string;
}

/** The CSV of that name in a folder, gzipped or not; undefined where there is none. */
function tableIn(folder: string, name: string): Table | undefined {
  const where = [join(folder, `${name}.csv.gz`), join(folder, `${name}.csv`)].find(existsSync);
  if (!where) return undefined;
  const { header, lines } = readCsvLines(readTextChecked(where), where);
  return { header, rows: lines.map(({ cells }) => cells), where };
}

export const isNeutralFolder = (folder: string): boolean =>
  ['latency.csv.gz', 'latency.csv'].some((f) => existsSync(join(folder, f)));

/**
 * Imports a folder of the neutral tables: `latency.csv[.gz]` with `arch_index` and one column a device in milliseconds (empty = not measured), and
 * `archs.csv[.gz]` with the networks: `arch_str` (NAS-Bench-201), `l0..l21` (FBNet) or `resolution,d*,ks*,e*` (OFA). Without the latter the
 * indices are those of the standard order of `options.space` (NAS-Bench-201 unless told). Position i of the workloads is `arch_index` i.
 * Public split lists (`splits.json` here or in a folder `nasbench201-latency` beside) become splits of the dataset.
 * @throws HwcastError `not-found`, `corrupt`, `bad-input` naming file and row.
 */
export function importNeutralCsv(folder: string, options: { space?: string } = {}): Dataset {
  const latency = tableIn(folder, 'latency');
  if (!latency) throw new HwcastError('not-found', `no latency.csv or latency.csv.gz in '${folder}'`);
  if (latency.header[0] !== 'arch_index')
    throw new HwcastError('bad-input', `first column is '${latency.header[0]}', not 'arch_index'`, { where: latency.where });
  const archs = tableIn(folder, 'archs');
  const workloads = archs ? listedWorkloads(archs) : standardWorkloads(spaceNamed(options.space ?? 'nasbench201'));
  const devices = latency.header.slice(1);
  const columns = devices.map(() => new Float64Array(workloads.length).fill(Number.NaN));
  const line = new Int32Array(workloads.length);
  latency.rows.forEach((row, r) => {
    const where = `${latency.where}, line ${r + 2}`,
      index = Number(row[0]);
    if (!Number.isInteger(index) || row[0] === '' || index < 0 || index >= workloads.length)
      throw new HwcastError('bad-input', `arch_index '${row[0]}' is none of 0 to ${workloads.length - 1}`, { where });
    if (line[index])
      throw new HwcastError('bad-input', `arch_index ${index} stands twice (also in line ${line[index]})`, { where });
    line[index] = r + 2;
    for (let d = 0; d < devices.length; d++) {
      const text = row[d + 1];
      if (text === '') continue;
      const value = Number(text);
      if (Number.isNaN(value))
        throw new HwcastError('bad-input', `latency '${text}' on '${devices[d]}' is no number`, {
          where,
          hint: 'leave the cell empty where nothing was measured',
        });
      columns[d][index] = value;
    }
  });
  const space = workloads[0]?.space?.name ?? '';
  const splitFile = [join(folder, 'splits.json'), join(dirname(resolve(folder)), 'nasbench201-latency', 'splits.json')].find(
    existsSync,
  );
  return {
    card: {
      name: basename(resolve(folder)),
      ...readProvenance(folder),
      devices: Object.fromEntries(devices.map((d) => [d, publicDevice(d)])),
      noise: {},
      notes: ['Latency of single public measurements; repeats and spread are not published.'],
    },
    workloads,
    tasks: devices.map((device, d) => valueTask(device, 'latency', columns[d], 1e-3, (i) => `${latency.where}, line ${line[i]}`)),
    splits: splitFile ? readPublicSplits(splitFile, space) : {},
  };
}

/** Source and licences as the README beside the tables states them. */
function readProvenance(folder: string): { source: string; licence: string } {
  const path = join(folder, 'README.md'),
    text = existsSync(path) ? readFileChecked(path).toString('utf8') : '';
  const licences = [...new Set(text.match(/\b(MIT|Apache-2\.0|BSD-3-Clause|CC-BY(-[A-Z]{2})*-\d\.\d)\b/g) ?? [])];
  return {
    source:
      /Provenance:\s*(.+?)(?=, files|, `|\.\s|\n)/.exec(text)?.[1].replace(/`/g, '') ??
      'tables of latency measurements without a README',
    licence: licences.length ? licences.sort().join(', ') : 'not stated',
  };
}

const standardWorkloads = (space: Space): Workload[] => {
  if (!space.at || !space.size)
    throw new HwcastError('bad-input', `space '${space.name}' has no standard order: a file archs.csv must list its networks`);
  return Array.from({ length: space.size }, (_, i) => spaceWorkload(space, space.at!(i)));
};

function listedWorkloads({ header, rows, where }: Table): Workload[] {
  const at = (name: string) => header.indexOf(name);
  const digits = (row: string[], prefix: string, n: number) =>
    Array.from({ length: n }, (_, i) => row[at(`${prefix}${i}`)]).join('');
  const [space, code]: [Space, (row: string[]) => string] =
    at('arch_str') >= 0
      ? [spaceNamed('nasbench201'), (row) => row[at('arch_str')]]
      : at('l0') >= 0
        ? [spaceNamed('fbnet'), (row) => digits(row, 'l', 22)]
        : at('resolution') >= 0
          ? [
              spaceNamed('ofa'),
              (row) => `${row[at('resolution')]},${digits(row, 'd', 5)},${digits(row, 'ks', 20)},${digits(row, 'e', 20)}`,
            ]
          : unknownTable(header, where);
  return rows.map((row, i) => {
    const place = `${where}, line ${i + 2}`;
    if (Number(row[0]) !== i) throw new HwcastError('bad-input', `arch_index '${row[0]}' where ${i} is due`, { where: place });
    try {
      return spaceWorkload(space, space.parse(code(row)));
    } catch (cause) {
      throw cause instanceof HwcastError
        ? new HwcastError(cause.code, cause.message, { where: place, hint: cause.hint, cause })
        : cause;
    }
  });
}

function unknownTable(header: string[], where: string): never {
  throw new HwcastError('bad-input', `columns ${header.slice(0, 5).join(', ')}... name no network`, {
    where,
    hint: 'a table of networks has arch_str, or l0..l21, or resolution with d0.., ks0.., e0..',
  });
}
