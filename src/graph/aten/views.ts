import { type AtenCall, type AtenRule, type AtenTable, type AtenTensor, operators, Unusable } from './atenCall.js';
import { isContiguous, isViewable } from './strides.js';

const outputOf = (call: AtenCall): AtenTensor => {
  const output = call.outputs?.[0];
  if (!output) throw new Unusable('no shape of its output');
  return output;
};

/** Other places of the same memory: free. */
const view: AtenRule = (call) => {
  const y = outputOf(call);
  const x = call.tensors()[0];
  if (!x) throw new Unusable('no tensor among its arguments');
  return { op: 'view', attrs: {}, inputs: [x], shape: y.shape, dtype: y.dtype };
};

/** The elements written anew. */
const copied = (x: AtenTensor, y: AtenTensor) => ({
  op: x.dtype === y.dtype ? 'copy' : 'cast',
  attrs: {},
  inputs: [{ ...x, shape: [...y.shape] }],
  dtype: y.dtype,
});

/** A view where strides can say it, else a copy. */
const reshape: AtenRule = (call) => {
  const x = call.tensors()[0];
  return x && !isViewable(x.shape, x.strides, outputOf(call).shape) ? copied(x, outputOf(call)) : view(call);
};

const contiguous: AtenRule = (call) => {
  const x = call.tensor('self');
  return isContiguous(x.shape, x.strides) ? view(call) : copied(x, outputOf(call));
};

/** A change of the element type writes all elements, one of the device or to the type there is already none. */
const convert: AtenRule = (call) => {
  const x = call.tensor('self');
  return x.dtype === outputOf(call).dtype ? view(call) : copied(x, outputOf(call));
};

export const VIEWS: AtenTable = {
  ...operators(
    'view _unsafe_view view_as transpose t permute movedim moveaxis swapaxes swapdims numpy_T matrix_H mT mH adjoint expand expand_as broadcast_to unsqueeze squeeze select slice narrow unflatten detach alias as_strided unfold diagonal view_as_real view_as_complex real imag lift_fresh lift_fresh_copy positive conj _conj resolve_conj resolve_neg squeeze_copy split split_with_sizes unsafe_split unsafe_split_with_sizes chunk unsafe_chunk tensor_split unbind hsplit vsplit dsplit _reshape_alias atleast_1d atleast_2d atleast_3d broadcast_tensors',
    'self',
    view,
  ),
  ...operators('reshape reshape_as flatten ravel', 'self', reshape),
  ...operators('contiguous', 'self', contiguous),
  ...operators('to type_as _to_copy float half double int long bool', 'self', convert),
};
