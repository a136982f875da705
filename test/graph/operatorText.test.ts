import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphCosts } from '../../src/graph/operatorCost.js';
import type { MappedOp } from '../../src/graph/operatorText.js';
import { operatorGraph, operatorOfGraph, operatorText, parseOperatorText } from '../../src/graph/operatorText.js';
import { parseOpGraph } from '../../src/graph/opGraph.js';

const conv: MappedOp = {
  op: 'conv2d',
  attrs: { kernel: [3, 3], stride: [1, 1], padding: [1, 1], groups: 1, outChannels: 8, bias: 0 },
  inputs: [{ shape: [1, 4, 6, 6], dtype: 'fp16' }],
  shape: [1, 8, 6, 6],
  dtype: 'fp16',
};

describe('operatorText', () => {
  it('is canonical: attributes by name, the output only where it does not follow', () => {
    const text = 'op:conv2d/fp16/1x4x6x6/bias=0;groups=1;kernel=[3x3];outChannels=8;padding=[1x1];stride=[1x1]';
    expect(operatorText(conv)).toBe(text);
    expect(operatorText({ ...conv, attrs: Object.fromEntries(Object.entries(conv.attrs).reverse()) })).toBe(text);
    expect(operatorText({ ...conv, shape: [1, 8, 4, 4] })).toContain(';shape=[1x8x4x4]');
    expect(
      operatorText({
        op: 'add',
        attrs: {},
        inputs: [
          { shape: [2, 3], dtype: 'fp32' },
          { shape: [], dtype: 'int64' },
        ],
        shape: [2, 3],
        dtype: 'fp32',
      }),
    ).toBe('op:add/fp32/2x3;scalar.int64/');
  });

  it('reads back what it wrote', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 5 });
    const dtype = fc.constantFrom('fp32' as const, 'bf16' as const, 'int64' as const);
    const attrs = fc.oneof(
      fc.record({ kind: fc.constantFrom('aten::pow_', 'x', 3) }, { requiredKeys: [] }),
      fc.record({ shape: fc.array(fc.nat(9), { maxLength: 3 }) }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.record({ shape, dtype }), { minLength: 1, maxLength: 3 }),
        attrs,
        shape,
        dtype,
        (inputs, a, out, d) => {
          const mapped: MappedOp = { op: 'opaque', attrs: { ...a }, inputs, shape: 'shape' in a ? a.shape : out, dtype: d };
          const read = parseOperatorText(operatorText(mapped));
          expect({ ...read, attrs: undefined }).toEqual({ ...mapped, attrs: undefined });
          expect(operatorText(read)).toBe(operatorText(mapped));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('states what followed before an attribute was known, so that ids of datasets stay', () => {
    const dilated: MappedOp = { ...conv, attrs: { ...conv.attrs, dilation: [2, 2] }, shape: [1, 8, 4, 4] };
    const text = `${operatorText(conv).replace('bias=0', 'bias=0;dilation=[2x2]').replace(';stride', ';shape=[1x8x4x4];stride')}`;
    expect(operatorText(dilated)).toBe(text);
    expect(parseOperatorText(text).shape).toEqual([1, 8, 4, 4]);
    expect(operatorText(parseOperatorText(text.replace(';shape=[1x8x4x4]', '')))).toBe(text);
    const reduced = 'op:reduce/fp32/2x3/axis=[1];shape=[2]';
    expect(operatorText(parseOperatorText(reduced))).toBe(reduced);
    const rounded = 'op:max_pool2d/fp32/1x2x6x6/kernel=[3x3];padding=[0x0];shape=[1x2x3x3];stride=[2x2]';
    expect(operatorText(parseOperatorText(rounded))).toBe(rounded);
    expect(() => parseOperatorText('op:relu/fp32/1x4/shape=[1x5]')).toThrow('relu: attrs.shape is [1,5], it makes [1,4]');
  });

  it('makes a graph of the same cost and back', () => {
    const graph = parseOpGraph(operatorGraph(conv));
    expect(graphCosts(graph).total.flops).toBe(2 * 8 * 36 * 4 * 9);
    expect(operatorText(operatorOfGraph(graph))).toBe(operatorText(conv));
  });

  it('says what is wrong with a text', () => {
    const message = (text: string) => {
      try {
        parseOperatorText(text);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message('op:convo/fp32/1/')).toBe(
      "not an operator: 'op:convo/fp32/1/' (unknown operator 'convo'; did you mean conv1d, conv2d, conv3d?)",
    );
    expect(message('op:relu/fp31/1/')).toContain("unknown element type 'fp31'");
    expect(message('op:relu/constructor/1/')).toContain("unknown element type 'constructor'");
    expect(message('op:relu/fp32/1xb/')).toContain("'b' is no number");
    expect(message('op:relu/fp32/1/axis')).toContain("'axis' is no name=value");
    expect(message('op:linear/fp32/1x2/outFeatures=3;bias=0')).toBeUndefined();
    expect(message('op:conv2d/fp32/1x2/kernel=[3x3];outChannels=4')).toContain('needs an [N, C, H, W] input');
  });
});
