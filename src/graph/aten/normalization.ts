import { type AtenRule, type AtenTable, fromFront, type Made, operators, weightsOf } from './atenCall.js';

/** Output as the first argument; scale and shift are its weights. */
const norm =
  (op: string): AtenRule =>
  (call) => {
    const x = call.tensor('input');
    return { op, attrs: {}, inputs: [x], shape: x.shape, weights: weightsOf(call, 'weight', 'bias') };
  };

const groupNorm: AtenRule = (call) => {
  const made = norm('group_norm')(call);
  const name = call.isGiven('num_groups') ? 'num_groups' : 'group';
  return call.isGiven(name) ? { ...made, attrs: { groups: call.numbers(name)[0] } } : made;
};

const softmax =
  (op: string): AtenRule =>
  (call): Made => {
    const x = call.tensor('self');
    const rank = x.shape.length;
    const axis = call.isGiven('dim') ? fromFront(call.numbers('dim')[0], rank) : rank - 1;
    return { op, attrs: axis === rank - 1 ? {} : { axis }, inputs: [x], shape: x.shape };
  };

export const NORMS: AtenTable = {
  ...operators('layer_norm native_layer_norm', 'input normalized_shape weight bias', norm('layer_norm')),
  ...operators('rms_norm _fused_rms_norm', 'input normalized_shape weight', norm('rms_norm')),
  ...operators(
    'batch_norm native_batch_norm cudnn_batch_norm miopen_batch_norm _batch_norm_impl_index _native_batch_norm_legit_no_training _native_batch_norm_legit _batch_norm_with_update',
    'input weight bias running_mean running_var',
    norm('batch_norm'),
  ),
  ...operators('instance_norm', 'input weight bias running_mean running_var', norm('instance_norm')),
  ...operators('group_norm', 'input num_groups weight bias', groupNorm),
  ...operators('native_group_norm', 'input weight bias N C HxW group', groupNorm),
  ...operators('softmax _softmax _safe_softmax', 'self dim', softmax('softmax')),
  ...operators('log_softmax _log_softmax', 'self dim', softmax('log_softmax')),
};
