import { describe, expect, it } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { portPins } from '../../../src/fpga/rules/portPins.js';

const network = (ioType: 'io_parallel' | 'io_stream', part?: string) =>
  hlsNetwork({ input: [16], bits: 16, ioType, part, clockNs: 5 })
    .dense(5)
    .build();

describe('portPins', () => {
  it('of io_parallel: all bits at once and a valid for each output', () => {
    expect(portPins(network('io_parallel'), true)).toBe(6 + 256 + 1 + 5 * 17);
    expect(portPins(network('io_parallel'), false)).toBe(6 + 256 + 5 * 17);
    // the ftag GRU: 382 Bonded IOB in `vivado2019_gru_vivado_synth.rpt`
    const gru = hlsNetwork({ input: [20, 6], bits: 3 })
      .dense(3, { result: { bits: 4, intBits: 2, signed: true } })
      .build();
    const flat = { ...gru, layers: [{ ...gru.layers[0], outShape: [3] }] };
    expect(portPins(flat, true)).toBe(382);
  });

  it('of io_stream: a stream a channel in Vivado HLS; of Vitis HLS nothing is told', () => {
    // hls4ml's fixture: 384 Bonded IOB in `hls4ml_fixture_vivado_synth.rpt`
    expect(portPins(network('io_stream'), true)).toBe(384);
    expect(portPins(network('io_stream'), false)).toBeUndefined();
  });

  it('a design with more pins than the part is a risk, not a verdict', () => {
    const analysis = analyseDesign(network('io_parallel', 'xc7z020'));
    expect(analysis.pins).toBe(348);
    expect(analysis.warnings.join()).toMatch(/risk: its ports are 348 pins and xc7z020 has up to 200/);
    expect(analysis.verdict.verdict).toBe('fits');
    expect(analyseDesign(network('io_parallel', 'xcvu9p')).warnings.join()).not.toMatch(/pins/);
  });
});
