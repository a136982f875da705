// Runs the commands whose output the README shows and puts it there: `npm run build && npx tsx scripts/updateReadme.ts [--keep | --fpga]`
// (ten minutes; --keep takes the picture of the last run, --fpga writes the blocks of the FPGA commands only).
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/core/files.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const README = join(ROOT, 'README.md');
/** The command behind the picture. */
const PICTURE =
  'evaluate --protocol leave-one-out --dataset datasets/nb201-h100 --methods flops,roofline,device-ridge,nearest-device,additive-mixture,closed-form --k 3,5,10,20 --selection chosen --draws 3 --out out/picture';

const PICTURE_FILE = join(ROOT, 'out', 'picture', 'results.png');

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

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function replaceBlock(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${open} .. ${close}`);
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`;
}

const fenced = (text: string) => `\n\`\`\`text\n${text.trim()}\n\`\`\`\n`;

let readme = readFileSync(README, 'utf8');
if (!process.argv.includes('--fpga')) {
  const [leftOut, here] = hwcast(['demo']).split(/\n(?=this machine )/);
  if (!(process.argv.includes('--keep') && existsSync(PICTURE_FILE))) hwcast(PICTURE.split(' '));
  mkdirSync(join(ROOT, 'docs', 'images'), { recursive: true });
  copyFileSync(PICTURE_FILE, join(ROOT, 'docs', 'images', 'error-against-measurements.png'));
  readme = replaceBlock(readme, 'left-out', fenced(leftOut));
  readme = replaceBlock(readme, 'this-machine', fenced(here.split('\nNext:')[0]));
  readme = replaceBlock(readme, 'picture-command', `\n    npx hwcast ${PICTURE}\n`);
}
for (const [name, command] of [
  ['fpga-predict', 'fpga predict docs/examples/jet-tagger.json --part pynq-z2'],
  [
    'fpga-explore',
    'fpga explore docs/examples/jet-tagger.json --part pynq-z2 --budget dsp=200,lut=50% --bits 8,16 --max-settings 4000',
  ],
]) {
  const shown = hwcast(command.split(' ')).trim().split('\n');
  const cut = shown.length > 34 ? [...shown.slice(0, 34), '...'] : shown;
  readme = replaceBlock(readme, name, `\n    npx hwcast ${command}\n\n\`\`\`text\n${cut.join('\n')}\n\`\`\`\n`);
}
writeFileAtomic(README, readme);
