/**
 * Rates of FPGA prediction, against the analytical core alone: `npx tsx bench/fpga-rates.ts`
 * Single dense layers and the four-layer jet tagger, in batches; exploration of 10,000 settings of the latter.
 */
import { readFileSync } from 'node:fs';
import { fpgaPartNamed } from '../src/device/fpgaParts.js';
import { hlsNetwork } from '../src/fpga/design/designBuilder.js';
import { parseHlsDesign } from '../src/fpga/design/hlsDesign.js';
import { explore } from '../src/fpga/explore/explore.js';
import { analyticalFpga } from '../src/fpga/fpgaPredictor.js';
import { fpgaModel } from '../src/fpga/residual/bundledFpgaModel.js';

const jet = parseHlsDesign(JSON.parse(readFileSync(new URL('../docs/examples/jet-tagger.json', import.meta.url), 'utf8')));
const layer = (i: number) =>
  hlsNetwork({
    id: `l${i}`,
    input: [16 + 8 * (i % 12)],
    bits: 16,
    reuseFactor: 1 + (i % 64),
    strategy: 'resource',
    part: 'xcu250',
    clockNs: 5,
    tool: 'vivado_hls',
    toolVersion: '2020.1',
  })
    .dense(16 + 8 * (i % 7), { bits: 2 + (i % 7) * 2 })
    .build();
const layers = Array.from({ length: 20_000 }, (_, i) => layer(i)),
  networks = Array.from({ length: 5_000 }, () => jet);
const rate = (designs: typeof layers, predictor: typeof analyticalFpga): number => {
  predictor.predict(designs.slice(0, 2000), { stage: 'csynth' });
  const begun = performance.now();
  predictor.predict(designs, { stage: 'csynth' });
  return designs.length / ((performance.now() - begun) / 1000);
};
const model = await fpgaModel();
for (const [name, designs] of [
  ['single layers', layers],
  ['jet tagger', networks],
] as const) {
  const learned = rate(designs, model),
    rules = rate(designs, analyticalFpga);
  console.log(
    `${name}: ${Math.round(learned)} designs/s with ${model.name}, ${Math.round(rules)} by the rules alone (ratio ${(rules / learned).toFixed(1)})`,
  );
}
const begun = performance.now();
const found = explore(jet, model, { part: fpgaPartNamed('xc7z020'), bits: [4, 8, 16] });
console.log(
  `explore: ${found.settings.length} settings of the jet tagger in ${((performance.now() - begun) / 1000).toFixed(2)} s`,
);
