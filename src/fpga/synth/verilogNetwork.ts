import { counterBits, signedBits } from './fixedPoint.js';
import type { IntegerNetwork } from './integerNetwork.js';
import type { FlattenStage, MatrixStage, ReluStage, Stage, Window } from './integerStage.js';
import { matrixModule } from './verilogMatrix.js';
import { element, moduleName, quantiser, range, streamPorts } from './verilogText.js';

/** Synthesizable Verilog-2001 of a network. */
export interface VerilogNetwork {
  /** all modules; `top` is to be synthesised, `network` inside it has whole beats as ports */
  text: string;
  /** cycles from the first beat offered to the idle `network` to its result, and between two inputs; null for chains with a convolution, where only simulation tells */
  latency: number | null;
  interval: number | null;
}

/**
 * Writes a network as Verilog-2001.
 *
 * - Every layer is a module with packed beats (a vector, or a pixel with all channels) under valid/ready; modules stand in a chain, `network`.
 * - A dense layer with reuse factor above 1 has a register for its input, so that layers work on different inputs at the same time.
 * - A convolution takes its image pixel by pixel in row order: (kernel height - 1) rows in a line buffer (a memory of one word a column, registered read),
 *   the window in registers, padding put in as zeros, one window at a time to one matrix-vector unit: sum over padded pixels of RF where a window ends, else 1 cycle.
 * - `top` has one element in and one element out a cycle (shift registers of one beat each side), because thousands of pins fit no part: 2 (bits + 2) + 2
 *   pins. Its shift registers are part of what is synthesised: inWidth bits + outWidth bits flip-flops and two counters.
 */
export function verilogNetwork(network: IntegerNetwork): VerilogNetwork {
  const modules: string[] = [],
    latencies: (number | null)[] = [],
    intervals: (number | null)[] = [];
  network.stages.forEach((stage, i) => {
    const built = stageModules(stage, i, network.stages.length === 1);
    modules.push(built.text);
    latencies.push(built.latency);
    intervals.push(built.interval);
  });
  const all = (values: readonly (number | null)[]) => values.every((v) => v !== null);
  return {
    text: [`// ${network.id}`, ...modules, chain(network), top(network)].join('\n'),
    latency: all(latencies) ? latencies.reduce<number>((a, b) => a + b!, 0) : null,
    interval: all(intervals) ? Math.max(...(intervals as number[])) : null,
  };
}

interface Built {
  text: string;
  latency: number | null;
  interval: number | null;
}

function stageModules(stage: Stage, i: number, alone: boolean): Built {
  const name = moduleName(i, stage.name);
  const single = stage.inBeats === 1;
  switch (stage.kind) {
    case 'relu':
      return { text: reluModule(name, stage), latency: single ? 1 : null, interval: single ? 1 : null };
    case 'flatten':
      return { text: flattenModule(name, stage), latency: single ? 0 : null, interval: single ? 1 : null };
    case 'matrix': {
      const core = matrixModule(`${name}_unit`, stage);
      const buffered = !stage.window && stage.reuseFactor > 1;
      const wrapper = stage.window ? windowModule(name, stage, stage.window) : bufferModule(name, stage, buffered);
      if (stage.window && alone) return { text: core.text + wrapper, ...windowCycles(stage, stage.window, core.latency) };
      return {
        text: core.text + wrapper,
        latency: single && !stage.window ? core.latency + (buffered ? 1 : 0) : null,
        interval: single && !stage.window ? stage.reuseFactor : null,
      };
    }
  }
}

/** Every padded pixel costs a cycle, one that ends a window as many as the reuse factor. */
function windowCycles(stage: MatrixStage, w: Window, unitLatency: number): { latency: number; interval: number } {
  const columns = w.width + w.padLeft + w.padRight,
    rows = w.height + w.padTop + w.padBottom;
  const windows = w.outHeight * w.outWidth;
  const lastRow = w.kernelHeight - 1 + (w.outHeight - 1) * w.strideHeight,
    lastColumn = w.kernelWidth - 1 + (w.outWidth - 1) * w.strideWidth;
  return {
    latency: lastRow * columns + lastColumn + 1 + (windows - 1) * (stage.reuseFactor - 1) + unitLatency,
    interval: rows * columns + windows * (stage.reuseFactor - 1),
  };
}

const inBits = (stage: Stage) => stage.inWidth * stage.input.bits;
const outBits = (stage: Stage) => stage.outWidth * stage.output.bits;

const unit = (name: string, data: string, valid: string, ready: string): string =>
  `${name}_unit unit(.clk(clk), .rst(rst), .in_data(${data}), .in_valid(${valid}), .in_ready(${ready}), .out_data(out_data), .out_valid(out_valid), .out_ready(out_ready));`;

function bufferModule(name: string, stage: MatrixStage, buffered: boolean): string {
  const lines = streamPorts(name, inBits(stage), outBits(stage), false);
  if (buffered)
    lines.push(
      `reg ${range(inBits(stage))} held;`,
      'reg full;',
      'wire taken;',
      'assign in_ready = !full || taken;',
      'always @(posedge clk) begin',
      '  if (rst) full <= 0; else if (in_ready) full <= in_valid;',
      '  if (in_ready && in_valid) held <= in_data;',
      'end',
      unit(name, 'held', 'full', 'taken'),
    );
  else lines.push(unit(name, 'in_data', 'in_valid', 'in_ready'));
  return [...lines, 'endmodule', ''].join('\n');
}

/** Line buffer and window of a convolution; see `verilogNetwork`. */
function windowModule(name: string, stage: MatrixStage, w: Window): string {
  const pixel = inBits(stage);
  const columns = w.width + w.padLeft + w.padRight,
    rows = w.height + w.padTop + w.padBottom;
  const rowBits = counterBits(rows - 1),
    columnBits = counterBits(columns - 1);
  const old = (w.kernelHeight - 1) * pixel,
    column = w.kernelHeight * pixel;
  const lines = [
    ...streamPorts(name, pixel, outBits(stage), false),
    `reg ${range(rowBits)} row;`,
    `reg ${range(columnBits)} column;`,
    'reg full;',
    'wire taken;',
    `wire padded = ${paddedAt(w, rows, columns)};`,
    'wire free = !full || taken;',
    'wire step = free && (padded || in_valid);',
    'assign in_ready = free && !padded;',
    `wire ${range(pixel)} fresh = padded ? ${pixel}'d0 : in_data;`,
    `wire row_end = column == ${columns - 1};`,
    `wire ${range(columnBits)} next_column = row_end ? 0 : column + 1;`,
    `wire ends_window = ${endsWindow(w)};`,
    `reg ${range(column * w.kernelWidth)} window;`,
  ];
  if (old > 0)
    lines.push(
      `reg ${range(old)} lines [0:${columns - 1}];`,
      `reg ${range(old)} above;`,
      `wire ${range(column)} now = {fresh, above};`,
      'always @(posedge clk) if (step) begin',
      '  above <= lines[next_column];',
      `  lines[column] <= now[${column - 1}:${pixel}];`,
      'end',
    );
  else lines.push(`wire ${range(column)} now = fresh;`);
  lines.push(
    'always @(posedge clk) begin',
    '  if (rst) begin row <= 0; column <= 0; full <= 0; end',
    '  else begin',
    '    if (free) full <= step && ends_window;',
    `    if (step) begin column <= next_column; if (row_end) row <= (row == ${rows - 1}) ? 0 : row + 1; end`,
    '  end',
    `  if (step) window <= ${w.kernelWidth > 1 ? `{now, window[${column * w.kernelWidth - 1}:${column}]}` : 'now'};`,
    'end',
  );
  // the window is held column by column, oldest first; a patch is read row by row
  const patch: string[] = [];
  for (let ky = 0; ky < w.kernelHeight; ky++)
    for (let kx = 0; kx < w.kernelWidth; kx++) {
      const lowBit = kx * column + ky * pixel;
      patch.unshift(`window[${lowBit + pixel - 1}:${lowBit}]`);
    }
  lines.push(
    `wire ${range(column * w.kernelWidth)} patch = {${patch.join(', ')}};`,
    unit(name, 'patch', 'full', 'taken'),
    'endmodule',
    '',
  );
  return lines.join('\n');
}

function paddedAt(w: Window, rows: number, columns: number): string {
  const terms = [
    w.padTop ? `row < ${w.padTop}` : '',
    w.padBottom ? `row >= ${rows - w.padBottom}` : '',
    w.padLeft ? `column < ${w.padLeft}` : '',
    w.padRight ? `column >= ${columns - w.padRight}` : '',
  ].filter(Boolean);
  return terms.length ? terms.join(' || ') : "1'b0";
}

/** Whether a window of the output ends at this pixel: rows and columns by comparison, not by division. */
function endsWindow(w: Window): string {
  const along = (name: string, first: number, stride: number, count: number, total: number) => {
    if (stride > 1 || first + count !== total)
      return `(${Array.from({ length: count }, (_, i) => `${name} == ${first + i * stride}`).join(' || ')})`;
    return first > 0 ? `${name} >= ${first}` : "1'b1";
  };
  const rows = w.height + w.padTop + w.padBottom,
    columns = w.width + w.padLeft + w.padRight;
  return `${along('row', w.kernelHeight - 1, w.strideHeight, w.outHeight, rows)} && ${along('column', w.kernelWidth - 1, w.strideWidth, w.outWidth, columns)}`;
}

function reluModule(name: string, stage: ReluStage): string {
  const lines = [
    ...streamPorts(name, inBits(stage), outBits(stage), true),
    'wire ce = !out_valid || out_ready;',
    'assign in_ready = ce;',
  ];
  const bits = signedBits(stage.input);
  for (let c = 0; c < stage.inWidth; c++)
    lines.push(
      element(`x${c}`, 'in_data', c, stage.input),
      `wire signed ${range(bits)} p${c} = x${c}[${bits - 1}] ? ${bits}'sd0 : x${c};`,
      ...quantiser(`q${c}`, `p${c}`, bits, stage.shift, stage.output),
    );
  return [
    ...lines,
    'always @(posedge clk) begin',
    '  if (rst) out_valid <= 0; else if (ce) out_valid <= in_valid;',
    `  if (ce && in_valid) out_data <= {${Array.from({ length: stage.inWidth }, (_, c) => `q${stage.inWidth - 1 - c}`).join(', ')}};`,
    'end',
    'endmodule',
    '',
  ].join('\n');
}

function flattenModule(name: string, stage: FlattenStage): string {
  const lines = streamPorts(name, inBits(stage), outBits(stage), false);
  if (stage.inBeats === 1)
    return [...lines, 'assign out_data = in_data, out_valid = in_valid, in_ready = out_ready;', 'endmodule', ''].join('\n');
  return [...lines, ...gather(inBits(stage), stage.inBeats), 'endmodule', ''].join('\n');
}

/** `count` words of `bits` bits gathered into `out_data`, the first at the bottom. */
function gather(bits: number, count: number): string[] {
  const countBits = counterBits(count);
  return [
    `reg ${range(bits * count)} held;`,
    `reg ${range(countBits)} count;`,
    `assign out_valid = count == ${count}, out_data = held, in_ready = !out_valid || out_ready;`,
    'always @(posedge clk) begin',
    '  if (rst) count <= 0;',
    '  else if (out_valid && out_ready) count <= in_valid ? 1 : 0;',
    '  else if (in_valid && in_ready) count <= count + 1;',
    `  if (in_valid && in_ready) held <= {in_data, held[${bits * count - 1}:${bits}]};`,
    'end',
  ];
}

function chain(network: IntegerNetwork): string {
  const { stages } = network;
  const end = stages[stages.length - 1];
  const lines = streamPorts('network', inBits(stages[0]), outBits(end), false);
  stages.forEach((stage, i) => {
    lines.push(`wire ${range(inBits(stage))} d${i};`, `wire v${i}, r${i};`);
  });
  const n = stages.length;
  lines.push(`wire ${range(outBits(end))} d${n};`, `wire v${n}, r${n};`, 'assign d0 = in_data, v0 = in_valid, in_ready = r0;');
  lines.push(`assign out_data = d${n}, out_valid = v${n}, r${n} = out_ready;`);
  stages.forEach((stage, i) => {
    const [a, b] = [i, i + 1];
    lines.push(
      `${moduleName(i, stage.name)} stage${i}(.clk(clk), .rst(rst), .in_data(d${a}), .in_valid(v${a}), .in_ready(r${a}), .out_data(d${b}), .out_valid(v${b}), .out_ready(r${b}));`,
    );
  });
  return [...lines, 'endmodule', ''].join('\n');
}

function top(network: IntegerNetwork): string {
  const { inWidth, outWidth, input, output } = network;
  const port =
    'network n(.clk(clk), .rst(rst), .in_data(beat), .in_valid(beat_valid), .in_ready(beat_ready), .out_data(result), .out_valid(result_valid), .out_ready(result_ready));';
  const lines: string[] = [];
  if (inWidth > 1)
    lines.push(
      ...streamPorts('words_in', input.bits, inWidth * input.bits, false),
      ...gather(input.bits, inWidth),
      'endmodule',
      '',
    );
  if (outWidth > 1) {
    const bits = output.bits * outWidth;
    lines.push(
      ...streamPorts('words_out', bits, output.bits, false),
      `reg ${range(bits)} held;`,
      `reg ${range(counterBits(outWidth))} left;`,
      `assign out_valid = left != 0, out_data = held[${output.bits - 1}:0], in_ready = left == 0;`,
      'always @(posedge clk) begin',
      `  if (rst) left <= 0; else if (in_ready) left <= in_valid ? ${outWidth} : 0; else if (out_ready) left <= left - 1;`,
      `  if (in_ready) held <= in_data; else if (out_ready) held <= {${output.bits}'d0, held[${bits - 1}:${output.bits}]};`,
      'end',
      'endmodule',
      '',
    );
  }
  lines.push(
    ...streamPorts('top', input.bits, output.bits, false),
    `wire ${range(inWidth * input.bits)} beat;`,
    `wire ${range(outWidth * output.bits)} result;`,
    'wire beat_valid, beat_ready, result_valid, result_ready;',
    inWidth > 1
      ? 'words_in i(.clk(clk), .rst(rst), .in_data(in_data), .in_valid(in_valid), .in_ready(in_ready), .out_data(beat), .out_valid(beat_valid), .out_ready(beat_ready));'
      : 'assign beat = in_data, beat_valid = in_valid, in_ready = beat_ready;',
    port,
    outWidth > 1
      ? 'words_out o(.clk(clk), .rst(rst), .in_data(result), .in_valid(result_valid), .in_ready(result_ready), .out_data(out_data), .out_valid(out_valid), .out_ready(out_ready));'
      : 'assign out_data = result, out_valid = result_valid, result_ready = out_ready;',
    'endmodule',
    '',
  );
  return lines.join('\n');
}
