import { elementCount } from '../../../core/elementCount.js';
import type { KerasRule } from './kerasVisit.js';

export const flatten: KerasRule = (visit) => visit.add('reshape', [elementCount(visit.input.shape)]);

export const reshape: KerasRule = (visit) => {
  const { target_shape: target } = visit.config,
    { shape } = visit.input;
  if (!Array.isArray(target)) throw visit.problem("needs 'target_shape'");
  const stated = elementCount(target.filter((d) => d !== -1));
  visit.add(
    'reshape',
    target.map((d) => (d === -1 ? elementCount(shape) / stated : Number(d))),
  );
  if (elementCount(visit.current.shape) !== elementCount(shape))
    throw visit.problem(`turns ${JSON.stringify(shape)} into ${JSON.stringify(visit.current.shape)}: another number of elements`);
};

/** Padding as one number, one an axis, or [before, after] an axis. */
export const zeroPadding: KerasRule = (visit) => {
  visit.needsPicture();
  const { rank } = visit,
    value = visit.config.padding ?? 1;
  const perAxis: unknown[] = !Array.isArray(value) ? visit.perAxis(value) : rank === 1 ? [value] : value;
  const added = perAxis.map((p) => (Array.isArray(p) ? Number(p[0]) + Number(p[1]) : 2 * Number(p)));
  if (added.length !== rank || !added.every(Number.isInteger)) throw visit.problem(`has padding ${JSON.stringify(value)}`);
  visit.add(
    'padding',
    visit.input.shape.map((d, i) => (i < rank ? d + added[i] : d)),
  );
};

export const upSampling: KerasRule = (visit) => {
  visit.needsPicture();
  const size = visit.integers('size', visit.config.size ?? 2);
  visit.add(
    'resize',
    visit.input.shape.map((d, i) => (i < visit.rank ? d * size[i] : d)),
  );
};

/** Axes of Keras count the batch: 1 is the first here. */
export const permute: KerasRule = (visit) => {
  const { dims } = visit.config,
    { shape } = visit.input;
  if (!Array.isArray(dims) || dims.length !== shape.length) throw visit.problem("needs 'dims', one an axis");
  visit.add(
    'transpose',
    dims.map((d) => shape[Number(d) - 1] ?? 0),
  );
};
