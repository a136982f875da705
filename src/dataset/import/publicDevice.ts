import type { Condition, DeviceEntry } from '../dataset.js';

/** Hardware behind the names of the public sources, as the device catalogue calls it. Names of unclear hardware (v100, the Xeons) stay out. */
const HARDWARE: readonly [RegExp, string][] = [
  [/^1080ti$|gtx_1080ti/, 'GTX-1080Ti'],
  [/^2080ti$/, 'RTX-2080Ti'],
  [/^titan_?xp$/, 'Titan-Xp'],
  [/^titan_rtx$/, 'Titan-RTX'],
  [/^pixel3$/, 'Pixel-3'],
  [/^raspi4$/, 'Raspberry-Pi-4B'],
  [/jetson_nano/, 'Jetson-Nano'],
  [/jetson_tx2|^edgegpu$/, 'Jetson-TX2'],
  [/edge_?tpu/, 'Edge-TPU'],
];

/**
 * Card entry of a device of HELP, HW-NAS-Bench, Eagle or nn-Meter from its name: the batch size is the suffix `_1`, `_32`, `_64`, `_256`
 * (not of `essential_ph_1`, a phone's name), the element type the suffix `_fp32`, `_fp16`, `_int8`; what the name does not say stays unknown.
 */
export function publicDevice(name: string): DeviceEntry {
  const batch = /^(?!.*_ph_1$).*_(1|32|64|256)$/.exec(name),
    dtype = /_(fp32|fp16|int8)$/.exec(name),
    tool = /_(tflite|openvino)([0-9r]+)$/.exec(name);
  const base = batch ? name.slice(0, -batch[1].length - 1) : name;
  const hardware = HARDWARE.find(([pattern]) => pattern.test(base))?.[1];
  const condition: Condition = {
    ...(batch && { batch: Number(batch[1]) }),
    ...(dtype && { dtype: dtype[1] }),
    ...(tool && { framework: tool[1], frameworkVersion: tool[1] === 'tflite' ? [...tool[2]].join('.') : tool[2] }),
  };
  return { ...(hardware && { hardware }), conditions: { '': condition } };
}
