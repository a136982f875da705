/** Position in a tensor that is broadcast to `shape`, by the position in `shape`. */
export function broadcastPosition(from: readonly number[], shape: readonly number[]): (flat: number) => number {
  const strides = stridesOf(from);
  const skipped = shape.length - from.length;
  return (flat) => {
    let position = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const k = axis - skipped;
      if (k >= 0 && from[k] !== 1) position += (flat % shape[axis]) * strides[k];
      flat = Math.floor(flat / shape[axis]);
    }
    return position;
  };
}

/** Elements between neighbours of each axis of a tensor that lies row by row. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}
