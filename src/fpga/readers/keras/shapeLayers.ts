import { elementCount } from '../../../core/elementCount.js';
import type { KerasRule, KerasVisit } from './kerasVisit.js';

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
/** Pixels are added at the edges, or those there dropped. @param sign of what the axes get longer by */
const edges =
  (key: 'padding' | 'cropping', sign: 1 | -1): KerasRule =>
  (visit) => {
    visit.needsPicture();
    const { rank } = visit,
      value = visit.config[key] ?? 1;
    const pixels = perAxisSums(visit, value);
    if (!pixels) throw visit.problem(`has ${key} ${JSON.stringify(value)}`);
    visit.add(
      'padding',
      visit.input.shape.map((d, i) => (i < rank ? d + sign * pixels[i] : d)),
    );
  };
export const zeroPadding = edges('padding', 1);
export const cropping = edges('cropping', -1);

/** What an axis has before and behind, given as one number, one an axis, or [before, behind] an axis. */
function perAxisSums({ rank }: KerasVisit, value: unknown): number[] | undefined {
  const each: unknown[] = !Array.isArray(value) ? Array.from({ length: rank }, () => value) : rank === 1 ? [value] : value;
  const sums = each.map((p) => (Array.isArray(p) ? Number(p[0]) + Number(p[1]) : 2 * Number(p)));
  return sums.length === rank && sums.every((n) => Number.isInteger(n) && n >= 0) ? sums : undefined;
}

/** A vector repeated as steps: opaque, no rule tells what that costs. */
export const repeatVector: KerasRule = (visit) =>
  visit.opaque("layer kind 'RepeatVector' is not supported", { outShape: [visit.integer('n'), ...visit.input.shape] });

/** A layer of a graph: opaque; its result has its features, for each vertex unless they are collapsed. */
export const garNet: KerasRule = (visit) => {
  const { n_filters: filters, n_out_features: features = filters, collapse } = visit.config,
    last = Number([features].flat().at(-1));
  const outShape = !(last > 0) ? visit.input.shape : collapse ? [last] : [visit.input.shape[0], last];
  visit.opaque(`layer kind '${visit.layer.className}' is not supported`, { outShape });
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
