import { beforeAll, describe, expect, it } from 'vitest';
import { adamState, adamStep } from '../../src/tensor/adam.js';
import { initBackend } from '../../src/tensor/backend.js';
import { linearSpec, Parameters } from '../../src/tensor/parameters.js';
import { valueAndGradient } from '../../src/tensor/parameterTensors.js';
import { tf } from '../../src/tensor/tf.js';

beforeAll(() => initBackend('wasm'));

describe('Parameters', () => {
  const specs = [...linearSpec('a', 4, 3), { name: 'c', shape: [2], init: { constant: 7 } }];

  it('draws within bounds, the same for the same seed, each from its own stream', () => {
    const p = Parameters.create(specs, 1),
      again = Parameters.create(specs, 1),
      other = Parameters.create(specs, 2);
    expect(p.data).toEqual(again.data);
    expect(p.data).not.toEqual(other.data);
    expect(Math.max(...p.view('a.weight').map(Math.abs))).toBeLessThan(0.5);
    expect([...p.view('c')]).toEqual([7, 7]);
    // a parameter more changes no other
    expect(Parameters.create([...linearSpec('b', 2, 2), ...specs], 1).view('a.weight')).toEqual(p.view('a.weight'));
  });

  it('goes to named arrays and back', () => {
    const p = Parameters.create(specs, 1),
      back = Parameters.fromNamed(p.named());
    expect(back.data).toEqual(p.data);
    expect(back.shape('a.weight')).toEqual([4, 3]);
    expect(() => Parameters.fromNamed([{ name: 'a', shape: [2, 2], data: new Float32Array(3) }])).toThrow(
      "parameter 'a' of shape [2,2] has 3 values instead of 4",
    );
    expect(() => p.view('z')).toThrow("no parameter 'z'");
    expect(() => p.with(new Float32Array(1))).toThrow('1 values for parameters of 17');
  });

  it('gives value and gradient in its own layout', () => {
    const p = Parameters.fromNamed([
      { name: 'x', shape: [2], data: Float32Array.of(1, 2) },
      { name: 'y', shape: [], data: Float32Array.of(3) },
    ]);
    const { value, gradient } = valueAndGradient(p, ({ x, y }) => tf.sum(tf.mul(tf.square(x), y)) as tf.Scalar);
    expect(value).toBe(15);
    expect([...gradient]).toEqual([6, 12, 5]);
  });

  it('leaves no tensor behind', () => {
    const p = Parameters.create(specs, 1),
      before = tf.memory().numTensors;
    valueAndGradient(p, (t) => tf.add(tf.sum(tf.square(t['a.weight'])), tf.add(tf.sum(t['a.bias']), tf.sum(t.c))) as tf.Scalar);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('adamStep', () => {
  it('moves by the rate against the sign of the gradient at first', () => {
    const x = Float32Array.of(1, 1, 1),
      state = adamState(3);
    adamStep(x, Float32Array.of(5, -0.01, 0), state, { rate: 0.1 });
    expect([...x].map((v) => Number(v.toFixed(4)))).toEqual([0.9, 1.1, 1]);
    expect(state.step).toBe(1);
  });

  it('finds the minimum of a badly scaled parabola', () => {
    const x = Float32Array.of(3, -2),
      state = adamState(2);
    for (let i = 0; i < 2000; i++) adamStep(x, Float32Array.of(200 * x[0], 0.02 * (x[1] - 1)), state, { rate: 0.02 });
    expect(x[0]).toBeCloseTo(0, 2);
    expect(x[1]).toBeCloseTo(1, 2);
  });

  it('decays weights apart from the gradient', () => {
    const x = Float32Array.of(2);
    adamStep(x, Float32Array.of(0), adamState(1), { rate: 0.1, weightDecay: 0.5 });
    expect(x[0]).toBeCloseTo(1.9, 6);
  });
});
