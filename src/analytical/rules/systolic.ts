/** A systolic array of `rows` x `columns` processing elements. */
export interface SystolicArray {
  rows: number;
  columns: number;
}

/** What stays in the elements: `output` sums (ShiDianNao, SCALE-Sim's os), `weight`s (TPU, NVDLA, ws). */
export const DATAFLOWS = ['output', 'weight'] as const;
export type Dataflow = (typeof DATAFLOWS)[number];

/** C[m, n] = A[m, k] B[k, n]: A the inputs, B the weights. */
export interface Product {
  m: number;
  n: number;
  k: number;
}

/**
 * Cycles with outputs staying in place (SCALE-Sim, Samajdar et al., ISPASS 2020, eq. 4): each fold of rows x columns outputs takes 2 R + C + k - 2: filling,
 * k products, draining.
 */
export const outputStationaryCycles = ({ m, n, k }: Product, { rows, columns }: SystolicArray): number =>
  Math.ceil(m / rows) * Math.ceil(n / columns) * (2 * rows + columns + k - 2);

/** The same with weights in place: folds of k x n, each loads R rows of weights and streams m rows of inputs: 2 R + C + m - 2. */
export const weightStationaryCycles = ({ m, n, k }: Product, { rows, columns }: SystolicArray): number =>
  Math.ceil(k / rows) * Math.ceil(n / columns) * (2 * rows + columns + m - 2);

export const systolicCycles: Readonly<Record<Dataflow, (product: Product, array: SystolicArray) => number>> = {
  output: outputStationaryCycles,
  weight: weightStationaryCycles,
};

/** Share of the array's multipliers that work. */
export const systolicUse = ({ m, n, k }: Product, array: SystolicArray, cycles: number): number =>
  (m * n * k) / (cycles * array.rows * array.columns);

/** Elements that a product moves: between the array and its three buffers, and between those and memory. */
export interface SystolicTraffic {
  buffer: { inputs: number; weights: number; outputs: number };
  memory: number;
}

/**
 * Elements moved where each of three buffers holds `held` of them, half of its size (it is filled while the other half is read; SCALE-Sim's double buffers).
 * The array reads an operand once for each fold of the axis it lacks; weights that stay are read once, and what they leave of a sum is written for each
 * fold of k and read for all but the first. Memory is read again for each fold unless the buffer holds what comes back; the order of the folds is the
 * better of the two.
 */
export function systolicTraffic(
  dataflow: Dataflow,
  { m, n, k }: Product,
  { rows, columns }: SystolicArray,
  held: number,
): SystolicTraffic {
  const across = Math.ceil(n / columns),
    again = (size: number, times: number) => (size <= held ? 1 : times);
  if (dataflow === 'output') {
    const down = Math.ceil(m / rows);
    const byRows = m * k * again(Math.min(rows, m) * k, across) + k * n * again(k * n, down),
      byColumns = k * n * again(Math.min(columns, n) * k, down) + m * k * again(m * k, across);
    return {
      buffer: { inputs: m * k * across, weights: k * n * down, outputs: m * n },
      memory: Math.min(byRows, byColumns) + m * n,
    };
  }
  const deep = Math.ceil(k / rows),
    sums = (size: number) => (size <= held ? 0 : 2 * m * n * (deep - 1));
  const byColumns = m * k * again(m * k, across) + sums(m * Math.min(columns, n)),
    byDepth = m * k * again(m * Math.min(rows, k), across) + sums(m * n);
  return {
    buffer: { inputs: m * k * across, weights: k * n, outputs: m * n * (2 * deep - 1) },
    memory: Math.min(byColumns, byDepth) + k * n + m * n,
  };
}
