import { type Convolution, convolved } from './contraction.js';
import { closing } from './mlirText.js';
import { numbersOf } from './mlirTypes.js';
import type { MlirRule, MlirVisit } from './mlirVisit.js';

/** Axes of a tensor of a convolution: batch or output features, features, places. */
interface Layout {
  outer: number;
  features: number;
  places: number[];
}

/** `[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]` */
function layoutsOf(visit: MlirVisit): Layout[] {
  const short =
    /(?:dim_numbers|dimension_numbers)\s*=\s*(?:#\w+\.conv<)?\[([^\]]*)\]\s*x\s*\[([^\]]*)\]\s*->\s*\[([^\]]*)\]/.exec(
      visit.text,
    );
  if (short)
    return short.slice(1).map((axes, k) => {
      const names = axes
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean);
      const places = names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(a) - Number(b));
      return {
        outer: names.indexOf(k === 1 ? 'o' : 'b'),
        features: names.indexOf(k === 1 ? 'i' : 'f'),
        places: places.map((name) => names.indexOf(name)),
      };
    });
  const one = (name: string) => {
    const value = numbersOf(visit.text, name);
    if (!value) throw visit.problem(`has no ${name}`);
    return value;
  };
  return [
    ['input_batch', 'input_feature', 'input_spatial'],
    ['kernel_output_feature', 'kernel_input_feature', 'kernel_spatial'],
    ['output_batch', 'output_feature', 'output_spatial'],
  ].map(([outer, features, places]) => ({
    outer: one(`${outer}_dimension`)[0],
    features: one(`${features}_dimension`)[0],
    places: one(`${places}_dimensions`),
  }));
}

/** `window = {stride = ..}`, or the attributes of the generic form. */
function windowOf(visit: MlirVisit, rank: number): Pick<Convolution, 'stride' | 'dilation' | 'inputDilation' | 'padding'> {
  const found = /\bwindow\s*=\s*\{/.exec(visit.text);
  const start = found ? found.index + found[0].length - 1 : 0;
  const text = found ? visit.text.slice(start, closing(visit.text, start)) : visit.text;
  const list = (...names: string[]) => names.map((name) => numbersOf(text, name)).find((value) => value !== undefined);
  const each = (value: number[] | undefined, fallback: number) => Array.from({ length: rank }, (_, i) => value?.[i] ?? fallback);
  const pads = list('pad', 'padding');
  return {
    stride: each(list('stride', 'window_strides'), 1),
    dilation: each(list('rhs_dilate', 'rhs_dilation'), 1),
    inputDilation: each(list('lhs_dilate', 'lhs_dilation'), 1),
    padding: Array.from({ length: rank }, (_, i) => [pads?.[2 * i] ?? 0, pads?.[2 * i + 1] ?? 0] as const),
  };
}

/** `stablehlo.convolution`; groups of the batch are groups of channels with the batch divided. */
export const convolution: MlirRule = (visit) => {
  const [x, weights] = [visit.operand(0), visit.operand(1)];
  const [input, kernel, output] = layoutsOf(visit);
  const batchGroups = numbersOf(visit.text, 'batch_group_count')?.[0] ?? 1;
  const groups = batchGroups * (numbersOf(visit.text, 'feature_group_count')?.[0] ?? 1);
  const made = convolved(visit, x, weights, {
    input: {
      batch: x.shape[input.outer] / batchGroups,
      channels: x.shape[input.features] * batchGroups,
      places: input.places.map((axis) => x.shape[axis]),
    },
    outChannels: weights.shape[kernel.outer],
    kernel: kernel.places.map((axis) => weights.shape[axis]),
    groups,
    ...windowOf(visit, kernel.places.length),
  });
  if (made === undefined) return visit.opaque();
  const sizes = visit.model.shapeOf(made);
  const shape: number[] = [];
  [output.outer, output.features, ...output.places].forEach((axis, i) => {
    shape[axis] = sizes[i];
  });
  const stated = visit.stated[0]?.dims ?? [];
  if (stated.some((n, i) => n !== undefined && n !== shape[i]))
    throw visit.problem(`states [${stated}], its sizes make [${shape}]`);
  return visit.reshaped({ tensor: made, shape: sizes }, shape);
};
