import { type AtenRule, type AtenTable, operators, Unusable, weightsOf } from './atenCall.js';

/** A convolution whose places are shifted by an input. */
const deformable: AtenRule = (call) => {
  const weight = call.tensor('weight');
  const pair = (name: string, fallback: number) => ['h', 'w'].map((axis) => call.numbers(`${name}_${axis}`, [fallback])[0]);
  return {
    op: 'conv2d',
    attrs: {
      kernel: weight.shape.slice(2),
      stride: pair('stride', 1),
      padding: pair('pad', 0),
      dilation: pair('dilation', 1),
      groups: call.numbers('groups', [1])[0],
      outChannels: weight.shape[0],
      bias: call.has('bias') ? 1 : 0,
    },
    inputs: [call.tensor('input')],
    weights: weightsOf(call, 'weight', 'bias'),
  };
};

/** Regions of images in one size, by `sampling_ratio` places along each axis of an output place (2 where it adapts). */
const roiAlign: AtenRule = (call) => {
  const shape = call.outputs?.[0]?.shape;
  if (!shape) throw new Unusable('no shape of its output');
  const ratio = Math.max(0, call.numbers('sampling_ratio', [-1])[0]) || 2;
  return { op: 'roi_align', attrs: { samples: ratio * ratio }, inputs: [call.tensor('input'), call.tensor('rois')], shape };
};

/** Operators of torchvision's own. */
export const VISION: AtenTable = {
  ...operators('deform_conv2d', 'input weight offset mask bias', deformable),
  ...operators('roi_align', 'input rois', roiAlign),
};
