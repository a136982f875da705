import type { Shape } from '../../tensorType.js';
import { type NcnnRule, type NcnnVisit, OPEN } from './ncnnVisit.js';

/** Windows along an axis of `size`, the last one whole or not as the mode of padding has it. */
function windows(size: number, kernel: number, stride: number, pads: [number, number], mode: number): number {
  if (mode === 2 || mode === 3) return Math.ceil(size / stride);
  const room = (size + pads[0] + pads[1] - kernel) / stride;
  return (mode === 0 ? Math.ceil(room) : Math.floor(room)) + 1;
}

/** `Pooling`: maximum or mean (setting 0) over windows, over all places (4), or to a size (7). */
export const pooling: NcnnRule = (visit) => {
  const kind = visit.number(0) === 0 ? 'max' : 'avg';
  const [n, channels, ...places] = visit.shape;
  if (visit.number(4)) {
    const pooled = visit.add(`global_${kind}_pool`, [visit.x]);
    return visit.model.reshape(pooled, [n, channels]);
  }
  if (visit.number(7)) {
    const [height, width] = [visit.number(18, visit.number(8)), visit.number(8)];
    const sizes = [height, width].map((size, i) => (size === OPEN || !size ? places[i] : size));
    const kernel = sizes.map((size, i) => Math.ceil(places[i] / size));
    return visit.add(`${kind}_pool2d`, [visit.x], { kernel, stride: kernel, shape: [n, channels, ...sizes] });
  }
  const [kernel, stride] = [visit.pair(1, 0), visit.pair(2, 1)];
  const [left, top] = [visit.number(3), visit.number(13, visit.number(3))];
  const [right, bottom] = [visit.number(14, left), visit.number(15, top)];
  const mode = visit.number(5);
  const sizes = [
    windows(places[0], kernel[0], stride[0], [top, bottom], mode),
    windows(places[1], kernel[1], stride[1], [left, right], mode),
  ];
  return visit.add(`${kind}_pool2d`, [visit.x], {
    kernel,
    stride,
    padding: mode >= 2 ? 'same' : [top, left, bottom, right],
    shape: [n, channels, ...sizes],
  });
};

/** `Interp`: to a size (3, 4), by factors (1, 2), or to the size of the second input. */
export const interpolation: NcnnRule = (visit) => {
  const isVector = visit.shape.length === 2;
  const [n, channels, ...places] = isVector ? [...visit.shape, 1, 1] : visit.shape;
  const other = visit.inputs.length > 1 ? visit.model.shapeOf(visit.inputs[1]).slice(-2) : undefined;
  const sizes = [0, 1].map((i) => other?.[i] ?? (visit.number(3 + i) || Math.floor(places[i] * visit.number(1 + i, 1))));
  const x = visit.model.reshape(visit.x, [n, channels, ...places]);
  return visit.add('resize', [x], { shape: [n, channels, ...sizes] });
};

export const padding: NcnnRule = (visit) => {
  const { length } = visit.shape;
  const [top, bottom, left, right, front, behind] = [0, 1, 2, 3, 7, 8].map((key) => Math.max(0, visit.number(key)));
  const fit = (list: number[]) => [...Array(Math.max(0, length - 3)).fill(0), ...list].slice(-length);
  return visit.add('pad', [visit.x], { before: fit([front, top, left]), after: fit([behind, bottom, right]) });
};

/** `ShuffleChannel`: channels by groups, regrouped the other way round. */
export const shuffleChannel: NcnnRule = (visit) => {
  const [n, channels, ...places] = visit.shape;
  const groups = visit.number(1) ? channels / visit.number(0, 1) : visit.number(0, 1);
  if (channels % groups) throw visit.problem(`${groups} groups do not divide ${channels} channels`);
  const apart = visit.model.reshape(visit.x, [n, groups, channels / groups, ...places]);
  const turned = visit.add('transpose', [apart], { order: [0, 2, 1, ...places.map((_, i) => i + 3)] });
  return visit.model.reshape(turned, visit.shape);
};

export const pixelShuffle: NcnnRule = (visit) =>
  visit.add('depth_to_space', [visit.x], { block: visit.layer.needed(0, 'factor') });
export const reorg: NcnnRule = (visit) => visit.add('space_to_depth', [visit.x], { block: visit.layer.needed(0, 'stride') });

/** Boxes of a detector by place: they follow from sizes, so nothing is read. */
export const priorBox: NcnnRule = (visit) => {
  const [n, , height, width] = visit.shape;
  const [sizes, largest, ratios] = [0, 1, 2].map((key) => visit.layer.array(key)?.length ?? 0);
  // with one input: sizes and ratios as MXNet counts them
  const perPlace = visit.inputs.length === 1 ? sizes - 1 + ratios : sizes * (1 + ratios * (visit.number(7, 1) ? 2 : 1)) + largest;
  const count = 4 * width * height * perPlace;
  const shape = visit.noted[0] ?? [n, visit.inputs.length === 1 ? 1 : 2, count];
  return visit.model.opaque(visit.layer.type, [], [{ shape, dtype: 'fp32' }]);
};

/** Detections: as many as the file notes, or as are kept at most (`kept`), of class, score and box. */
export const detections =
  (kept: (visit: NcnnVisit) => number): NcnnRule =>
  (visit) => {
    const shape: Shape = visit.noted[0] ?? [visit.shape[0], kept(visit), 6];
    visit.model.assume(
      `layer '${visit.layer.name}' (${visit.layer.type}) gives ${shape[1]} detections; how many there are depends on the picture`,
    );
    return visit.opaque([shape]);
  };

export const lrn: NcnnRule = (visit) => visit.add('local_response_norm', [visit.x], { size: visit.number(1, 5) });
