import { describe, expect, it } from 'vitest';
import { misspeltSettings } from '../../../src/fpga/readers/misspeltSettings.js';

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
