import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import type { LlmArchitecture } from '../llm/architecture/llmArchitecture.js';
import { readLlm } from '../llm/architecture/readLlm.js';
import { corrected, correctionOf } from '../llm/correction.js';
import { estimateLlm, type LlmEstimate } from '../llm/estimateLlm.js';
import { DEFAULT_CHUNK } from '../llm/llmSetup.js';
import { readMeasuredRuns } from '../llm/measuredRuns.js';
import { FRAMEWORKS } from '../llm/servingConstants.js';
import { SWEPT, sweepOf } from '../llm/sweep.js';
import { llamaBenchTable, llmRecord, llmText, verifyLines } from '../present/llmView.js';
import { sweepNotes } from '../present/sweepNotes.js';
import { DEFAULTS, type LlmOptions, setupsOf } from './llmSetups.js';
import { filledList, readText } from './options.js';
import { note } from './progress.js';

/** `hwcast llm --model config.json --device NAME`: does it fit, how fast, at what energy. Comma lists sweep. */
export function registerLlm(program: Command): void {
  program
    .command('llm')
    .description('whether a language model fits a device, its time to the first token, tokens a second and joules')
    .requiredOption(
      '--model <path>',
      'config.json, a folder with it, a GGUF or safetensors file (headers only are read); a list compares',
    )
    .requiredOption('--device <names>', 'devices of the catalogue (hwcast devices), separated by commas')
    .option('--isl <n>', `tokens of a prompt; lists sweep (${DEFAULTS.isl})`)
    .option('--osl <n>', `tokens made for it (${DEFAULTS.osl})`)
    .option('--batch <n>', `requests that run together (${DEFAULTS.batch})`)
    .option('--tp <n>', 'tensor parallelism', '1')
    .option('--pp <n>', 'pipeline parallelism', '1')
    .option('--ep <n>', 'expert parallelism', '1')
    .option('--sp', 'sequence parallelism beside --tp: norms on divided tokens, reduce-scatter and all-gather for all-reduce')
    .option('--imbalance <alpha>', 'power law of the rows of experts: 1.01 and 1.2 in aiconfigurator; 0, all alike, unless told')
    .option(
      '--dtype <types>',
      'weights of layers: bf16, fp16, fp32, fp8, int8, nvfp4, int4, q4_k_m, ..; as the configuration says unless told',
    )
    .option('--kv-dtype <types>', 'cache of keys and values; as activations unless told')
    .addOption(new Option('--framework <name>', 'what runs it').choices([...FRAMEWORKS]).default('vllm'))
    .option('--prefix <n>', 'first tokens of the prompt that all requests share: read once, cached once')
    .option('--kv-block <n>', 'tokens of a block of the cache, which requests take whole (vLLM: 16); 1 unless told')
    .option('--chunk <n>', 'most new tokens of a pass', String(DEFAULT_CHUNK))
    .option('--link <GB/s>', "one direction between devices, where it is not the catalogue's")
    .option('--offload <GB>', 'weights of each device that stay on the host, gigabytes; auto: as many as have to')
    .option('--prefetch', "the next layer's offloaded weights come while a layer runs")
    .option(
      '--host-link <GB/s>',
      "one direction between host and device, where it is not the catalogue's (CXL: the memory's own)",
    )
    .option('--power-cap <W>', 'watts that each device may draw')
    .option('--reserve <GB>', 'memory of the framework, where it is not the default')
    .addOption(new Option('--format <format>', 'what is printed').choices(['text', 'json', 'llama-bench']).default('text'))
    .option('--measured <file>', 'runs on this device: llama-bench or vLLM JSON, aiconfigurator CSV; they correct all answers')
    .option('--measured-model <path>', 'what the runs are of, where their file does not name a known model')
    .option('--beyond-context', "lengths beyond the model's context, as if it were extended")
    .option('--svg <file>', 'draw the swept amount against latency, tokens a second and memory')
    .option('--json', 'print JSON: an array, an element a setup')
    .option('--detail', 'all operators')
    .action(async (options: LlmOptions) => {
      checkTogether(options);
      const runs = options.measured === undefined ? undefined : measuredRuns(options.measured, options.measuredModel);
      const answers = modelsOf(options).flatMap((architecture) =>
        setupsOf(architecture, options).map(({ setup, assumptions }) => {
          const estimate = estimateLlm(architecture, setup);
          const own = { ...estimate, assumptions: [...assumptions, ...estimate.assumptions] };
          return { architecture, estimate: runs ? corrected(own, correctionOf(runs.list, setup, runs.model)) : own };
        }),
      );
      process.stdout.write(`${print(answers, options)}\n`);
      if (options.svg !== undefined) await draw(options.svg, answers);
    });
}

/** @throws HwcastError `usage` for options of which one says nothing, or the contrary */
function checkTogether({ json, format, measured, measuredModel }: LlmOptions): void {
  if (json && format === 'llama-bench')
    throw new HwcastError('usage', '--json and --format llama-bench are two forms of the answer', { hint: 'leave one out' });
  if (measuredModel !== undefined && measured === undefined)
    throw new HwcastError('usage', '--measured-model without --measured', { hint: '--measured FILE, the runs of that model' });
}

interface Answered {
  architecture: LlmArchitecture;
  estimate: LlmEstimate;
}

/** The models that `--model` names. */
function modelsOf({ model, beyondContext }: LlmOptions): LlmArchitecture[] {
  const paths = existsSync(model) ? [model] : filledList('--model', model);
  return paths.map((path) => {
    const architecture = readLlm(path);
    if (!beyondContext || architecture.maxContext === undefined) return architecture;
    const assumption = `lengths beyond the model's context of ${architecture.maxContext} as if it were extended (--beyond-context)`;
    return { ...architecture, maxContext: undefined, assumptions: [...architecture.assumptions, assumption] };
  });
}

function print(answers: readonly Answered[], { json, format, detail }: LlmOptions): string {
  if (json || format === 'json')
    return JSON.stringify(
      answers.map((a) => llmRecord(a.estimate, a.architecture)),
      null,
      2,
    );
  if (format === 'llama-bench') return answers.map((a) => llamaBenchTable(a.estimate, a.architecture)).join('\n\n');
  const texts = answers.map((a) =>
    [llmText(a.estimate, a.architecture, { detail }), ...verifyLines(a.estimate, a.architecture)].join('\n'),
  );
  const sweep = sweepOfAnswers(answers),
    notes = sweep ? sweepNotes(sweep) : [];
  return [...texts, ...(notes.length ? [notes.join('\n')] : [])].join('\n\n');
}

const sweepOfAnswers = (answers: readonly Answered[]) =>
  sweepOf(
    answers.map(({ architecture, estimate }) => ({ model: architecture.name, maxContext: architecture.maxContext, estimate })),
  );

/** The picture of a sweep. @throws HwcastError `usage` where nothing is swept */
async function draw(path: string, answers: readonly Answered[]): Promise<void> {
  const sweep = sweepOfAnswers(answers);
  if (!sweep)
    throw new HwcastError('usage', '--svg draws a sweep: no amount has two values', {
      hint: `give a list to one of ${SWEPT.map((axis) => `--${axis}`).join(', ')}, e.g. --batch 1,2,4`,
    });
  const { renderSweep } = await import('../present/llmPicture.js');
  writeFileAtomic(path, renderSweep(sweep));
  note(`written to ${path}`);
}

function measuredRuns(file: string, model: string | undefined) {
  const { text, where } = readText(file, 'file of measured runs');
  return { list: readMeasuredRuns(text, where), model: model === undefined ? undefined : readLlm(model) };
}
