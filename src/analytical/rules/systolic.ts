/** A systolic array of `rows` x `columns` processing elements. */
export interface SystolicArray {
  rows: number;
  columns: number;
}

/**
 * Cycles of C[m, n] = A[m, k] B[k, n], outputs staying in place (SCALE-Sim, Samajdar et al., ISPASS 2020, eq. 4): each fold of rows x columns outputs
 * takes 2 R + C + k - 2: filling, k products, draining.
 */
export const outputStationaryCycles = (m: number, n: number, k: number, { rows, columns }: SystolicArray): number =>
  Math.ceil(m / rows) * Math.ceil(n / columns) * (2 * rows + columns + k - 2);

/** The same with weights in place: folds of k x n, each loads R rows of weights and streams m rows of inputs: 2 R + C + m - 2. */
export const weightStationaryCycles = (m: number, n: number, k: number, { rows, columns }: SystolicArray): number =>
  Math.ceil(k / rows) * Math.ceil(n / columns) * (2 * rows + columns + m - 2);

/** Share of the array's multipliers that work. */
export const systolicUse = (m: number, n: number, k: number, array: SystolicArray, cycles: number): number =>
  (m * n * k) / (cycles * array.rows * array.columns);
