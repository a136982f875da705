import type { MappedOp } from '../../../graph/operatorText.js';
import type { Dtype } from '../../../graph/opGraph.js';

interface Seen {
  at: number[];
  dtypes: Dtype[];
}

/**
 * Element types of tensor lists are not recorded: the nearest earlier tensor of a part's or the whole's shape tells, else the nearest later one.
 * @returns the type for the shapes of a list that the operator at a position reads; a look-up takes the logarithm of the number of tensors
 */
export function listDtypes(mapped: readonly (MappedOp | string)[]): (shapes: number[][], at: number) => Dtype | undefined {
  const seen = new Map<string, Seen>();
  mapped.forEach((m, at) => {
    if (typeof m === 'string') return;
    for (const t of [...m.inputs, m]) {
      const key = t.shape.join(),
        list = seen.get(key) ?? { at: [], dtypes: [] };
      seen.set(key, list);
      // of one operator the first tensor of a shape counts
      if (list.at[list.at.length - 1] === at) continue;
      list.at.push(at);
      list.dtypes.push(t.dtype);
    }
  });
  return (shapes, at) => {
    let earlier = -1,
      later = Number.POSITIVE_INFINITY,
      before: Dtype | undefined,
      after: Dtype | undefined;
    for (const shape of shapes) {
      const list = seen.get(shape.join());
      if (!list) continue;
      const next = firstFrom(list.at, at);
      if (next > 0 && list.at[next - 1] > earlier) {
        earlier = list.at[next - 1];
        before = list.dtypes[next - 1];
      }
      if (next < list.at.length && list.at[next] < later) {
        later = list.at[next];
        after = list.dtypes[next];
      }
    }
    return before ?? after;
  };
}

/** Position of the first element that is at least `at`, of an ascending list. */
function firstFrom(list: readonly number[], at: number): number {
  let low = 0,
    high = list.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (list[mid] < at) low = mid + 1;
    else high = mid;
  }
  return low;
}
