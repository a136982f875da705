import { existsSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { checkDataset } from '../checkDataset.js';
import type { Dataset } from '../dataset.js';
import { helpSpaces, importHelp, isHelpSource } from './helpRepository.js';
import { hwNasBenchFile, importHwNasBench } from './hwNasBench.js';
import { importNeutralCsv, isNeutralFolder } from './neutralCsv.js';
import { formatOfFile, importModelTables, MODEL_TABLE_FORMATS, tableFiles } from './tables/modelTables.js';

export const PUBLIC_FORMATS: readonly string[] = ['help', 'hw-nas-bench', 'neutral', ...MODEL_TABLE_FORMATS.map((f) => f.name)];
export type PublicFormat = string;

export interface ImportOptions {
  /** format of the source; found by its files unless told */
  from?: PublicFormat;
  /** `nasbench201`, `fbnet` or `ofa`, where the source holds several or does not say; `nasbench201` first */
  space?: string;
  /** name of the dataset; from the source unless told */
  name?: string;
  /** HW-NAS-Bench's FBNet tables only: how many networks to draw (5000) and with which seed (0) */
  networks?: number;
  seed?: number;
  /** told what was found, for progress */
  report?: (message: string) => void;
}

/**
 * Imports measurements that others published, in the format of their repositories: a clone (or part) of HELP, HW-NAS-Bench's pickle, or the neutral
 * CSV tables. One dataset holds one space; position i of its workloads is the source's index i.
 * @throws HwcastError `not-found`, `unsupported`, `forbidden`, `corrupt`, `bad-input`; each names file and row.
 */
export async function importPublic(source: string, options: ImportOptions = {}): Promise<Dataset> {
  if (!existsSync(source)) throw new HwcastError('not-found', `no file or folder '${source}'`);
  const { report = () => undefined } = options,
    folder = csvFolder(source),
    from = options.from ?? detect(source, folder);
  const others = from === 'help' && !options.space ? helpSpaces(source) : [];
  report(
    `format ${from}${others.length > 1 ? `, space ${others[0]}; choose another with --space: ${others.slice(1).join(', ')}` : ''}`,
  );
  const dataset = MODEL_TABLE_FORMATS.some((f) => f.name === from)
    ? importModelTables(source, { only: from, name: options.name })
    : from === 'neutral'
      ? importNeutralCsv(folder, options)
      : from === 'help'
        ? importHelp(source, options)
        : importHwNasBench(source, options);
  if (options.name) dataset.card.name = options.name;
  checkDataset(dataset);
  return dataset;
}

/** The folder of neutral tables where the table itself was named. */
const csvFolder = (source: string): string =>
  !statSync(source).isDirectory() && /^(latency|archs)\.csv(\.gz)?$/.test(basename(source)) ? dirname(source) : source;

function detect(source: string, folder: string): PublicFormat {
  if (isNeutralFolder(folder)) return 'neutral';
  if (hwNasBenchFile(source)) return 'hw-nas-bench';
  if (isHelpSource(source)) return 'help';
  const tables = [...new Set(tableFiles(source).flatMap((file) => formatOfFile(file)?.name ?? []))];
  if (tables.length === 1) return tables[0];
  if (tables.length)
    throw new HwcastError('unsupported', `'${source}' holds ${tables.join(', ')}`, { hint: 'choose one with --from' });
  throw new HwcastError('unsupported', `'${source}' is none of the known public sources`, {
    hint: `known: a clone of HELP or its .pt files (help), HW-NAS-Bench-v1_0.pickle (hw-nas-bench), a folder with latency.csv[.gz] and archs.csv[.gz] (neutral), ${MODEL_TABLE_FORMATS.map((f) => `${f.about} (${f.name})`).join(', ')}; for your own tables use \`hwcast ingest\``,
  });
}
