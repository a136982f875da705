import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { LAYER_COLUMNS } from '../../../src/fpga/residual/layerColumns.js';
import { type DesignFeatures, fpgaLayerFeatures, RESIDUAL_TARGETS } from '../../../src/fpga/residual/layerFeatures.js';
import { createPlainForward } from '../../../src/fpga/residual/plainForward.js';
import { residualBatch, residualForward } from '../../../src/fpga/residual/residualForward.js';
import {
  RESIDUAL_ENCODERS,
  type ResidualConfig,
  type ResidualEncoder,
  residualSpecs,
} from '../../../src/fpga/residual/residualNetwork.js';
import { fitResidualScaler } from '../../../src/fpga/residual/residualScaler.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { initBackend } from '../../../src/tensor/backend.js';
import { Parameters } from '../../../src/tensor/parameters.js';
import { parameterTensors, valueAndGradient } from '../../../src/tensor/parameterTensors.js';
import { tf } from '../../../src/tensor/tf.js';
import { slopes } from '../../tensor/finiteDifference.js';
import { denseDesign, twoLayers } from './residualRows.js';

const T = RESIDUAL_TARGETS.length,
  F = LAYER_COLUMNS.length;
beforeAll(() => initBackend('cpu'));

const featuresOf = (design: HlsDesign) => fpgaLayerFeatures(design, analyseDesign(design), { stage: 'csynth' });
const designs = [denseDesign(8, 4, 'latency', 1), denseDesign(16, 8, 'resource'), twoLayers()].map(featuresOf);

function setUp(encoder: ResidualEncoder, kinds = [...new Set(designs.flatMap((d) => d.kinds))]) {
  const config: ResidualConfig = { encoder, width: 8, scaler: fitResidualScaler(designs), cap: [2, 1, 0.5, 0.5, 3], kinds };
  const parameters = Parameters.create(residualSpecs(config), 3),
    random = createRandom(5);
  // heads start at zero: move them
  for (const name of ['out.weight', 'out.bias']) {
    const part = parameters.view(name);
    for (let i = 0; i < part.length; i++) part[i] = 0.5 * random.normal();
  }
  return { config, parameters };
}
function plain({ config, parameters }: ReturnType<typeof setUp>, d: DesignFeatures) {
  const value = new Float64Array(T),
    off = new Float64Array(T);
  createPlainForward(parameters, config)(d, value, off);
  return { value, off };
}
/** The same design with its nodes in another order. */
function reordered(d: DesignFeatures, order: readonly number[]): DesignFeatures {
  const move = (data: Float32Array, width: number) =>
    Float32Array.from(order.flatMap((i) => [...data.subarray(i * width, (i + 1) * width)]));
  return {
    ...d,
    layers: move(d.layers, F),
    base: move(d.base, T),
    scale: move(d.scale, T),
    kinds: order.map((i) => d.kinds[i]),
    edges: d.edges.map((node) => order.indexOf(node)),
  };
}
const close = (a: ArrayLike<number>, b: ArrayLike<number>, digits = 1e-4) => {
  expect(a).toHaveLength(b.length);
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThanOrEqual(digits * (1 + Math.abs(b[i])));
};

describe.each(RESIDUAL_ENCODERS)('residual network (%s)', (encoder) => {
  it('starts as the analytical core', () => {
    const { config } = setUp(encoder),
      fresh = Parameters.create(residualSpecs(config), 1);
    for (const d of designs) {
      const { value } = plain({ config, parameters: fresh }, d);
      expect(value).toHaveLength(d.totals.length);
      for (let t = 0; t < T; t++) {
        let floor = 0;
        for (let i = 0; i < d.nodes; i++) floor += d.scale[i * T + t] / (1 + Math.exp(6));
        expect(value[t]).toBeCloseTo(d.totals[t] + floor, 1);
      }
    }
  });

  it('computes the same in tensors and in plain arrays, alone and in a batch', () => {
    const model = setUp(encoder);
    const [values, offs] = tf.tidy(() => {
      const { value, off } = residualForward(
        parameterTensors(model.parameters),
        residualBatch(designs, model.config),
        model.config,
      );
      return [value.dataSync(), off.dataSync()];
    });
    const forward = createPlainForward(model.parameters, model.config);
    designs.forEach((d, i) => {
      const value = new Float64Array(T),
        off = new Float64Array(T);
      forward(d, value, off);
      expect({ value, off }).toEqual(plain(model, d));
      close(values.subarray(i * T, (i + 1) * T), value);
      close(offs.subarray(i * T, (i + 1) * T), off);
    });
  });

  it('has the gradient of its finite differences', () => {
    const model = setUp(encoder);
    const batch = residualBatch(designs, model.config);
    const loss = (p: Record<string, tf.Tensor>) => {
      const { value, off } = residualForward(p, batch, model.config);
      return tf.add(tf.mean(tf.square(tf.log(tf.add(value, 1)))), tf.mean(off)) as tf.Scalar;
    };
    const { gradient } = valueAndGradient(model.parameters, loss);
    const value = (p: Parameters) => tf.tidy(() => loss(parameterTensors(p)).dataSync()[0]);
    for (const only of [undefined, (n: string) => n.startsWith('out'), (n: string) => n.startsWith('in')]) {
      const { exact, numeric } = slopes(model.parameters, gradient, value, 3e-3, 1, only);
      expect(Math.abs(exact - numeric)).toBeLessThan(0.03 * Math.abs(exact) + 2e-3);
    }
  });

  it('does not depend on the order of nodes', () => {
    const model = setUp(encoder),
      d = designs[2];
    close(plain(model, reordered(d, [2, 0, 3, 1])).value, plain(model, d).value, 1e-9);
  });

  it('adds independent layers up: twice the layers, twice the value', () => {
    const model = setUp(encoder),
      d = { ...designs[2], edges: new Int32Array(0) };
    const join = (a: Float32Array) => Float32Array.from([...a, ...a]);
    const twice = {
      ...d,
      nodes: 2 * d.nodes,
      layers: join(d.layers),
      base: join(d.base),
      scale: join(d.scale),
      kinds: [...d.kinds, ...d.kinds],
    };
    const one = plain(model, d),
      two = plain(model, twice);
    close(
      two.value,
      one.value.map((v) => 2 * v),
      1e-9,
    );
    close(
      two.off,
      one.off.map((v) => 2 * v),
      1e-9,
    );
  });

  it('leaves kinds it never saw at the value of the rules, and no log beyond the cap', () => {
    const unknown = setUp(encoder, []);
    close(plain(unknown, designs[2]).value, designs[2].totals, 1e-5);
    const wild = setUp(encoder);
    wild.parameters.view('out.bias').fill(1000, 0, T);
    wild.parameters.view('out.bias').fill(-1000, T, 2 * T);
    wild.parameters.view('out.weight').fill(0);
    plain(wild, designs[1]).value.forEach((v, t) => {
      expect(v).toBeLessThanOrEqual(designs[1].totals[t] * Math.exp(wild.config.cap[t]) * 1.0001 + 1e-6);
    });
  });
});

it('the gnn hears of neighbours, the mlp does not', () => {
  const d = designs[2],
    apart = { ...d, edges: new Int32Array(0) };
  const gnn = setUp('gnn'),
    mlp = setUp('mlp');
  expect(plain(gnn, d).value).not.toEqual(plain(gnn, apart).value);
  expect(plain(mlp, d).value).toEqual(plain(mlp, apart).value);
});
