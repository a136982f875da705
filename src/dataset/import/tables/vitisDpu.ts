import { readCsv } from '../../../core/csv.js';
import { type ModelFacts, modelId } from '../../../graph/namedModel.js';
import { addCondition, type ModelTable, type ModelTableFormat, positive, type TableFile } from './modelTable.js';

/** Tables of the Vitis AI model zoo's README (a table a board), or the same figures as CSV. */
export const vitisDpu: ModelTableFormat = {
  name: 'vitis-dpu',
  about: "tables of the Vitis AI model zoo's README",
  source: 'Xilinx/Vitis-AI, model_zoo/README.md of branch 2.5',
  licence: 'Apache-2.0',
  notice: 'Figures of the Vitis AI model zoo, copyright of its authors, Apache License 2.0.',
  detect: ({ text }) => /^board,model,standard_name/.test(text) || /^#{2,5} Performance on /m.test(text),
  read(file, into) {
    if (/^board,/.test(file.text)) {
      for (const { fields: f, where } of readCsv(file.text, file.name))
        add(into, f.board, f.standard_name || f.model, f.dpu_config, [f.fps_single_thread, f.fps_multi_thread], where);
    } else readMarkdown(file, into);
  },
};

function readMarkdown({ text, name }: TableFile, into: ModelTable): void {
  let board = '',
    dpu = '';
  text.split('\n').forEach((line, i) => {
    board = /^#{2,5} Performance on (.+?)\s*$/.exec(line)?.[1] ?? board;
    dpu = /on the `[^`]+` board with (.+?:)/.exec(line)?.[1].replaceAll('`', '') ?? dpu;
    const cells = line.split('|').map((c) => c.trim());
    if (!board || cells.length < 6 || !/^\d+$/.test(cells[1])) return;
    add(into, board, cells[3] || cells[2], dpu, [cells[4], cells[5]], `${name}:${i + 1}`);
  });
}

/** How the DPU was configured, without the words around it: `3 B4096 @ 281MHz`. */
const configuration = (text: string): string =>
  text
    .replaceAll('`', '')
    .replace(/^\s*(a|at)\s+/, '')
    .replace(/ DPU configuration:?\s*$|:\s*$/, '')
    .replace(/[\s*]+/g, ' ')
    .trim();

/** Frames a second of one thread, end to end, and of as many threads as are fastest: seconds a frame of each. */
function add(
  into: ModelTable,
  board: string,
  model: string,
  dpu: string,
  fps: readonly (string | undefined)[],
  where: string,
): void {
  const workload = modelId('vitis-dpu', model),
    configured = configuration(dpu);
  into.facts.set(workload, factsOf(model));
  for (const [i, threads] of ['single-thread', 'multi-thread'].entries()) {
    const text = fps[i]?.replaceAll('\\', '').trim();
    // a dash or nothing where it was not measured
    if (!text || !/\d/.test(text)) continue;
    const condition = configured ? `${threads}, ${configured}` : threads;
    addCondition(into, board, condition, {
      framework: 'vitis-ai',
      frameworkVersion: '2.5',
      backend: 'dpu',
      dtype: 'int8',
      note: `${condition}, end to end`,
    });
    into.measurements.push({
      workload,
      device: board,
      condition,
      target: 'latency',
      value: 1 / positive(text, 'frames a second', where),
      where,
    });
  }
}

/** `tf2_efficientnet-b0_imagenet_224_224_0.36G`: input and giga-operations stand at the end of the name; the zoo counts a multiply-accumulate as two. */
function factsOf(name: string): ModelFacts {
  const size = /_(\d+)_(\d+)(?:_[\d.]+)*_([\d.]+)G(?:_\d+(?:\.\d+)*)?$/.exec(name);
  const operations = /_([\d.]+)G(?:_|$)/.exec(name)?.[1];
  return {
    ...(Number(operations) > 0 ? { macs: Math.round((Number(operations) * 1e9) / 2) } : {}),
    ...(size ? { inputSize: [3, Number(size[1]), Number(size[2])] } : {}),
    precision: 'int8',
  };
}
