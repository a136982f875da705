import { elementCount } from '../../core/elementCount.js';
import { COUNTED_PARAMS, WEIGHT_TYPES, whole } from './attributes.js';
import { operator } from './operator.js';

/** Indices [..] -> [.., dim]: rows x dim parameters lie in memory, only the rows given out are read. */
export const embedding = operator('embedding', {
  about: 'rows of a learned table at indices',
  attributes: { rows: whole(1), dim: whole(1), weightDtype: WEIGHT_TYPES.weightDtype, ...COUNTED_PARAMS },
  shape: ([indices], { dim }) => [...indices, dim],
  work: (_, { rows, dim }, y) => ({ params: rows * dim, paramsRead: 0, elementsRead: elementCount(y.shape) }),
  kernel: 'closed',
  weighted: true,
  feature: 'other',
  indexLimit: ({ rows }) => rows,
  tfjs: {
    layout: 'plain',
    prepare({ tf, attrs, weight }) {
      const table = weight('table', [attrs.rows, attrs.dim]); // [rows, dim]
      return (x) => tf.gather(table, x.dtype === 'int32' ? x : tf.cast(x, 'int32'));
    },
  },
});
