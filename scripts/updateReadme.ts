// Runs the commands whose output README.md, docs/command-line.md and docs/fpga.md show, and puts it there:
// `npm run build && npx tsx scripts/updateReadme.ts [demo] [script] [picture] [fpga]`; all of them unless told (ten minutes, most of them the picture).
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/core/files.js';
import { runReadmeScript } from './readmeScript.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** The command behind the picture. */
const PICTURE =
  'evaluate --protocol leave-one-out --dataset datasets/nb201-h100 --methods flops,roofline,device-ridge,nearest-device,additive-mixture,closed-form --k 3,5,10,20 --selection chosen --draws 3 --out out/picture';
/** Lines of a long output that are shown. */
const MOST_LINES = 34;

function hwcast(args: readonly string[]): string {
  process.stderr.write(`hwcast ${args.join(' ')}\n`);
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'dist', 'cli', 'main.js'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`hwcast ${args[0]} ended with ${status}`);
  return stdout;
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->` of a page. */
function replaceBlock(page: string, name: string, content: string): void {
  const path = join(ROOT, page),
    text = readFileSync(path, 'utf8');
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`${page} has no ${open} .. ${close}`);
  writeFileAtomic(path, `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`);
}

const fenced = (text: string) => `\n\`\`\`text\n${text.trim()}\n\`\`\`\n`;

const BLOCKS: Record<string, () => void | Promise<void>> = {
  demo() {
    const [leftOut, here] = hwcast(['demo']).split(/\n(?=this machine )/);
    replaceBlock('docs/command-line.md', 'left-out', fenced(leftOut));
    replaceBlock('docs/command-line.md', 'this-machine', fenced(here.split('\nNext:')[0]));
    const latency = /latency of \d+ other networks[\s\S]*?(?=\n\nenergy of)/.exec(leftOut)?.[0];
    if (!latency) throw new Error('hwcast demo printed no latency');
    replaceBlock('README.md', 'left-out-latency', fenced(latency));
  },
  async script() {
    const printed = await runReadmeScript(readFileSync(join(ROOT, 'README.md'), 'utf8'));
    replaceBlock('README.md', 'script-output', fenced(printed));
  },
  picture() {
    hwcast(PICTURE.split(' '));
    mkdirSync(join(ROOT, 'docs', 'images'), { recursive: true });
    copyFileSync(join(ROOT, 'out', 'picture', 'results.png'), join(ROOT, 'docs', 'images', 'error-against-measurements.png'));
    replaceBlock('docs/command-line.md', 'picture-command', `\n    npx hwcast ${PICTURE}\n`);
  },
  fpga() {
    const design = 'docs/examples/jet-tagger.json';
    for (const [name, command] of [
      ['fpga-predict', `fpga predict ${design} --part pynq-z2`],
      ['fpga-explore', `fpga explore ${design} --part pynq-z2 --budget dsp=200,lut=50% --bits 8,16 --max-settings 4000`],
    ]) {
      const shown = hwcast(command.split(' ')).trim().split('\n');
      const cut = shown.length > MOST_LINES ? [...shown.slice(0, MOST_LINES), '...'] : shown;
      replaceBlock('docs/fpga.md', name, `\n    npx hwcast ${command}\n${fenced(cut.join('\n'))}`);
    }
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BLOCKS));
if (unknown.length) throw new Error(`no block ${unknown.join(', ')}; there are ${Object.keys(BLOCKS).join(', ')}`);
for (const [name, write] of Object.entries(BLOCKS)) if (!wanted.length || wanted.includes(name)) await write();
