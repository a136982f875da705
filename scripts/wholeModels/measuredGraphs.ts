import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsv } from '../../src/core/csv.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { readModelFile } from '../../src/graph/readers/readModelFile.js';
import { bertGraph, llamaGraph, mambaGraph } from './graphs.js';

/** A row of `measured/h100/models.csv` with its graph. */
export interface MeasuredGraph {
  fields: Record<string, string>;
  graph: OpGraph;
  /** decoders of Hugging Face keep keys and values */
  keepsCache: boolean;
  /** its name in zoo-h100, where it is there */
  zoo?: string;
}

/** Files of `zoo/onnx.tar` by model and, where the export fixed it, length. */
const FILES: Record<string, string> = {
  resnet18: 'tv__resnet18',
  resnet50: 'tv__resnet50',
  mobilenet_v3_large: 'tv__mobilenet_v3_large',
  efficientnet_b0: 'tv__efficientnet_b0',
  vit_b_16: 'tv__vit_b_16',
  convnext_tiny: 'tv__convnext_tiny',
  swin_t: 'tv__swin_t',
  'gpt2 128': 'hf__gpt2',
  'gpt2 1024': 'hf__gpt2-s1024',
};
/** Models that the zoo has no graph of in these sizes. */
const BUILDERS: Record<string, (tokens: { batch: number; length: number }) => OpGraph> = {
  bert_base: bertGraph,
  llama_8l: llamaGraph,
  mamba_8l: mambaGraph,
};

/** @param data the folder that holds `measured` and `zoo` */
export async function measuredGraphs(data: string): Promise<MeasuredGraph[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-'));
  try {
    execFileSync('tar', ['xf', join(data, 'zoo/onnx.tar'), '-C', folder, ...Object.values(FILES).map((f) => `${f}.onnx.gz`)]);
    const path = join(data, 'measured/h100/models.csv'),
      rows: MeasuredGraph[] = [];
    for (const { fields } of readCsv(readFileSync(path, 'utf8'), path)) {
      const [, batch, length] = /^b(\d+)(?:s(\d+))?$/.exec(fields.case)!.map(Number);
      const build = BUILDERS[fields.model],
        file = FILES[length ? `${fields.model} ${length}` : fields.model];
      const graph = build ? build({ batch, length }) : (await readModelFile(join(folder, `${file}.onnx.gz`), { batch }))[0].graph;
      const zoo = (file ?? (build === bertGraph ? 'hf__bert-base' : undefined))?.replace('__', '/');
      rows.push({ fields, graph, keepsCache: /^(gpt2|llama)/.test(fields.model), ...(zoo ? { zoo } : {}) });
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
