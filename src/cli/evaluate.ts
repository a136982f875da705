import type { Command } from 'commander';
import { HwcastError } from '../core/errors.js';
import '../operators/operatorKind.js';
import { evaluate } from '../evaluate/evaluate.js';
import { EVALUATION_METHODS } from '../evaluate/evaluationMethods.js';
import { PROTOCOL_NAMES, partsOf } from '../evaluate/protocols/registry.js';
import type { Selection } from '../evaluate/resultRow.js';
import { commaList, whole } from './options.js';
import { note } from './progress.js';

const DEFAULT_METHODS = 'flops,roofline,device-ridge,nearest-device,additive-mixture,closed-form';

/** `hwcast evaluate`. */
export const registerEvaluate = (program: Command): void =>
  register(
    program,
    'evaluate',
    'flops,additive-mixture,closed-form',
    'run a protocol on devices left out of training; writes results.json and results.md',
  );

/** `hwcast baselines`: the same with every baseline. */
export const registerBaselines = (program: Command): void =>
  register(program, 'baselines', DEFAULT_METHODS, 'the same with every baseline');

function register(program: Command, name: string, methods: string, description: string): void {
  program
    .command(name)
    .description(description)
    .requiredOption('--protocol <name>', PROTOCOL_NAMES.join(', '))
    .option('--data <folder>', 'public measurements: help, nasflat, llm, fpga (but its part family) need them')
    .option(
      '--dataset <folder>',
      'dataset (leave-one-out; fpga: rows of FPGA families, datasets/yosys-fpga unless told; tables, zoo: real models, the embedded ones unless told)',
    )
    .option('--space <names>', 'spaces of the HELP protocol, families of operators; separated by commas')
    .option(
      '--tasks <names>',
      `NASFLAT tasks (ND, N1, ...), or parts of fpga (${partsOf('fpga').join(', ')}) or zoo (${partsOf('zoo').join(', ')}), separated by commas`,
    )
    .option('--devices <ids>', 'test devices, separated by commas')
    .option('--methods <names>', `separated by commas: ${Object.keys(EVALUATION_METHODS).join(', ')}`, methods)
    .option('--k <counts>', 'numbers of measurements, separated by commas', '5,10,20')
    .option('--selection <names>', 'random, chosen', 'random,chosen')
    .option('--draws <count>', 'support sets per device', '10')
    .option('--queries <count>', 'networks predicted in each draw; a random part of larger spaces', '4000')
    .option('--seed <number>', 'of everything random', '1')
    .option('--min-spearman <value>', 'quality gate: end with exit code 5 where the mean of the last method falls below')
    .requiredOption('--out <folder>', 'folder for the results')
    .action((o) => run(name, methods, o));
}

async function run(name: string, methods: string, o: Record<string, string>): Promise<void> {
  const selections = commaList(o.selection),
    bad = selections.find((s) => s !== 'random' && s !== 'chosen');
  if (bad !== undefined) throw new HwcastError('usage', `no selection '${bad}'; random or chosen`);
  const gate = o.minSpearman === undefined ? undefined : Number(o.minSpearman);
  if (gate !== undefined && !Number.isFinite(gate))
    throw new HwcastError('usage', `--min-spearman takes a number, not '${o.minSpearman}'`);
  const methodNames = commaList(o.methods);
  const rows = await evaluate({
    protocol: o.protocol,
    data: o.data,
    dataset: o.dataset,
    spaces: o.space ? commaList(o.space) : undefined,
    tasks: o.tasks ? commaList(o.tasks) : undefined,
    devices: o.devices ? commaList(o.devices) : undefined,
    // the methods of fpga have names of their own: all, unless some are asked for
    methods: o.protocol === 'fpga' && o.methods === methods ? [] : methodNames,
    k: commaList(o.k).map((k) => whole('--k', k, 1)),
    selections: selections as Selection[],
    draws: whole('--draws', o.draws, 1),
    queries: whole('--queries', o.queries, 10),
    seed: whole('--seed', o.seed),
    out: o.out,
    checkpoints: `${o.out}/checkpoints`,
    command: commandLine(name, o),
    measuredAt: new Date().toISOString(),
    onProgress: note,
  });
  note(`${o.out}/results.json: ${rows.length} rows; ${o.out}/results.md`);
  if (gate !== undefined) {
    // a device whose rank cannot be told keeps the gate shut
    const last = rows.filter((r) => r.method === methodNames.at(-1)),
      mean = last.reduce((s, r) => s + (r.spearman ?? Number.NaN), 0) / last.length;
    if (!(mean >= gate))
      throw new HwcastError('quality-gate', `mean Spearman of ${methodNames.at(-1)} is ${mean.toFixed(4)}, below ${gate}`);
  }
}

/** Options that a protocol does not read. */
const NOT_READ: Readonly<Record<string, readonly string[]>> = {
  fpga: ['methods', 'selection', 'queries', 'space', 'devices'],
  llm: ['methods', 'queries', 'space'],
  tables: ['methods', 'queries', 'space'],
  zoo: ['methods', 'queries', 'space'],
  operators: ['methods', 'queries', 'tasks', 'dataset'],
};

/** The command again, without what depends on the machine: DATA stands for the folder of public measurements. */
function commandLine(name: string, o: Record<string, string>): string {
  const flags = [
    'protocol',
    'dataset',
    'space',
    'tasks',
    'devices',
    'methods',
    'k',
    'selection',
    'draws',
    'queries',
    'seed',
  ].filter((f) => o[f] !== undefined && !NOT_READ[o.protocol]?.includes(f));
  return `hwcast ${name} ${flags.map((f) => `--${f} ${o[f]}`).join(' ')}${o.data ? ' --data DATA' : ''}`;
}
