import { quantise } from './fixedPoint.js';
import type { IntegerNetwork } from './integerNetwork.js';
import type { MatrixStage, Stage, Window } from './integerStage.js';

/** Raw integers of a tensor: [beat][element]. */
export type Beats = number[][];

/** Exact integer result of a network; the Verilog must give the same. Input and output as [pixel][channel] raw integers. */
export const integerReference = (network: IntegerNetwork, input: Beats): Beats =>
  network.stages.reduce((tensor, stage) => applyStage(stage, tensor), input);

function applyStage(stage: Stage, input: Beats): Beats {
  switch (stage.kind) {
    case 'flatten':
      return [input.flat()];
    case 'relu':
      return input.map((beat) => beat.map((v) => quantise(Math.max(0, v), stage.shift, stage.output)));
    case 'matrix':
      return (stage.window ? windows(stage.window, stage.inWidth, input) : input).map((patch) => applyMatrix(stage, patch));
  }
}

function applyMatrix(stage: MatrixStage, x: readonly number[]): number[] {
  return stage.weights.map((row, o) => {
    let sum = stage.bias?.[o] ?? 0;
    for (let i = 0; i < row.length; i++) sum += row[i] * x[i];
    return quantise(sum, stage.shift, stage.output);
  });
}

function windows(w: Window, channels: number, input: Beats): Beats {
  const out: Beats = [];
  for (let oy = 0; oy < w.outHeight; oy++)
    for (let ox = 0; ox < w.outWidth; ox++) {
      const patch: number[] = [];
      for (let ky = 0; ky < w.kernelHeight; ky++)
        for (let kx = 0; kx < w.kernelWidth; kx++) {
          const y = oy * w.strideHeight + ky - w.padTop,
            x = ox * w.strideWidth + kx - w.padLeft;
          const inside = y >= 0 && y < w.height && x >= 0 && x < w.width;
          for (let c = 0; c < channels; c++) patch.push(inside ? input[y * w.width + x][c] : 0);
        }
      out.push(patch);
    }
  return out;
}
