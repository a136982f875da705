import { type CsvRow, readCsv } from '../../../core/csv.js';
import { modelId } from '../../../graph/namedModel.js';
import { addCondition, type ModelTableFormat, measuredNumber } from './modelTable.js';

/** CSV of LLM-Inference-Bench (Argonne): time of a request of so many tokens in and as many out, of a batch. */
export const llmInferenceBench: ModelTableFormat = {
  name: 'llm-inference-bench',
  about: "LLM-Inference-Bench's CSV of all results",
  source: 'argonne-lcf/LLM-Inference-Bench, Plots',
  licence: 'BSD-3-Clause',
  notice: 'Figures of LLM-Inference-Bench, copyright (c) UChicago Argonne, BSD 3-Clause License.',
  detect: ({ text }) => /^(Hardware,Num of Hardware,Framework,Model|hardware,n,framework,model)/.test(text),
  read(file, into) {
    for (const row of readCsv(file.text, file.name)) {
      const { hardware, n, framework, model, tokens, batch, seconds } = named(row);
      const latency = measuredNumber(seconds, 'latency', row.where, into);
      if (latency === undefined) continue;
      const device = Number(n) > 1 ? `${n} x ${hardware}` : hardware;
      addCondition(into, device, framework, { framework, note: `${n} devices` });
      into.measurements.push({
        workload: modelId('llm', `${model}@in${tokens},out${tokens},b${batch}`),
        device,
        condition: framework,
        target: 'latency',
        value: latency,
        where: row.where,
      });
    }
  },
};

/** The columns under the names of the source or of the table made from it. */
const named = ({ fields: f }: CsvRow) => ({
  hardware: f.hardware ?? f.Hardware,
  n: f.n ?? f['Num of Hardware'],
  framework: f.framework ?? f.Framework,
  model: f.model ?? f.Model,
  tokens: f.len_in_out ?? f['Input Output Length'],
  batch: f.batch ?? f['Batch Size'],
  seconds: f.latency_s ?? f.Latency,
});
