/**
 * Errors of the learned residual of FPGA designs on models and sources not trained on, beside the rules and two baselines.
 * `npx tsx bench/fpga-residual.ts ../shared/data/fpga [--seeds 2] [--methods analytical,ridge,..] [--folds 5, 0: none] [--leave-out SOURCE,.. or '' for none] [--json FILE]`
 * `... --rate`: time of training and prediction instead.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RESIDUAL_METHODS, type ResidualMethod, residualGroup, residualRows } from '../src/evaluate/protocols/fpgaResidual.js';
import { renderFpgaResults } from '../src/evaluate/report/renderFpgaResults.js';
import { runGroup } from '../src/evaluate/run.js';
import { readFpgaSources } from '../src/fpga/data/fpgaSources.js';
import { FpgaModel } from '../src/fpga/residual/fpgaModel.js';
import { RESIDUAL_ENCODERS } from '../src/fpga/residual/residualNetwork.js';
import { trainResidual } from '../src/fpga/residual/trainResidual.js';
import { initBackend } from '../src/tensor/backend.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '2' },
    methods: { type: 'string' },
    json: { type: 'string' },
    rate: { type: 'boolean' },
    folds: { type: 'string', default: '5' },
    'leave-out': { type: 'string' },
  },
});
await initBackend(process.env.HWCAST_BACKEND);
const rows = readFpgaSources(positionals[0] ?? '../shared/data/fpga', { onIssue: () => {} });
const { rows: usable, unknownReuse, unknownKernel } = residualRows(rows);
console.error(
  `${usable.length} designs; left out: ${unknownReuse} whose reuse factor, ${unknownKernel} whose kernel is not recorded`,
);
if (values.rate) {
  for (const encoder of RESIDUAL_ENCODERS) {
    const from = process.cpuUsage(),
      model = new FpgaModel(await trainResidual(usable, { encoder })),
      trained = process.cpuUsage(from);
    const designs = usable.filter((r) => r.source === 'wa_hls4ml_dense1').map((r) => r.design);
    const many = Array.from({ length: 14 }, () => designs).flat();
    model.predict(many.slice(0, 2000), { stage: 'csynth' });
    const start = process.cpuUsage();
    model.predict(many, { stage: 'csynth' });
    const used = process.cpuUsage(start);
    const seconds = (c: NodeJS.CpuUsage) => (c.user + c.system) / 1e6;
    console.log(
      `${encoder}: trained in ${seconds(trained).toFixed(0)} s, ${Math.round(many.length / seconds(used))} designs of one layer a second (CPU time)`,
    );
  }
  process.exit(0);
}
const begin = performance.now();
const group = residualGroup(rows, {
  methods: (values.methods?.split(',') as ResidualMethod[] | undefined) ?? RESIDUAL_METHODS,
  seeds: Array.from({ length: Number(values.seeds) }, (_, i) => i),
  folds: Number(values.folds),
  ...(values['leave-out'] === undefined ? {} : { leaveOut: values['leave-out'].split(',').filter(Boolean) }),
  onProgress: (done, total, what) =>
    console.error(`${done} of ${total}: ${what} (${((performance.now() - begin) / 1000).toFixed(0)} s)`),
});
const results = await runGroup(group, { command: 'bench/fpga-residual.ts', measuredAt: new Date().toISOString() });
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
console.log(renderFpgaResults(results));
