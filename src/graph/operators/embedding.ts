import { elementCount } from '../../core/elementCount.js';
import { COUNTED_PARAMS, WEIGHT_TYPES, whole } from './attributes.js';
import { operator } from './operator.js';

/** `TensorProto.DataType` of int64. */
const ONNX_INT64 = 7;

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
  onnx({ attrs, inputs, weight, add }, [x]) {
    const table = weight('table', [attrs.rows, attrs.dim]);
    const indices = /^int(32|64)$/.test(inputs[0].dtype) ? x : add('Cast', [x], { to: ONNX_INT64 });
    return add('Gather', [table, indices], { axis: 0 });
  },
});
