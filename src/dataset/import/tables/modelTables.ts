import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../../../core/errors.js';
import { readTextChecked } from '../../../core/files.js';
import type { Dataset } from '../../dataset.js';
import { aiHub } from './aiHub.js';
import { llmInferenceBench } from './llmInferenceBench.js';
import { emptyTable, type ModelTableFormat, type TableFile, tableDataset } from './modelTable.js';
import { ncnn } from './ncnn.js';
import { timm } from './timm.js';
import { vitisDpu } from './vitisDpu.js';

/** Sources of real models on real devices; a new one is one line here. */
export const MODEL_TABLE_FORMATS: readonly ModelTableFormat[] = [timm, ncnn, aiHub, vitisDpu, llmInferenceBench];

/** The format of a file by its content; undefined for none of them. */
export const formatOfFile = (file: TableFile): ModelTableFormat | undefined => MODEL_TABLE_FORMATS.find((f) => f.detect(file));

/** Files with a table of models, in a folder or named outright. */
export function tableFiles(source: string): TableFile[] {
  const paths = statSync(source).isDirectory()
    ? readdirSync(source)
        .sort()
        .filter((name) => /\.(csv|md|txt|ya?ml)(\.gz)?$/.test(name))
        .map((name) => join(source, name))
    : [source];
  return paths.map((path) => ({ name: path.replace(/\.gz$/, ''), text: readTextChecked(path) }));
}

/**
 * Imports the tables of one source: its own files, or the neutral tables made of them.
 * @param only the format, where a folder holds several
 * @throws HwcastError `bad-input`, `unsupported` for a folder of several sources
 */
export function importModelTables(
  source: string,
  options: { only?: string; name?: string; notes?: readonly string[] } = {},
): Dataset {
  const found = tableFiles(source).flatMap((file) => {
    const format = formatOfFile(file);
    return format && (!options.only || format.name === options.only) ? [{ file, format }] : [];
  });
  const formats = [...new Set(found.map((f) => f.format))];
  if (formats.length !== 1)
    throw new HwcastError(
      'unsupported',
      formats.length
        ? `'${source}' holds ${formats.map((f) => f.name).join(', ')}`
        : `'${source}' holds no table of models that hwcast knows`,
      { hint: formats.length ? 'choose one with --from' : MODEL_TABLE_FORMATS.map((f) => `${f.name}: ${f.about}`).join('; ') },
    );
  const [format] = formats,
    table = emptyTable();
  // sizes of models come after the measurements that name them
  const order = [...found].sort((a, b) => Number(/_models\.csv$/.test(a.file.name)) - Number(/_models\.csv$/.test(b.file.name)));
  for (const { file } of order) format.read(file, table);
  return tableDataset(table, {
    name: options.name ?? format.name,
    source: format.source,
    licence: format.licence,
    notes: [format.notice, ...(options.notes ?? [])],
  });
}
