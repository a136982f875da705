import { type Command, Option } from 'commander';
import '../operators/operatorKind.js';
import { relative } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { type WorkloadRow, workloadRows } from '../graph/workloadRows.js';
import { isModelName } from '../graph/workloadsOf.js';
import { type Adapted, loadAdapter } from '../networks/adapter.js';
import { sourceOf } from '../networks/modelFolder.js';
import { type Picked, pick } from '../networks/pick.js';
import type { Merit } from '../networks/pickFront.js';
import { nextNames, pickCsv, pickJson, pickSummary, pickText } from '../present/pickView.js';
import { readText } from './options.js';
import { noteUnused, type PredictorOptions, predictorOptions } from './predictorOptions.js';
import { noteOnce } from './printPredictions.js';
import { note } from './progress.js';

interface Options extends PredictorOptions {
  budget: string;
  risk: string;
  input?: string;
  against?: string;
  lessIsBetter?: boolean;
  svg?: string;
  csv?: boolean;
  json?: boolean;
}

export function registerPick(program: Command): void {
  program
    .command('pick')
    .description('which workloads meet a budget on a device, how sure that is, and which to measure next')
    .requiredOption('--budget <amount>', 'the most that a workload may cost: 10ms, 5mJ, 512MiB')
    .option('--risk <probability>', 'of a verdict yes or no being wrong, above 0 and below 0.5', '0.05')
    .option('--input <file>', 'the workloads to judge, in CSV, JSONL or one a line; - reads standard input')
    .option('--adapter <file>', 'an adapted device')
    .option('--model <folder>', 'trained model (with --device), or the model of the adapter where it has moved')
    .option('--device <id>', 'a device the model was trained on, or one of the catalogue (roofline)')
    .option('--condition <key>', 'how the device ran, where the model knows several ways')
    .option('--target <name>', 'latency unless told')
    .option('--batch <count>', 'images per batch of the roofline')
    .option('--dtype <type>', 'element type of the roofline')
    .option(
      '--against <column>',
      'a column of numbers of the input, e.g. accuracy: also the Pareto front of what meets the budget',
    )
    .option('--less-is-better', 'less of --against is better, as of error rates')
    .option('--svg <file>', 'write the picture of value against that column')
    .option('--csv', 'CSV: workload, value, low, high, p_meets, verdict, next')
    .addOption(new Option('--json', 'one JSON array').conflicts('csv'))
    .addHelpText(
      'after',
      `
The verdict is yes where the probability of meeting the budget is at least 1 - risk, no where it is at most risk, else maybe. A workload that the adapter
was made from has its measured value. next ranks what is maybe and not measured by how likely a verdict on it would be wrong now, cheaper ones first.
Exit code 5 where no verdict is yes.

Examples:
  hwcast pick --adapter phone.json --budget 10ms --input models.csv
  hwcast pick --adapter phone.json --budget 10ms --input models.csv --against accuracy --svg pick.svg`,
    )
    .action(pickCommand);
}

async function pickCommand(o: Options): Promise<void> {
  if (o.against === undefined && (o.svg !== undefined || o.lessIsBetter))
    throw new HwcastError('usage', `${o.svg === undefined ? '--less-is-better' : '--svg'} needs --against COLUMN`, {
      hint: 'a column of numbers of the --input file, such as accuracy',
    });
  const adapter = o.adapter === undefined ? undefined : await loadAdapter(o.adapter, o.model);
  const read = o.input === undefined ? undefined : await inputRows(o.input);
  const options = predictorOptions(o);
  const picked = await pick({
    ...options,
    adapter,
    budget: o.budget,
    risk: Number(o.risk.trim() || Number.NaN),
    candidates: read?.rows.map((row) => row.workload),
  });
  const merit = o.against === undefined || !read ? undefined : meritOf(o.against, read, o.lessIsBetter ?? false);
  const text = o.csv ? pickCsv(picked) : o.json ? pickJson(picked, merit) : pickText(picked, merit);
  process.stdout.write(`${text}\n${o.csv || o.json ? '' : nextText(picked, o, adapter)}`);
  if (o.csv || o.json) note(pickSummary(picked));
  noteUnused(
    options,
    picked.task.device,
    picked.judged.some((j) => j.estimate.provenance === 'analytical'),
  );
  const warnings = noteOnce('--json');
  warnings.add(picked.judged);
  warnings.end();
  if (merit && o.svg !== undefined) {
    const { renderPick } = await import('../evaluate/report/pickFigure.js');
    writeFileAtomic(o.svg, renderPick(picked, merit));
    note(`written to ${o.svg}`);
  }
  if (!picked.judged.some((j) => j.verdict === 'yes'))
    throw new HwcastError('quality-gate', `of ${picked.judged.length} workloads none surely meets ${o.budget}`, {
      hint: picked.judged.some((j) => j.verdict === 'maybe') ? 'measure those that may, as `next` ranks them' : undefined,
    });
}

interface InputRows {
  rows: WorkloadRow[];
  where: string;
}

/** @throws HwcastError `usage` for a model file, and as `workloadRows` */
async function inputRows(path: string): Promise<InputRows> {
  if (isModelName(path))
    throw new HwcastError('usage', '--input takes a file of workloads, not a model', {
      where: path,
      hint: 'list workloads, one a line',
    });
  const { text, where } = readText(path, 'workload file');
  const rows = await workloadRows(text, where);
  for (const warning of rows.flatMap((row) => row.warnings ?? [])) note(`warning: ${warning}`);
  return { rows, where };
}

/**
 * The numbers of a column of the input.
 * @throws HwcastError `usage` without such a column, `bad-input` naming the line of what is no number, or of another number for the same workload
 */
function meritOf(name: string, { rows, where }: InputRows, lessIsBetter: boolean): Merit {
  const of = new Map<string, number>(),
    columns = new Set(rows.flatMap((row) => Object.keys(row.fields)));
  if (!columns.has(name))
    throw new HwcastError('usage', `--against ${name}: no such column`, {
      where,
      hint: columns.size ? `there are ${[...columns].join(', ')}` : 'write a CSV with the columns workload and that one',
    });
  for (const { workload, fields, line } of rows) {
    const cell = fields[name],
      value = typeof cell === 'string' && cell.trim() ? Number(cell) : cell,
      place = { where: `${where}:${line}` };
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new HwcastError('bad-input', `${name} is '${cell ?? ''}', not a number`, {
        ...place,
        hint: 'correct it or leave the row out',
      });
    const earlier = of.get(workload.id);
    if (earlier !== undefined && earlier !== value)
      throw new HwcastError('bad-input', `${name} of '${workload.id}' is ${value} here and ${earlier} before`, place);
    of.set(workload.id, value);
  }
  return { name, of, lessIsBetter };
}

/** What to measure next, and the command that learns from it. */
function nextText(picked: Picked, o: Options, adapted: Adapted | undefined): string {
  const names = nextNames(picked);
  if (!names.length) return '';
  const { device, condition } = picked.task,
    folder = adapted && sourceOf(adapted.model)?.folder,
    model = o.model ?? (folder === undefined ? 'MODEL' : relative(process.cwd(), folder) || '.');
  const command = [
    ['adapt', '--model', quoted(model), '--device', quoted(device)],
    condition ? ['--condition', quoted(condition)] : [],
    ['--support', 'SUPPORT', '--out', o.adapter === undefined ? 'ADAPTER' : quoted(o.adapter)],
  ].flat();
  const what = adapted ? 'add them to the measurements it was adapted from' : 'write what you measure to a file';
  return `\nmeasure next:\n${names.map((name) => `  ${name}\n`).join('')}${what}, then: hwcast ${command.join(' ')}\n`;
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
