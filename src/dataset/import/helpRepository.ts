import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { SPACES, spaceNamed } from '../../graph/spaces/index.js';
import type { Space } from '../../graph/spaces/space.js';
import { spaceWorkload, type Workload } from '../../graph/workload.js';
import type { Dataset } from '../dataset.js';
import { HELP_DEVICES, HELP_POOLS, indexRange } from './helpSplits.js';
import { publicDevice } from './publicDevice.js';
import { readTorchFile } from './readTorchFile.js';
import { numberList } from './tensorValue.js';
import { valueTask } from './valueTask.js';

/** Where the files of one space lie: `folder` holds the networks, `files` one latency list a device. */
interface Layout {
  space: Space;
  folder: string;
  files: string[];
}

const torchFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => f.endsWith('.pt'))
        .sort()
        .map((f) => join(folder, f))
    : [];

/** The spaces of a HELP clone that hold latency lists. */
export function helpSpaces(source: string): string[] {
  return Object.keys(SPACES).filter((name) => torchFiles(join(source, 'data', name, 'latency')).length);
}

/** True for a clone of HELP, one of its `data/<space>` or `latency` folders, or one `.pt` file. */
export function isHelpSource(source: string): boolean {
  if (!statSync(source).isDirectory()) return source.endsWith('.pt');
  return helpSpaces(source).length > 0 || torchFiles(join(source, 'latency')).length > 0 || torchFiles(source).length > 0;
}

function layout(source: string, wanted?: string): Layout {
  const path = resolve(source);
  if (!statSync(path).isDirectory()) return inFolder(dirname(path), [path], wanted);
  const spaces = helpSpaces(path);
  if (spaces.length) {
    const space = wanted ?? spaces[0];
    if (!spaces.includes(space))
      throw new HwcastError('not-found', `no latency lists of space '${space}' in '${source}'; there are ${spaces.join(', ')}`);
    const folder = join(path, 'data', space);
    return { space: spaceNamed(space), folder, files: torchFiles(join(folder, 'latency')) };
  }
  const below = torchFiles(join(path, 'latency'));
  return below.length ? inFolder(join(path, 'latency'), below, wanted) : inFolder(path, torchFiles(path), wanted);
}

/** Files of a `latency` folder: the space is named by the folder above, or by the list of networks there. */
function inFolder(latency: string, files: string[], wanted?: string): Layout {
  const folder = dirname(latency),
    holds = (name: string) => existsSync(join(folder, name));
  const space =
    wanted ??
    (Object.hasOwn(SPACES, basename(folder))
      ? basename(folder)
      : holds('ofa_archs.pt')
        ? 'ofa'
        : holds('metainfo.pt') || holds('arch.pt')
          ? 'fbnet'
          : 'nasbench201');
  return { space: spaceNamed(space), folder, files };
}

/**
 * Imports latency lists as the HELP repository publishes them (Lee et al., NeurIPS 2021): `data/<space>/latency/<device>.pt`, one value a network in
 * milliseconds, in the order of the networks (`nasbench201`: the standard order, checked against `str_arch2idx.pt` where it is there; `fbnet`:
 * `metainfo.pt` or `arch.pt`; `ofa`: `ofa_archs.pt`). No code of the files is run.
 * @param source clone, `data/<space>` folder, `latency` folder or one `.pt` file
 * @throws HwcastError as readTorchFile; `bad-input` naming file and item for a list of the wrong length or a value that is not positive.
 */
export function importHelp(source: string, options: { space?: string } = {}): Dataset {
  const { space, folder, files } = layout(source, options.space);
  if (!files.length) throw new HwcastError('not-found', `no latency lists (.pt) in '${source}'`);
  const workloads = networks(space, folder);
  const columns = files.map((file) => {
    const values = numberList(readTorchFile(file), file);
    if (values.length !== workloads.length)
      throw new HwcastError('bad-input', `${values.length} values for ${workloads.length} networks of space '${space.name}'`, {
        where: file,
        hint: 'name another space with --space',
      });
    const missing = values.findIndex((v) => Number.isNaN(v));
    if (missing >= 0) throw new HwcastError('bad-input', 'latency NaN', { where: `${file}, item ${missing}` });
    return { device: basename(file, '.pt'), file, values };
  });
  const reference = join(folder, 'hardware_embedding_index.pt'),
    pools = HELP_POOLS[space.name],
    devices = HELP_DEVICES[space.name];
  return {
    card: {
      name: `help-${space.name}`,
      source: 'github.com/HayeonLee/HELP (Lee et al., HELP, NeurIPS 2021)',
      licence: 'MIT',
      devices: Object.fromEntries(columns.map(({ device }) => [device, publicDevice(device)])),
      noise: {},
      notes: ['Latency of single public measurements; repeats and spread are not published.'],
    },
    workloads,
    tasks: columns.map(({ device, file, values }) => valueTask(device, 'latency', values, 1e-3, (i) => `${file}, item ${i}`)),
    splits: {
      'help/meta_train': [...devices.train],
      'help/meta_valid': [...devices.valid],
      'help/meta_test': [...devices.test],
      ...(pools.query[1] <= workloads.length && {
        'help/train_pool': indexRange(...pools.train).map(String),
        'help/query_pool': indexRange(...pools.query).map(String),
      }),
      ...(existsSync(reference) && { 'help/reference': Array.from(numberList(readTorchFile(reference), reference), String) }),
    },
  };
}

function networks(space: Space, folder: string): Workload[] {
  if (space.at && space.size) {
    const index = join(folder, 'str_arch2idx.pt');
    if (existsSync(index)) checkOrder(space, readTorchFile(index), index);
    return Array.from({ length: space.size }, (_, i) => spaceWorkload(space, space.at!(i)));
  }
  const candidates = space.name === 'ofa' ? ['ofa_archs.pt'] : ['metainfo.pt', 'arch.pt'];
  const file = candidates.map((f) => join(folder, f)).find(existsSync);
  if (!file)
    throw new HwcastError(
      'not-found',
      `no ${candidates.join(' or ')} in '${folder}': the networks of space '${space.name}' are unknown`,
    );
  const content = readTorchFile(file);
  const list = content instanceof Map ? content.get('arch') : content;
  if (!Array.isArray(list)) throw new HwcastError('bad-input', "no list 'arch' of networks", { where: file });
  return list.map((item, i) => {
    const where = `${file}, network ${i}`;
    try {
      return spaceWorkload(space, space.parse(space.name === 'ofa' ? ofaCode(item, where) : fbnetCode(item, where)));
    } catch (cause) {
      if (cause instanceof HwcastError && !cause.where)
        throw new HwcastError(cause.code, cause.message, { where, hint: cause.hint, cause });
      throw cause;
    }
  });
}

/** A network is a dict with `op_idx_list` or that list itself: 22 block choices. */
const fbnetCode = (item: unknown, where: string): string =>
  numberList(item instanceof Map ? item.get('op_idx_list') : item, where).join('');

/** A network is a dict `ks` (20 kernels), `e` (20 expansions), `d` (5 depths), `r` (resolution, also as a list of one). */
function ofaCode(item: unknown, where: string): string {
  if (!(item instanceof Map)) throw new HwcastError('bad-input', 'network is no dict of ks, e, d, r', { where });
  const numbers = (key: string) =>
    numberList(Array.isArray(item.get(key)) ? item.get(key) : [item.get(key)], `${where}, '${key}'`).join('');
  return `${numbers('r')},${numbers('d')},${numbers('ks')},${numbers('e')}`;
}

function checkOrder(space: Space, index: unknown, where: string): void {
  if (!(index instanceof Map)) throw new HwcastError('bad-input', 'no dict of network to index', { where });
  for (const [code, position] of index) {
    const ours = space.indexOf!(space.parse(String(code)));
    if (ours !== Number(position))
      throw new HwcastError('bad-input', `network '${code}' stands at ${position}, in the standard order at ${ours}`, { where });
  }
}
