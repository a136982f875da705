import { describe, expect, it } from 'vitest';
import { toldSetting } from '../../src/networks/toldSetting.js';

describe('toldSetting', () => {
  it('takes the device of the catalogue from its name, or from what it is said to be', () => {
    expect(toldSetting('rtx 4090')).toEqual({ hardware: 'RTX-4090' });
    expect(toldSetting('my board')).toBeUndefined();
    expect(toldSetting('my board', { hardware: 'l4', batch: 8, dtype: undefined })).toEqual({ hardware: 'L4', batch: 8 });
    expect(toldSetting('my host', { threads: 4, framework: 'onnxruntime' })).toEqual({ threads: 4, framework: 'onnxruntime' });
  });

  it('keeps what was told before where nothing else is told now', () => {
    const before = { hardware: 'L4', dtype: 'fp16', batch: 8 };
    expect(toldSetting('my board', { batch: 1, dtype: undefined }, before)).toEqual({ ...before, batch: 1 });
    expect(toldSetting('my board', { hardware: 'RTX 4090' }, before)).toEqual({ ...before, hardware: 'RTX-4090' });
  });

  it('refuses hardware, element types and executions that are none, naming those that are', () => {
    const refused = (told: Parameters<typeof toldSetting>[1]) => () => toldSetting('my board', told);
    expect(refused({ hardware: 'RTX 4091' })).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(refused({ dtype: 'fp15' })).toThrow(
      expect.objectContaining({ code: 'bad-input', hint: expect.stringContaining('fp16') }),
    );
    expect(refused({ execution: 'graphs' })).toThrow(
      expect.objectContaining({ code: 'bad-input', hint: expect.stringContaining('eager, graph') }),
    );
  });
});
