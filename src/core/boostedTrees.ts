/** Settings of `boostTrees`. */
export interface BoostSettings {
  trees: number;
  /** share of each tree that is taken */
  rate: number;
  leaves: number;
  /** rows that a leaf holds at least */
  least: number;
  /** rows of value zero that each leaf is thought to hold beside its own */
  ridge: number;
  /** residuals count as no larger than this (Huber, 1964) */
  clip: number;
}

/** One regression tree in arrays, by node: the column that is asked, what a row has at most to go left, the left child (the right one follows), the value of a leaf. */
interface Tree {
  /** -1: a leaf */
  column: Int16Array;
  threshold: Float64Array;
  left: Int16Array;
  value: Float64Array;
}

const BINS = 64;

/** Rows of a node, by position between `from` and `to` of the order, with the best division of it. */
interface Open {
  node: number;
  from: number;
  to: number;
  sum: number;
  counts: Float64Array;
  sums: Float64Array;
  gain: number;
  column: number;
  bin: number;
}

/**
 * Gradient boosting of regression trees by histograms (Friedman, Annals of Statistics 2001; Ke et al., LightGBM, NIPS 2017): each tree divides the leaf that
 * gains most, on what those before it leave. Returns the sum of the trees at a row.
 * @param data [rows, width]
 * @param values [rows]
 */
export function boostTrees(
  data: Float64Array,
  values: Float64Array,
  width: number,
  settings: BoostSettings,
): (row: ArrayLike<number>) => number {
  const rows = values.length,
    edges = Array.from({ length: width }, (_, j) => edgesOf(data, rows, width, j)),
    binned = edges.map((e, j) => Uint8Array.from({ length: rows }, (_, i) => binOf(e, data[i * width + j])));
  const rest = values.slice(),
    trees: Tree[] = [];
  for (let t = 0; t < settings.trees; t++) {
    const gradient = rest.map((r) => Math.max(-settings.clip, Math.min(settings.clip, r)));
    trees.push(growTree(binned, edges, gradient, rest, settings));
  }
  return (row) => {
    let sum = 0;
    for (const tree of trees) sum += tree.value[leafOf(tree, row)];
    return sum;
  };
}

/** Grows one tree and takes it off `rest`. */
function growTree(
  binned: readonly Uint8Array[],
  edges: readonly Float64Array[],
  gradient: Float64Array,
  rest: Float64Array,
  settings: BoostSettings,
): Tree {
  const most = 2 * settings.leaves - 1,
    tree: Tree = {
      column: new Int16Array(most).fill(-1),
      threshold: new Float64Array(most),
      left: new Int16Array(most),
      value: new Float64Array(most),
    };
  const order = Int32Array.from(gradient, (_, i) => i),
    open = [divided(histogram(binned, order, gradient, { node: 0, from: 0, to: order.length }), settings)];
  let nodes = 1;
  while (nodes < most) {
    let best = open[0];
    for (const o of open) if (o.gain > best.gain) best = o;
    if (!(best.gain > 0)) break;
    open.splice(open.indexOf(best), 1);
    tree.column[best.node] = best.column;
    tree.threshold[best.node] = edges[best.column][best.bin];
    tree.left[best.node] = nodes;
    const middle = partition(order, best, binned[best.column]);
    const places = [
      { node: nodes, from: best.from, to: middle },
      { node: nodes + 1, from: middle, to: best.to },
    ];
    const isLeftLess = middle - best.from <= best.to - middle,
      [less, more] = isLeftLess ? places : [places[1], places[0]];
    // the larger part is what the smaller one leaves
    const small = histogram(binned, order, gradient, less);
    const large = {
      ...{ ...more, sum: best.sum - small.sum },
      counts: best.counts.map((v, i) => v - small.counts[i]),
      sums: best.sums.map((v, i) => v - small.sums[i]),
    };
    open.push(divided(small, settings), divided(large, settings));
    nodes += 2;
  }
  for (const { node, from, to, sum } of open) {
    const value = (settings.rate * sum) / (to - from + settings.ridge);
    tree.value[node] = value;
    for (let r = from; r < to; r++) rest[order[r]] -= value;
  }
  return tree;
}

type Place = Pick<Open, 'node' | 'from' | 'to'>;
type Counted = Omit<Open, 'gain' | 'column' | 'bin'>;

function histogram(binned: readonly Uint8Array[], order: Int32Array, gradient: Float64Array, place: Place): Counted {
  const counts = new Float64Array(binned.length * BINS),
    sums = new Float64Array(binned.length * BINS);
  let sum = 0;
  for (let r = place.from; r < place.to; r++) sum += gradient[order[r]];
  binned.forEach((bins, j) => {
    const at = j * BINS;
    for (let r = place.from; r < place.to; r++) {
      const row = order[r],
        b = at + bins[row];
      counts[b]++;
      sums[b] += gradient[row];
    }
  });
  return { ...place, sum, counts, sums };
}

/** With the division that leaves least squares; gain 0 where none is allowed. */
function divided(o: Counted, { least, ridge }: BoostSettings): Open {
  const total = o.to - o.from,
    whole = o.sum ** 2 / (total + ridge),
    best = { ...o, gain: 0, column: -1, bin: -1 };
  for (let at = 0; at < o.counts.length; at += BINS) {
    let count = 0,
      sum = 0;
    for (let b = 0; b < BINS - 1; b++) {
      count += o.counts[at + b];
      sum += o.sums[at + b];
      if (count < least) continue;
      if (total - count < least) break;
      const gain = sum ** 2 / (count + ridge) + (o.sum - sum) ** 2 / (total - count + ridge) - whole;
      if (gain > best.gain + 1e-12) Object.assign(best, { gain, column: at / BINS, bin: b });
    }
  }
  return best;
}

/** Orders the rows of a node so that those that go left come first; where the others begin. */
function partition(order: Int32Array, { from, to, bin }: Open, bins: Uint8Array): number {
  let left = from,
    right = to - 1;
  while (left <= right) {
    if (bins[order[left]] <= bin) left++;
    else {
      const row = order[left];
      order[left] = order[right];
      order[right--] = row;
    }
  }
  return left;
}

/** Upper edges of the bins of a column: its values where they are few, else quantiles. */
function edgesOf(data: Float64Array, rows: number, width: number, column: number): Float64Array {
  const sorted = Float64Array.from({ length: rows }, (_, i) => data[i * width + column]).sort(),
    values = sorted.filter((v, i) => i === 0 || v !== sorted[i - 1]);
  const from =
    values.length <= BINS
      ? values
      : Float64Array.from({ length: BINS }, (_, b) => sorted[Math.floor(((b + 1) * rows) / BINS) - 1]);
  const distinct = from.filter((v, i) => i === 0 || v !== from[i - 1]);
  // between two values, so that what lies between goes to the nearer
  return distinct.map((v, i) => (i + 1 < distinct.length ? (v + distinct[i + 1]) / 2 : Number.POSITIVE_INFINITY));
}

function binOf(edges: Float64Array, value: number): number {
  let low = 0,
    high = edges.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

function leafOf({ column, threshold, left }: Tree, row: ArrayLike<number>): number {
  let node = 0;
  while (column[node] >= 0) node = row[column[node]] <= threshold[node] ? left[node] : left[node] + 1;
  return node;
}
