import { describe, expect, it } from 'vitest';
import { fifoDepthsFound, misspeltSettings, unmodelledSettings } from '../../../src/fpga/readers/misspeltSettings.js';

const KNOWN = ['Precision', 'ReuseFactor', 'Strategy', 'Part'];

describe('misspeltSettings', () => {
  it('names the setting that a key nearly is', () => {
    expect(misspeltSettings({ Strategey: 'Latency', reuseFactor: 4, Precision: 'auto' }, KNOWN, 'Model')).toEqual([
      "'Strategey' of Model is no setting and ignored: Strategy may be meant",
      "'reuseFactor' of Model is no setting and ignored: ReuseFactor may be meant",
    ]);
  });

  it('says nothing of other keys, of short ones two letters apart, nor where the setting is there', () => {
    const others = { BramFactor: 1, Trace: true, Path: 'x', Strategey: 'Latency', Strategy: 'Resource', Pat: '' };
    expect(misspeltSettings(others, KNOWN.slice(0, 3), 'Model')).toEqual([]);
    expect(misspeltSettings({ Prats: '' }, KNOWN, 'the configuration')).toEqual([]);
  });
});

describe('unmodelledSettings', () => {
  it('names what changes a design and no rule follows, not what changes nothing', () => {
    const lines = unmodelledSettings({ BramFactor: 100, PipelineStyle: 'dataflow', Compression: true, ReuseFactor: 4 }, 'Model');
    expect(lines).toEqual([
      "'BramFactor' 100 of Model is not modelled: weights of more elements than that lie outside the design",
      expect.stringContaining('\'PipelineStyle\' "dataflow" of Model is not modelled'),
      expect.stringContaining("'Compression' true of Model is not modelled"),
    ]);
    const same = { BramFactor: 1_000_000_000, PipelineStyle: 'auto', Compression: false, PipelineInterval: null };
    expect(unmodelledSettings(same, 'Model')).toEqual([]);
  });

  it('says that depths of FIFOs are those before they are simulated', () => {
    expect(fifoDepthsFound({ Optimizers: ['vivado:fifo_depth_optimization'] })).toHaveLength(1);
    expect(fifoDepthsFound({ Optimizers: ['vivado:something'] })).toEqual([]);
    expect(fifoDepthsFound({})).toEqual([]);
  });
});
