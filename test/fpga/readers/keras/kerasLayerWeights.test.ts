import { expect, test } from 'vitest';
import { kerasLayerWeights } from '../../../../src/fpga/readers/keras/kerasLayerWeights.js';
import { kerasLayers } from '../../../../src/fpga/readers/kerasLayers.js';
import type { KerasLayer } from '../../../../src/graph/readers/keras/kerasLayer.js';

const variable = (...values: number[]) => ({ shape: [values.length], values });

test('weights of a bidirectional layer are those of its two directions; of an EinsumDense only zeros are told', () => {
  const list: KerasLayer[] = [
    { className: 'InputLayer', name: 'in', config: { batch_input_shape: [null, 4, 2] } },
    {
      className: 'Bidirectional',
      name: 'b',
      config: { layer: { class_name: 'SimpleRNN', config: { units: 1, return_sequences: true } } },
    },
    { className: 'EinsumDense', name: 'e', config: { equation: 'abc,cd->abd', output_shape: [4, 1] } },
  ];
  const found = kerasLayerWeights(
    list,
    kerasLayers(list),
    new Map([
      // kernel, recurrent kernel and bias, forwards and backwards
      ['b', [variable(1, 2), variable(3), variable(4), variable(5, 6), variable(7), variable(8)]],
      ['e', [variable(0, 9), variable(1)]],
    ]),
  );
  const matrices = (name: string) => found.get(name)?.matrices.map((m) => Array.from(m));
  expect(matrices('b_forward')).toEqual([[1, 2], [3]]);
  expect(matrices('b_backward')).toEqual([[5, 6], [7]]);
  expect(found.has('b')).toBe(false);
  expect(matrices('e')).toEqual([[0, 9]]);
  expect(found.get('e')?.transposed).toBe(true);
});
