import { describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { analyticalFpga } from '../../../src/fpga/fpgaPredictor.js';
import { designsCsv, designsJson, designsText, type PredictedDesigns } from '../../../src/present/fpga/designView.js';

const design = (id: string) =>
  hlsNetwork({ id, input: [16], bits: 16, reuseFactor: 4, strategy: 'resource', part: 'xcu250', clockNs: 5 })
    .dense(32)
    .relu()
    .build();
const predicted = (count: number, part?: string): PredictedDesigns => {
  const designs = Array.from({ length: count }, (_, i) => design(`d${i}`)),
    options = { part: part === undefined ? undefined : fpgaPartNamed(part) };
  return {
    designs,
    predictions: (['csynth', 'vsynth'] as const).map((stage) => analyticalFpga.predict(designs, { stage, ...options })),
    ...options,
  };
};

describe('views of predicted designs', () => {
  it('as CSV: a row a design and stage, intervals empty where none is known', () => {
    const [head, ...rows] = designsCsv(predicted(2)).split('\n');
    expect(head).toMatch(/^id,stage,lut,ff,dsp,bram18,uram,lat_min,lat_max,ii_min,ii_max,feasible,lut_low,lut_high,/);
    expect(rows.map((row) => row.split(',').slice(0, 2).join(' '))).toEqual(['d0 csynth', 'd0 vsynth', 'd1 csynth', 'd1 vsynth']);
    expect(rows[0]).toMatch(/,fits,(,){17},analytical,whole,\d+$/);
  });

  it('as JSON: estimates by column, verdict, utilisation and layers, on the part given by hand', () => {
    const [csynth] = JSON.parse(designsJson(predicted(1, 'pynq-z2')));
    expect(csynth).toMatchObject({ id: 'd0', part: 'xc7z020', stage: 'csynth', dsp: { value: 128, low: null, high: null } });
    expect(csynth.utilisation.dsp).toBeCloseTo((100 * 128) / 220);
    expect(csynth.layers).toHaveLength(2);
  });

  it('as JSON without a part: null in place of what compares with one', () => {
    const { designs, predictions } = predicted(1),
      { part, ...nowhere } = designs[0];
    const [csynth] = JSON.parse(designsJson({ designs: [nowhere], predictions }));
    expect([part, csynth.part, csynth.utilisation, csynth.power]).toEqual(['xcu250', null, null, null]);
  });

  it('marks totals that miss a layer as lower bounds, in each form', () => {
    const { layers, ...rest } = design('cut');
    const opaque = { ...layers[1], kind: 'opaque' as const, source: 'Attention' };
    const designs = [{ ...rest, layers: [layers[0], opaque] }];
    const of = { designs, predictions: [analyticalFpga.predict(designs, { stage: 'csynth' })] };
    expect(designsCsv(of).split('\n')[1]).toMatch(/,unknown,(,){17},analytical,lower-bound,\d+$/);
    expect(JSON.parse(designsJson(of))[0]).toMatchObject({ totals: 'lower-bound', lut: { low: null, high: null } });
    expect(designsText(of)).toMatch(/^lut +>= \d+ /m);
    expect(designsText(of)).toMatch(/^dsp +>= \d+ /m);
    const later = { designs, predictions: [analyticalFpga.predict(designs, { stage: 'vsynth' })] };
    expect(designsText(later)).toMatch(/^ff +>= \d+ /m);
    expect(designsText(later)).toMatch(/^dsp +counted \d+ /m);
    expect(designsText(of)).not.toMatch(/an inference/);
  });

  it('as text: few designs in full, many a line each', () => {
    const few = designsText(predicted(1));
    expect(few).toMatch(/^d0 on xcu250: io_parallel, resource, 5 ns$/m);
    expect(few).toMatch(/^Whole design, vsynth: fits$/m);
    expect(few).toMatch(/uJ an inference; analytical$/);
    expect(designsText(predicted(9)).split('\n')).toHaveLength(1 + 18);
  });
});
