import { type Command, Option } from 'commander';
import { HwcastError } from '../../core/errors.js';
import { loadFamilyModel } from '../../fpga/families/familyModelFolder.js';
import { parseFamilySupport } from '../../fpga/families/familySupport.js';
import {
  adaptFpgaFamily,
  adaptFpgaStage,
  type FamilyAdapter,
  familySupportOf,
  isFpgaAdapter,
  parseFpgaAdapter,
  type StageAdapter,
  stagePairsOf,
} from '../../fpga/fpgaAdapter.js';
import { parseStageSupport } from '../../fpga/stages/stageSupport.js';
import type { LateStage } from '../../fpga/supportLines.js';
import { readText } from '../options.js';
import { note } from '../progress.js';

const STAGES = ['csynth:vsynth', 'csynth:impl'] as const;

interface Options {
  support: string;
  stage?: (typeof STAGES)[number];
  name?: string;
  model?: string;
  out: string;
}

/** `hwcast fpga adapt --support FILE --out ADAPTER`: learn a family of FPGAs, or a stage of a flow, from a few synthesised designs. */
export function registerFpgaAdapt(fpga: Command): void {
  fpga
    .command('adapt')
    .description('learn a new family of FPGAs, or the way of a flow from csynth to a later stage, from a few synthesised designs')
    .requiredOption(
      '--support <file>',
      'JSON lines or CSV: id or design, seed, lut, ff, dsp, bram or bram18, or report; with --stage: design, csynth, vsynth; or an adapter, to be adapted again',
    )
    .addOption(new Option('--stage <from:to>', 'learn a stage from pairs of counts').choices(STAGES))
    .option('--name <name>', 'of the family or flow; as the support names it unless told')
    .option('--model <folder>', 'a model of FPGA families instead of the bundled one')
    .requiredOption('--out <file>', 'adapter to write')
    .action(async (o: Options) => {
      const { text, where } = readText(o.support, 'support file');
      const earlier = adapterIn(text, where);
      if (o.stage !== undefined || earlier?.kind === 'fpga-stage') await stage(o, text, where, earlier);
      else await family(o, text, where, earlier);
    });
}

/** The adapter that a support file is; undefined for rows. */
function adapterIn(text: string, where: string): FamilyAdapter | StageAdapter | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isFpgaAdapter(value) ? parseFpgaAdapter(text, where) : undefined;
}

async function family(o: Options, text: string, where: string, earlier: FamilyAdapter | undefined): Promise<void> {
  const model = await loadFamilyModel(o.model);
  const support = earlier
    ? { rows: familySupportOf(earlier, model, where), family: earlier.name, bram: earlier.bram, stage: earlier.stage }
    : parseFamilySupport(text, where, model.designs);
  const unfilled = support.rows.filter((r) => !r.counts).map((r) => r.design.id);
  if (unfilled.length && unfilled.length < support.rows.length) note(`left out, not filled in: ${unfilled.join(', ')}`);
  const name = o.name ?? support.family;
  if (name === undefined)
    throw new HwcastError('usage', 'what is the family called?', { hint: '--name NAME, or "family" in the support file' });
  const { rows, bram, stage } = support;
  const { metrics } = await adaptFpgaFamily({ name, support: rows, bram, stage, model, out: o.out });
  if (model.model.families.includes(name)) note(`warning: the model was trained on a family of this name`);
  note(`${o.out}: family '${name}' from ${metrics.measurements} designs${errors(metrics.leaveOneOut)}`);
}

async function stage(o: Options, text: string, where: string, earlier: FamilyAdapter | StageAdapter | undefined): Promise<void> {
  if (earlier?.kind === 'fpga-family')
    throw new HwcastError('bad-input', `an adapter of family '${earlier.name}', no pairs of stages`, { where });
  const to = (o.stage?.split(':')[1] ?? earlier?.to) as LateStage;
  if (earlier && earlier.to !== to) throw new HwcastError('bad-input', `an adapter of ${earlier.to}, not of ${to}`, { where });
  const { pairs, unfilled } = earlier
    ? { pairs: stagePairsOf(earlier, where), unfilled: [] }
    : parseStageSupport(text, where, to);
  if (!pairs.length)
    throw new HwcastError('bad-input', `none of the ${unfilled.length} designs has counts of both csynth and ${to}`, { where });
  if (unfilled.length) note(`left out, without counts of both stages: ${unfilled.length} of ${unfilled.length + pairs.length}`);
  const { metrics } = await adaptFpgaStage({ name: o.name ?? earlier?.name, to, pairs, out: o.out });
  note(`${o.out}: csynth to ${to} from ${pairs.length} pairs${errors(metrics.leaveOneOut)}`);
}

const errors = (of: Record<string, number> | null): string =>
  of === null
    ? ''
    : `; each predicted from the others: median error ${Object.entries(of)
        .map(([target, e]) => `${target.toUpperCase()} ${(100 * e).toFixed(1)} %`)
        .join(', ')}`;
