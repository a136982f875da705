// Runs the commands whose output README.md, docs/command-line.md, docs/llm.md, docs/fpga.md and docs/method.md show, and puts it there:
// `npm run build && npx tsx scripts/updateReadme.ts [real] [demo] [script] [picture] [pick] [llm] [fpga] [roofline]` (roofline needs ../shared/data/zoo); all of them unless told (ten minutes, most of them the picture).
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelRatioRows } from '../datasets/collect/kernelRatioRows.js';
import { ratioRows } from '../datasets/collect/ratioRows.js';
import { kernelScores, kernelTable, rooflineScores, scoreTable } from '../datasets/collect/rooflineTable.js';
import {
  commandBlock,
  FPGA_BLOCKS,
  hwcastOutput,
  LLM_BLOCKS,
  LLM_PICTURE,
  LLM_PICTURE_COMMAND,
  outputBlock,
  PICK_COMMANDS,
} from './commandOutput.js';
import { runReadmeScript } from './readmeScript.js';
import { replaceBlock } from './replaceBlock.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** The command behind the picture. */
const PICTURE =
  'evaluate --protocol leave-one-out --dataset datasets/nb201-h100 --methods flops,roofline,device-ridge,nearest-device,additive-mixture,closed-form --k 3,5,10,20 --selection chosen --draws 3 --out out/picture';

function hwcast(args: readonly string[]): string {
  process.stderr.write(`hwcast ${args.join(' ')}\n`);
  return hwcastOutput(args);
}

const BLOCKS: Record<string, () => void | Promise<void>> = {
  real() {
    const printed = hwcast(['demo', '--real-models']).trim();
    replaceBlock('docs/command-line.md', 'real-models', outputBlock(printed));
    const table = /latency of \d+ other models[\s\S]*(?=\nnearest device: )/.exec(printed)?.[0];
    if (!table) throw new Error('hwcast demo printed no real models');
    replaceBlock('README.md', 'real-models', outputBlock(table));
  },
  demo() {
    const [first, here] = hwcast(['demo']).split(/\n(?=this machine )/);
    const leftOut = first.slice(first.search(/^\S+, left out of training \(/m));
    replaceBlock('docs/command-line.md', 'left-out', outputBlock(leftOut));
    replaceBlock('docs/command-line.md', 'this-machine', outputBlock(here.split('\nNext:')[0]));
    const latency = /^ +measured[\s\S]*?(?=\n\(halves)/m.exec(leftOut)?.[0];
    if (!latency) throw new Error('hwcast demo printed no latency');
    replaceBlock('README.md', 'left-out-latency', outputBlock(latency));
  },
  async script() {
    const printed = await runReadmeScript(readFileSync(join(ROOT, 'README.md'), 'utf8'));
    replaceBlock('README.md', 'script-output', outputBlock(printed));
  },
  picture() {
    hwcast(PICTURE.split(' '));
    mkdirSync(join(ROOT, 'docs', 'images'), { recursive: true });
    copyFileSync(join(ROOT, 'out', 'picture', 'results.png'), join(ROOT, 'docs', 'images', 'error-against-measurements.png'));
    replaceBlock('docs/command-line.md', 'picture-command', `\n    npx hwcast ${PICTURE}\n`);
  },
  pick() {
    const [adapt, pick] = PICK_COMMANDS;
    hwcast(adapt.split(' '));
    const commands = `    npx hwcast ${adapt}\n    npx hwcast ${pick}`;
    replaceBlock('docs/command-line.md', 'pick', `\n${commands}\n${outputBlock(hwcast(pick.split(' ')))}`);
  },
  async roofline() {
    const rows = await ratioRows(join(ROOT, '..', 'shared', 'data', 'zoo'));
    const kernelRows = await kernelRatioRows();
    replaceBlock('docs/method.md', 'roofline', `\n${scoreTable(rooflineScores(rows, kernelRows))}\n`);
    replaceBlock('docs/method.md', 'roofline-kernels', `\n${kernelTable(kernelScores(kernelRows))}\n`);
  },
  llm() {
    for (const [name, command] of Object.entries(LLM_BLOCKS)) replaceBlock('docs/llm.md', name, commandBlock(command));
    hwcastOutput([...LLM_PICTURE_COMMAND.split(' '), LLM_PICTURE]);
    const picture = `![times and memory against the length of the prompt](${relative('docs', LLM_PICTURE)})`;
    replaceBlock('docs/llm.md', 'llm-picture', `\n    npx hwcast ${LLM_PICTURE_COMMAND} ${LLM_PICTURE}\n\n${picture}\n`);
  },
  fpga() {
    for (const [name, command] of Object.entries(FPGA_BLOCKS)) replaceBlock('docs/fpga.md', name, commandBlock(command));
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BLOCKS));
if (unknown.length) throw new Error(`no block ${unknown.join(', ')}; there are ${Object.keys(BLOCKS).join(', ')}`);
for (const [name, write] of Object.entries(BLOCKS)) if (!wanted.length || wanted.includes(name)) await write();
