import { HwcastError } from '../../core/errors.js';
import type { Arch, Space } from '../../graph/spaces/space.js';

/** One black-box function to learn over: what networks of a space cost on one device under one condition. */
export interface MetaTask {
  /** for messages and progress, e.g. `titan_rtx_256:latency` */
  id: string;
  space: Space;
  archs: readonly Arch[];
  /** measured values of `archs`, SI, positive */
  values: Float64Array;
  /** HELP: measured values of the model's reference networks on this device, SI, in their order */
  references?: Float64Array;
  /** further input columns per network, [archs.length, width] by rows, standardised by the caller */
  extra?: { data: Float32Array; width: number };
  /** what another model already explains of `value / mean(values) - 1`, per network; training learns the rest */
  offset?: Float64Array;
}

/** @throws HwcastError `bad-input` for no task, tasks of several spaces, lengths that differ, values that are not positive numbers. */
export function checkMetaTasks(tasks: readonly MetaTask[], minimum = 1): Space {
  if (!tasks.length)
    throw new HwcastError('bad-input', 'no task to train on', { hint: 'training needs measurements of at least one device' });
  const { space } = tasks[0];
  for (const { id, space: own, archs, values, extra, offset } of tasks) {
    const problem = (message: string) => new HwcastError('bad-input', message, { where: `task '${id}'` });
    if (own.name !== space.name) throw problem(`networks of space '${own.name}' among those of '${space.name}'`);
    if (archs.length !== values.length) throw problem(`${archs.length} networks but ${values.length} values`);
    if (archs.length < minimum) throw problem(`${archs.length} networks, at least ${minimum} are needed`);
    values.forEach((v, i) => {
      if (!(v > 0 && Number.isFinite(v)))
        throw problem(`value ${v} of network ${i} (${space.format(archs[i])}) is not a positive number`);
    });
    if (extra && extra.data.length !== archs.length * extra.width)
      throw problem(`${extra.data.length} extra inputs for ${archs.length} networks of ${extra.width}`);
    if ((extra?.width ?? 0) !== (tasks[0].extra?.width ?? 0))
      throw problem(`${extra?.width ?? 0} extra columns, the first task has ${tasks[0].extra?.width ?? 0}`);
    if (offset && offset.length !== archs.length) throw problem(`${offset.length} offsets for ${archs.length} networks`);
  }
  return space;
}
