/**
 * Positions 0..count-1 in the order of `compare`, equal ones by position. Ascending stretches are found and merged, so that what is nearly in
 * order takes little time; besides the positions as many more are held.
 */
export function sortedPositions(count: number, compare: (a: number, b: number) => number): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let bounds = ascending(count, compare);
  const left = new Int32Array(bounds.length > 2 ? count : 0);
  while (bounds.length > 2) {
    const next = [0];
    for (let k = 0; k + 1 < bounds.length; k += 2) {
      const end = bounds[k + 2] ?? bounds[k + 1];
      if (end > bounds[k + 1]) merge(order, left, bounds[k], bounds[k + 1], end, compare);
      next.push(end);
    }
    bounds = next;
  }
  return order;
}

/** Where ascending stretches begin, and the end. */
function ascending(count: number, compare: (a: number, b: number) => number): number[] {
  const bounds = [0];
  for (let i = 1; i < count; i++) if (compare(i - 1, i) > 0) bounds.push(i);
  if (count) bounds.push(count);
  return bounds;
}

function merge(
  order: Int32Array,
  left: Int32Array,
  from: number,
  middle: number,
  to: number,
  compare: (a: number, b: number) => number,
): void {
  for (let i = from; i < middle; i++) left[i - from] = order[i];
  const length = middle - from;
  for (let i = 0, j = middle, at = from; i < length; at++)
    if (j < to && compare(left[i], order[j]) > 0) order[at] = order[j++];
    else order[at] = left[i++];
}

/** First number, from `from` up to `to`, that is not before what `isBefore` says. */
export function firstNumber(isBefore: (n: number) => boolean, from: number, to: number): number {
  let low = from,
    high = to;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (isBefore(mid)) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** First place in `order`, from `from` up to `to`, whose position is not before what `isBefore` says. */
export const firstPlace = (order: Int32Array, isBefore: (position: number) => boolean, from = 0, to = order.length): number =>
  firstNumber((place) => isBefore(order[place]), from, to);

/** Those of a list of positions that are wanted, in their order; `filter` of typed arrays holds them all as objects first. */
export function positionsWhere(list: Int32Array, isWanted: (position: number) => boolean): Int32Array {
  let count = 0;
  for (const position of list) if (isWanted(position)) count++;
  const wanted = new Int32Array(count);
  count = 0;
  for (const position of list) if (isWanted(position)) wanted[count++] = position;
  return wanted;
}
