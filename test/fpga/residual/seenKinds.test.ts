import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { calibrationOf, intervalOf } from '../../../src/fpga/residual/residualModel.js';
import { ingredientsOf, seenKinds } from '../../../src/fpga/residual/seenKinds.js';

const dense = hlsNetwork({ input: [8], bits: 8 })
  .dense(4)
  .relu()
  .build();
const rowOf = (group: string) => ({ design: dense, strata: ['csynth/network/loops', 'csynth/network'], group });

describe('seenKinds', () => {
  test('names what layers of a stratum cost and how tensors travel, from three models on', () => {
    expect(
      ingredientsOf(
        hlsNetwork({ input: [4, 4, 1], ioType: 'io_stream' })
          .conv2d(2, 3)
          .flatten()
          .build(),
        false,
      ),
    ).toEqual(['io_stream conv2d']);
    expect(seenKinds(['a', 'a', 'b'].map(rowOf))['csynth/network']).toEqual(['weights of 8 bits']);
    const seen = ['io_parallel activation relu', 'io_parallel dense', 'weights of 8 bits', 'whole design'];
    expect(seenKinds(['a', 'b', 'c'].map(rowOf))['csynth/network/loops']).toEqual(seen);
  });
});

describe('calibrationOf', () => {
  const of = (halfWidth: number, learned: number) => ({
    ...{ trust: 0, halfWidth, ruleHalfWidth: halfWidth, rows: 9, groups: 3, analytical: learned, learned },
  });
  const own = 'csynth/dense/loops/vivado_hls 2020.1 dsp:DSP48E2';
  const strata = [own, 'csynth/dense/loops', 'csynth/dense', 'csynth'];
  const elsewhere = ['csynth/dense/loops/vitis_hls 2024.1 dsp:DSP58', ...strata.slice(1)];
  const both = { lut: of(0.01, 0.4), dsp: of(0, 0) };
  const model = {
    calibration: { [own]: both, 'csynth/dense/loops': both, csynth: both },
    seen: { [own]: ['dense', 'w8'], 'csynth/dense/loops': ['dense', 'w8'], csynth: ['dense', 'w8'] },
  };
  const made = { kinds: ['dense'], widths: ['w8'] };

  test('is exact where the rule held on every row of the same tool and version', () => {
    expect(calibrationOf(model, strata, 'dsp', made)).toEqual({ trust: 0, halfWidth: 0, exact: true, of: 'same' });
    expect(calibrationOf(model, elsewhere, 'dsp', made)).toEqual({ trust: 0, halfWidth: 0.1, exact: false, of: 'elsewhere' });
    expect(calibrationOf(model, strata, 'lut', made)?.exact).toBe(false);
  });

  test('gives nothing of other layers and of a wider stratum; DSPs of weight widths not seen may be any number', () => {
    expect(calibrationOf(model, strata, 'lut', { kinds: ['conv2d'], widths: ['w8'] })).toBeUndefined();
    expect(
      calibrationOf(model, ['csynth/conv2d/loops/x', 'csynth/conv2d/loops', 'csynth/conv2d', 'csynth'], 'lut'),
    ).toBeUndefined();
    expect(calibrationOf(model, strata, 'dsp', { kinds: ['dense'], widths: ['w6'] })?.halfWidth).toBe(Number.POSITIVE_INFINITY);
    expect(calibrationOf(model, strata, 'lut', { kinds: ['dense'], widths: ['w6'] })?.halfWidth).toBe(0.01);
  });

  test('kinds of layers tell before other tools, not before the own', () => {
    const near = { halfWidth: 0.3, strata: ['kind:x'], exact: false, elsewhere: [] };
    expect(calibrationOf(model, strata, 'lut', made, near)).toMatchObject({ halfWidth: 0.01, of: 'same' });
    expect(calibrationOf(model, elsewhere, 'lut', made, near)).toEqual({ trust: 0, halfWidth: 0.3, exact: false, of: 'kinds' });
    expect(calibrationOf(model, elsewhere, 'dsp', made, near)?.halfWidth).toBe(Number.POSITIVE_INFINITY);
  });

  test('kinds of layers tell before networks that have others too', () => {
    const strata = [
      'csynth/network/unrolled/vitis_hls 2024.1 dsp:DSP48E2',
      'csynth/network/unrolled',
      'csynth/network',
      'csynth',
    ];
    const seen = { [strata[0]]: ['io_parallel dense', 'io_stream dense'] },
      near = { halfWidth: 0.3, strata: ['kind:x'], exact: false, elsewhere: [] as string[] };
    const found = (kinds: string[], of = near) =>
      calibrationOf({ calibration: { [strata[0]]: both }, seen }, strata, 'lut', { kinds, widths: [] }, of)?.of;
    expect(found(['io_parallel dense'])).toBe('kinds');
    expect(found(['io_parallel dense', 'io_stream dense'])).toBe('same');
    expect(found(['io_parallel dense'], { ...near, elsewhere: ['io_parallel dense'] })).toBe('same');
  });

  test('an interval is one value only where that is exact', () => {
    expect(intervalOf(9, 0, true)).toEqual({ low: 9, high: 9 });
    expect(intervalOf(9, 0.001, false)).toEqual({ low: 8, high: 10 });
    expect(intervalOf(0, 0, false)).toEqual({ low: 0, high: 1 });
  });
});
