import { createRandom } from '../../core/random.js';
import { highest, lowest } from './fixedPoint.js';
import type { IntegerNetwork } from './integerNetwork.js';
import type { Beats } from './integerReference.js';
import type { MatrixStage } from './integerStage.js';
import { range } from './verilogText.js';

/**
 * Inputs of a simulation: the extremes first (all lowest, all highest, zeros, alternating; for a first dense layer those that drive sums of some outputs as far
 * up and down as they go), then seeded random ones.
 */
export function testInputs(network: IntegerNetwork, random: number, seed: number | string): Beats[] {
  const { inBeats, inWidth, input } = network;
  const [lo, hi] = [lowest(input), highest(input)];
  const fill = (value: (beat: number, i: number) => number): Beats =>
    Array.from({ length: inBeats }, (_, b) => Array.from({ length: inWidth }, (_, i) => value(b, i)));
  const inputs = [fill(() => lo), fill(() => hi), fill(() => 0), fill((b, i) => ((b + i) % 2 ? lo : hi))];
  const first = network.stages.find((s): s is MatrixStage => s.kind === 'matrix');
  if (first === network.stages[0] && first && !first.window)
    for (const o of new Set([0, first.nOut - 1])) {
      inputs.push(fill((_, i) => (first.weights[o][i] >= 0 ? hi : lo)));
      inputs.push(fill((_, i) => (first.weights[o][i] >= 0 ? lo : hi)));
    }
  const draw = createRandom(`${seed}`).fork(`inputs of ${network.id}`);
  for (let n = 0; n < random; n++) inputs.push(fill(() => lo + draw.int(hi - lo + 1)));
  return inputs;
}

/** Cycles without any word going in or out after which a simulation is taken as stuck: four times what all stages need for one input. */
function patience({ stages }: IntegerNetwork): number {
  const cycles = stages.map((stage) => {
    if (stage.kind !== 'matrix') return stage.inBeats;
    const w = stage.window;
    const pixels = w ? (w.height + w.padTop + w.padBottom) * (w.width + w.padLeft + w.padRight) : stage.inBeats;
    return pixels + stage.outBeats * stage.reuseFactor;
  });
  return 1000 + 4 * cycles.reduce((a, b) => a + b, 0);
}

/**
 * A test bench that gives the same inputs to `network` at full rate (prints `n cycle hex` a beat) and, element by element with seeded gaps on both sides, to
 * `top` (prints `t hex` an element). Reads one element a line from inputs.hex.
 */
export function testbench(network: IntegerNetwork, inputs: number): string {
  const { inWidth, inBeats, outWidth, outBeats, input, output } = network;
  const words = inputs * inBeats * inWidth,
    beats = inputs * inBeats;
  const outputs = inputs * outBeats;
  return `\`timescale 1ns/1ps
module tb;
reg clk = 0, rst = 1;
always #5 clk = ~clk;
reg ${range(input.bits)} words [0:${words - 1}];
integer cycle = 0, sent = 0, got = 0, word = 0, result = 0, i, idle = 0;
reg ${range(inWidth * input.bits)} beat;
reg beat_valid = 0;
wire beat_ready, out_valid;
wire ${range(outWidth * output.bits)} out;
network dut(.clk(clk), .rst(rst), .in_data(beat), .in_valid(beat_valid), .in_ready(beat_ready), .out_data(out), .out_valid(out_valid), .out_ready(1'b1));
reg ${range(input.bits)} t_in;
reg t_valid = 0, t_take = 0;
wire t_ready, t_out_valid;
wire ${range(output.bits)} t_out;
top wrapped(.clk(clk), .rst(rst), .in_data(t_in), .in_valid(t_valid), .in_ready(t_ready), .out_data(t_out), .out_valid(t_out_valid), .out_ready(t_take));
reg [15:0] lfsr = 16'hACE1;
task load; begin
  for (i = 0; i < ${inWidth}; i = i + 1) beat[i*${input.bits} +: ${input.bits}] = words[sent*${inWidth} + i];
end endtask
initial begin
  $readmemh("inputs.hex", words);
  repeat (4) @(posedge clk);
  #1 rst = 0; beat_valid = 1; load; t_in = words[0]; t_valid = 1;
end
always @(posedge clk) if (!rst) begin : step
  reg taken, t_taken, t_given;
  taken = beat_valid && beat_ready; t_taken = t_valid && t_ready; t_given = t_out_valid && t_take;
  idle = idle + 1;
  if (out_valid) begin $display("n %0d %h", cycle, out); got = got + 1; idle = 0; end
  if (t_given) begin $display("t %h", t_out); result = result + 1; idle = 0; end
  if (taken) begin sent = sent + 1; idle = 0; end
  if (t_taken) begin word = word + 1; idle = 0; end
  cycle = cycle + 1;
  lfsr = {lfsr[14:0], lfsr[15] ^ lfsr[13] ^ lfsr[12] ^ lfsr[10]};
  if (got >= ${outputs} && result >= ${outputs * outWidth}) begin $display("end"); $finish; end
  if (idle > ${patience(network)}) begin $display("stuck"); $finish; end
  #1;
  if (taken) begin if (sent < ${beats}) load; else beat_valid = 0; end
  if (t_taken || !t_valid) begin t_valid = word < ${words} && (lfsr[1:0] != 0); if (word < ${words}) t_in = words[word]; end
  t_take = lfsr[4:3] != 0;
end
endmodule
`;
}
