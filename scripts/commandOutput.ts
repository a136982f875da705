import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../..');
/** Lines of a long output that are shown. */
const MOST_LINES = 34;
const DESIGN = 'docs/examples/jet-tagger.json';

/** Commands of `hwcast` behind the blocks of docs/fpga.md, by the name of the block. */
export const FPGA_BLOCKS: Readonly<Record<string, string>> = {
  'fpga-predict': `fpga predict ${DESIGN} --part pynq-z2`,
  'fpga-explore': `fpga explore ${DESIGN} --part pynq-z2 --budget dsp=200,lut=50% --bits 8,16 --max-settings 4000`,
};

/** As above, of docs/llm.md. */
export const LLM_BLOCKS: Readonly<Record<string, string>> = {
  'llm-answer': 'llm --model meta-llama/Meta-Llama-3-8B --device RTX-4090 --isl 2048 --osl 256 --batch 1',
  'llm-no': 'llm --model deepseek-ai/DeepSeek-V3 --device H100-SXM5-80GB --isl 4096 --osl 512 --batch 16 --tp 8',
  'llm-bench': 'llm --model meta-llama/Meta-Llama-3-8B --device RTX-4090 --dtype q4_k_m --format llama-bench',
};

/** The picture of docs/llm.md: a transformer against two models with states. */
export const LLM_PICTURE = 'docs/images/llm-crossover.svg';
export const LLM_PICTURE_COMMAND =
  'llm --model meta-llama/Llama-3.1-8B-Instruct,tiiuae/falcon-mamba-7b,state-spaces/mamba2-2.7b --device RTX-4090 --isl 1024,4096,16384,65536,262144 --osl 128 --batch 1 --beyond-context --svg';

/** The commands behind the block on `hwcast pick` of docs/command-line.md: what is adapted first, and what is shown. */
export const PICK_COMMANDS = [
  'adapt --model models/nb201 --device board --support docs/examples/board-measured.csv --out out/board.json',
  'pick --adapter out/board.json --budget 0.7ms --input docs/examples/board-candidates.csv',
] as const;

/** What a command of the built `hwcast` prints, run in the root of the project; `stderr` of the command goes where told. */
export function hwcastOutput(args: readonly string[], stderr: 'inherit' | 'ignore' = 'inherit'): string {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'dist', 'cli', 'main.js'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', stderr],
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`hwcast ${args.join(' ')} ended with ${status}`);
  return stdout;
}

/** An output as a block of Markdown, cut where it is long. */
export function outputBlock(text: string, mostLines = Number.POSITIVE_INFINITY): string {
  const lines = text.trim().split('\n');
  const shown = lines.length > mostLines ? [...lines.slice(0, mostLines), '...'] : lines;
  return `\n\`\`\`text\n${shown.join('\n')}\n\`\`\`\n`;
}

/** A command with what it prints. */
export const commandBlock = (command: string, stderr?: 'inherit' | 'ignore'): string =>
  `\n    npx hwcast ${command}\n${outputBlock(hwcastOutput(command.split(' '), stderr), MOST_LINES)}`;
