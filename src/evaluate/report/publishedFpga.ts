/** Scores of other predictors on their own data, SMAPE in percent of LUT, FF, DSP, BRAM, cycles and II: not comparable row by row, there to see the order of size. */
export const PUBLISHED_FPGA: readonly (readonly string[])[] = [
  ['wa-hls4ml GNN, csynth labels, 92,933 designs', '11.4', '11.6', '15.1', '19.5', '15.7', '13.4'],
  ['wa-hls4ml transformer, csynth labels', '2.9', '2.9', '10.8', '14.1', '10.1', '14.1'],
  ['wa-hls4ml GNN, vsynth labels', '14.0', '14.1', '15.8', '24.8', '17.9', '14.7'],
  ['wa-hls4ml transformer, vsynth labels', '4.5', '3.6', '8.7', '21.0', '11.3', '15.0'],
  ['rule4ml, its validation set, 1 added to the denominator', '10-30', '10-30', '10-30', '10-30', '10-30', ''],
];
