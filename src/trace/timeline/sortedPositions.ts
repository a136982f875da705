/** Positions 0..count-1 in the order of `compare`; nothing is done where they stand in it already. */
export function sortedPositions(count: number, compare: (a: number, b: number) => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 1; i < count; i++) if (compare(i - 1, i) > 0) return order.sort((a, b) => compare(a, b) || a - b);
  return order;
}

/** First place in `order`, from `from` up to `to`, whose position is not before what `isBefore` says. */
export function firstPlace(order: Int32Array, isBefore: (position: number) => boolean, from = 0, to = order.length): number {
  let low = from,
    high = to;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (isBefore(order[mid])) low = mid + 1;
    else high = mid;
  }
  return low;
}
