import { elementCount } from '../../core/elementCount.js';
import { Misfit, whole } from './attributes.js';
import { operator } from './operator.js';
import { axisOf, statedShape } from './shapes.js';

const STATED = { textShape: () => undefined };

/** 5 n log2 n operations for each complex transform of length n (Frigo and Johnson, FFTW, 2005, section IV: the figure by which they are compared). */
const fft = operator('fft', {
  about: 'discrete Fourier transform along an axis; its shape is stated: a last axis of 2 holds real and imaginary parts',
  attributes: { axis: whole() },
  operands: [1, 3],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  work([x], { axis }, y) {
    const length = x.shape[axisOf(axis, x.shape.length)];
    return { flops: 2.5 * elementCount(y.shape) * Math.max(1, Math.log2(length)) };
  },
  ...STATED,
  kernel: 'closed',
  feature: 'other',
});

/** Bilinear: four places read, weighted and added for each output element. */
const gridSample = operator('grid_sample', {
  about: 'images read at the places of a grid, bilinear',
  operands: [2, 2],
  shape([x, grid]) {
    if (grid.length !== x.length) throw new Misfit('needs [N, C, H, W] and a grid [N, H, W, 2]');
    return [x[0], x[1], ...grid.slice(1, -1)];
  },
  work: (_, _attrs, y) => ({ flops: 11 * elementCount(y.shape) }),
  kernel: 'closed',
  feature: 'other',
});

/** Sums of overlapping blocks. */
const fold = operator('fold', {
  about: 'columns of windows summed into images, its stated shape (col2im)',
  operands: [1, 3],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  work: ([x]) => ({ flops: elementCount(x.shape) }),
  ...STATED,
  kernel: 'closed',
  feature: 'other',
});

/** Regions of images at boxes: `samples` bilinear places for each output element. */
const roiAlign = operator('roi_align', {
  about: 'regions of images in one size, its stated shape, by bilinear places',
  attributes: { samples: whole(1).default(4) },
  operands: [2, 3],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  work: (_, { samples }, y) => ({ flops: 8 * samples * elementCount(y.shape) }),
  ...STATED,
  kernel: 'closed',
  feature: 'other',
});

export const SIGNAL = [fft, gridSample, fold, roiAlign];
