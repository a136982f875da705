// An HLS design: what it needs, whether it fits a part, and which settings of reuse and precision would.
import { explore, fits, fpgaModel, fpgaPartNamed, hlsNetwork, parseBudget } from 'hwcast/fpga';

const part = fpgaPartNamed('pynq-z2');
const options = { input: [16], bits: 16, intBits: 6, reuseFactor: 4, strategy: 'resource', clockNs: 5 } as const;
const design = hlsNetwork({ ...options, part: part.name, tool: 'vivado_hls', toolVersion: '2020.1' })
  .dense(64)
  .relu()
  .dense(32)
  .relu()
  .dense(5)
  .build();

const model = await fpgaModel();
const [prediction] = model.predict([design], { stage: 'vsynth', part });
for (const target of ['lut', 'ff', 'dsp', 'bram18', 'cycles'] as const) {
  const { value, low, high, provenance } = prediction.targets[target];
  console.log(`${target}: ${value} (${low} to ${high}), ${provenance}`);
}
const { verdict, reasons } = fits(prediction, part);
console.log(`${part.name}: ${verdict} ${reasons.join('; ')}`);

const budget = parseBudget('dsp=50%,lut=50%', part);
const { front, grid } = explore(design, model, { part, budget, bits: [8, 16], limit: 500, seed: 1 });
console.log(`${front.length} of ${grid} settings are on the front within budget, the fastest:`);
for (const { reuse, bits, prediction: p } of front.slice(0, 3))
  console.log(`  reuse ${reuse.join('/')}, bits ${bits.join('/')}: ${p.targets.cycles.value} cycles, ${p.targets.dsp.value} DSP`);
