import { HwcastError } from '../../core/errors.js';
import type { HlsLayer } from '../design/hlsDesign.js';
import { notWritten, type Window } from './integerStage.js';

/** Positions along one axis, and the padding at its two ends. */
interface Axis {
  out: number;
  before: number;
  after: number;
}

/** A window of `kernel` elements that moves by `stride` over `size` ones. */
function windowAxis(size: number, kernel: number, stride: number, padding: 'valid' | 'same' | 'causal'): Axis {
  if (padding === 'causal') return { out: Math.floor((size - 1) / stride) + 1, before: kernel - 1, after: 0 };
  if (padding === 'valid') return { out: Math.floor((size - kernel) / stride) + 1, before: 0, after: 0 };
  const out = Math.ceil(size / stride),
    total = Math.max((out - 1) * stride + kernel - size, 0);
  return { out, before: Math.floor(total / 2), after: total - Math.floor(total / 2) };
}

/**
 * How a convolution walks its image; a conv1d is one row of pixels.
 * @throws HwcastError `bad-input` for shapes that disagree, `unsupported` for groups and images one pixel wide
 */
export function convolutionWindow(layer: HlsLayer, where: string): Window {
  const twoD = layer.kind === 'conv2d';
  const rank = twoD ? 3 : 2;
  if (layer.inShape.length !== rank || layer.outShape.length !== rank)
    throw new HwcastError('bad-input', `${layer.kind} of shapes [${layer.inShape}] and [${layer.outShape}]`, { where });
  if ((layer.groups ?? 1) !== 1) throw notWritten('a convolution in groups', where);
  if (!layer.kernel) throw new HwcastError('bad-input', 'the convolution has no kernel', { where });
  const bothAxes = (list: readonly number[] | undefined) => (twoD ? (list ?? [1, 1]) : [1, (list ?? [1])[0]]);
  const [kernelHeight, kernelWidth] = bothAxes(layer.kernel),
    [strideHeight, strideWidth] = bothAxes(layer.stride);
  const [height, width] = twoD ? layer.inShape : [1, layer.inShape[0]];
  const [outHeight, outWidth] = twoD ? layer.outShape : [1, layer.outShape[0]];
  const padding = layer.padding ?? 'valid';
  if (padding === 'causal' && twoD) throw new HwcastError('bad-input', 'causal padding of a conv2d', { where });
  const rows = windowAxis(height, kernelHeight, strideHeight, padding === 'causal' ? 'same' : padding),
    columns = windowAxis(width, kernelWidth, strideWidth, padding);
  if (rows.out !== outHeight || columns.out !== outWidth || outHeight < 1 || outWidth < 1)
    throw new HwcastError(
      'bad-input',
      `the convolution gives ${twoD ? `${rows.out} x ` : ''}${columns.out} pixels, its output shape says [${layer.outShape}]`,
      { where },
    );
  if (kernelHeight > 1 && width + columns.before + columns.after < 2)
    throw notWritten('a conv2d over images one pixel wide', where, 'use conv1d');
  return {
    height,
    width,
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    padTop: rows.before,
    padBottom: rows.after,
    padLeft: columns.before,
    padRight: columns.after,
    outHeight,
    outWidth,
  };
}
