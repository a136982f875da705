import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked } from '../../core/files.js';
import { indexRange } from './helpSplits.js';

const Range = z.tuple([z.int(), z.int()]);
const FileSchema = z.looseObject({
  help: z.record(
    z.string(),
    z.looseObject({
      meta_train: z.array(z.string()),
      meta_valid: z.array(z.string()),
      meta_test: z.array(z.string()),
      train_pool: Range,
      query_pool: Range,
      hardware_embedding_arch_index: z.array(z.int()),
    }),
  ),
  nasflat_tasks: z.record(
    z.string(),
    z.looseObject({ space: z.string(), train: z.array(z.string()), test: z.array(z.string()) }),
  ),
});

/**
 * The published splits of one space as splits of a dataset: `help/meta_train`, `help/meta_valid`, `help/meta_test` (devices), `help/train_pool`,
 * `help/query_pool`, `help/reference` (workload positions), and `nasflat/<task>/train|test` (devices). Device lists are as published: they may name
 * devices that stand in another dataset.
 * @throws HwcastError `bad-input` for another kind of file.
 */
export function readPublicSplits(path: string, space: string): Record<string, string[]> {
  let parsed: z.infer<typeof FileSchema>;
  try {
    parsed = FileSchema.parse(JSON.parse(readFileChecked(path).toString('utf8')));
  } catch (cause) {
    if (cause instanceof HwcastError) throw cause;
    throw new HwcastError(
      'bad-input',
      `no split lists: ${cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message}`,
      { where: path, cause },
    );
  }
  const splits: Record<string, string[]> = {};
  const help = parsed.help[space];
  if (help) {
    for (const part of ['meta_train', 'meta_valid', 'meta_test'] as const) splits[`help/${part}`] = help[part];
    for (const pool of ['train_pool', 'query_pool'] as const) splits[`help/${pool}`] = indexRange(...help[pool]).map(String);
    splits['help/reference'] = help.hardware_embedding_arch_index.map(String);
  }
  for (const [name, task] of Object.entries(parsed.nasflat_tasks)) {
    if (task.space !== space) continue;
    splits[`nasflat/${name}/train`] = task.train;
    splits[`nasflat/${name}/test`] = task.test;
  }
  return splits;
}
