import { elementCount } from '../../../core/elementCount.js';
import type { Attrs } from '../../operators/attributes.js';
import { last } from '../../operators/shapes.js';
import { type NcnnRule, type NcnnVisit, OPEN } from './ncnnVisit.js';

/** Padding before and after as the settings 4 and 14 to 16 have it; `same` where ncnn works it out (-233, -234). */
function paddingOf(visit: NcnnVisit, keys: { left: number; top: number; right: number; bottom: number }): number[] | 'same' {
  const left = visit.number(keys.left);
  const top = visit.number(keys.top, left);
  const right = visit.number(keys.right, left);
  const bottom = visit.number(keys.bottom, top);
  return left <= OPEN ? 'same' : [top, left, bottom, right];
}

const CONVOLUTION_PADDING = { left: 4, top: 14, right: 15, bottom: 16 };

/** `Convolution`, and with groups (setting 7) `ConvolutionDepthWise`. A vector is a picture of one place. */
export const convolution: NcnnRule = (visit) => {
  const outChannels = visit.layer.needed(0, 'number of outputs');
  const kernel = visit.pair(1, 0);
  if (visit.shape.length === 2 && elementCount(kernel) === 1) return fullyConnected(visit, visit.x, outChannels, visit.number(5));
  const groups = visit.layer.type.includes('DepthWise') ? visit.number(7, 1) : 1;
  visit.checkWeights(6, (outChannels * visit.shape[1] * elementCount(kernel)) / groups);
  const { attrs, dtype } = visit.precision();
  const y = visit.add(
    'conv2d',
    [visit.x],
    {
      kernel,
      stride: visit.pair(3, 1),
      dilation: visit.pair(2, 1),
      padding: paddingOf(visit, CONVOLUTION_PADDING),
      groups,
      outChannels,
      bias: visit.number(5) ? 1 : 0,
      ...attrs,
    },
    dtype,
  );
  return visit.activated(y);
};

export const convolution1d: NcnnRule = (visit) => {
  const [outChannels, left] = [visit.layer.needed(0, 'number of outputs'), visit.number(4)];
  const groups = visit.layer.type.includes('DepthWise') ? visit.number(7, 1) : 1;
  const y = visit.add('conv1d', [visit.x], {
    kernel: visit.number(1),
    stride: visit.number(3, 1),
    dilation: visit.number(2, 1),
    padding: left <= OPEN ? 'same' : [left, visit.number(15, left)],
    groups,
    outChannels,
    bias: visit.number(5) ? 1 : 0,
  });
  return visit.activated(y);
};

export const deconvolution: NcnnRule = (visit) => {
  const outChannels = visit.layer.needed(0, 'number of outputs');
  const kernel = visit.pair(1, 0);
  const groups = visit.layer.type.includes('DepthWise') ? visit.number(7, 1) : 1;
  visit.checkWeights(6, (outChannels * visit.shape[1] * elementCount(kernel)) / groups);
  const right = visit.number(18);
  const y = visit.add('conv_transpose2d', [visit.x], {
    kernel,
    stride: visit.pair(3, 1),
    dilation: visit.pair(2, 1),
    padding: paddingOf(visit, CONVOLUTION_PADDING),
    outputPadding: [visit.number(19, right), right],
    groups,
    outChannels,
    bias: visit.number(5) ? 1 : 0,
  });
  return visit.activated(y);
};

function fullyConnected(visit: NcnnVisit, x: string, outFeatures: number, bias: number): string {
  const { attrs, dtype } = visit.precision();
  return visit.activated(visit.add('linear', [x], { outFeatures, bias: bias ? 1 : 0, ...attrs }, dtype));
}

/** `InnerProduct`: over the rows of a matrix where their length is that of its weights, else over all elements. */
export const innerProduct: NcnnRule = (visit) => {
  const outputs = visit.layer.needed(0, 'number of outputs');
  const perOutput = visit.number(2) / outputs;
  const rows = visit.shape.length === 3 && last(visit.shape) === perOutput;
  const x = rows ? visit.x : visit.model.reshape(visit.x, [visit.shape[0], elementCount(visit.shape.slice(1))]);
  visit.checkWeights(2, outputs * last(visit.model.shapeOf(x)));
  return fullyConnected(visit, x, outputs, visit.number(1));
};

/** `Gemm`: A B + C, each of them learned (settings 4 to 6) or read. */
export const gemm: NcnnRule = (visit) => {
  const [learnedA, learnedB, learnedC] = [4, 5, 6].map((key) => visit.number(key) !== 0);
  const swapped = (x: string) => visit.add('transpose', [x], { order: axesSwapped(visit.model.shapeOf(x).length) });
  const quantized = visit.quantized(18);
  const bias = learnedC && visit.number(10, 0) !== -1 ? 1 : 0;
  if (learnedA && learnedB) throw visit.problem('multiplies two learned matrices');
  let y: string;
  if (learnedB) {
    const a = visit.number(2) ? swapped(visit.x) : visit.x;
    if (last(visit.model.shapeOf(a)) !== visit.number(9))
      throw visit.problem(`takes rows of ${visit.number(9)}, its input [${visit.shape}] has ${last(visit.model.shapeOf(a))}`);
    y = visit.add('linear', [a], { outFeatures: visit.layer.needed(8, 'columns'), bias, ...quantized });
  } else if (learnedA) {
    // A B with A learned is (B' A')': the columns of B are the rows of a linear layer
    const columns = visit.number(3) ? visit.x : swapped(visit.x);
    y = swapped(visit.add('linear', [columns], { outFeatures: visit.layer.needed(7, 'rows'), bias, ...quantized }));
  } else {
    y = visit.add('matmul', visit.inputs.slice(0, 2), {
      transposeA: visit.number(2) ? 1 : 0,
      transposeB: visit.number(3) ? 1 : 0,
    });
    if (visit.inputs.length > 2) y = visit.add('add', [y, visit.inputs[2]]);
  }
  return visit.number(14) ? swapped(y) : y;
};

const axesSwapped = (rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i));

export const matMul: NcnnRule = (visit) => visit.add('matmul', visit.inputs, { transposeB: visit.number(0) ? 1 : 0 });

/** `MultiHeadAttention`: three projections with bias, attention, a projection back to the width of the queries. */
export const multiHeadAttention: NcnnRule = (visit) => {
  const [width, heads] = [visit.layer.needed(0, 'width'), visit.number(1, 1)];
  const [q, k = q, v = k] = visit.inputs.slice(0, visit.number(5) ? -1 : undefined);
  const queryWidth = visit.number(2) ? visit.number(2) / width : width;
  const quantized = visit.quantized(18);
  const projected = (x: string, outFeatures = width) => visit.add('linear', [x], { outFeatures, bias: 1, ...quantized });
  return projected(
    visit.add(
      'attention',
      [q, k, v].map((x) => projected(x)),
      { heads },
    ),
    queryWidth,
  );
};

/**
 * `SDPA`: attention over [heads, length, width] with a mask (setting 5) and, behind it, a cache of keys and values (setting 7), which is read and written with
 * the new ones at its end.
 */
export const scaledAttention: NcnnRule = (visit) => {
  const [q, newK, newV] = visit.inputs;
  let [k, v] = [newK, newV];
  const masked = visit.number(5) ? 1 : 0;
  if (visit.number(7)) {
    const cached = visit.inputs.slice(3 + masked, 5 + masked);
    if (cached.length < 2) throw visit.problem('has a cache of keys and values, but does not read it');
    [k, v] = [newK, newV].map((x, i) =>
      elementCount(visit.model.shapeOf(cached[i])) ? visit.add('concat', [cached[i], x], { axis: 2 }) : x,
    );
  }
  const y = visit.add('attention', [q, k, v, ...visit.inputs.slice(3, 3 + masked)]);
  return visit.layer.outputs.length > 1 ? [y, k, v] : y;
};

export const embed: NcnnRule = (visit) => {
  const [dim, rows] = [visit.layer.needed(0, 'width'), visit.layer.needed(1, 'rows')];
  return visit.add('embedding', [visit.x], { rows, dim }, 'fp32');
};

/** Recurrent layers over [steps, features]; direction 2 runs both ways. */
export const recurrent =
  (op: 'lstm' | 'gru' | 'rnn'): NcnnRule =>
  (visit) => {
    const [hidden, directions] = [visit.layer.needed(0, 'number of outputs'), visit.number(2) === 2 ? 2 : 1];
    const quantized: Attrs = visit.number(8) ? { weightDtype: 'int8' } : {};
    const y = visit.add(op, [visit.x], {
      hidden: op === 'lstm' ? visit.number(3, hidden) : hidden,
      directions,
      bias: 1,
      ...quantized,
    });
    return visit.layer.outputs.map((_, i) => (i ? `${y}:${i}` : y));
  };
