import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { integerNetwork } from '../../../src/fpga/synth/integerNetwork.js';
import { simulate } from '../../../src/fpga/synth/simulate.js';
import { type VerilogNetwork, verilogNetwork } from '../../../src/fpga/synth/verilogNetwork.js';
import { chainDesigns, convDesigns, denseDesigns, designOf, fixed } from './designs.js';
import { describeWith } from './tools.js';

async function simulated(design: HlsDesign, seed: number, change = (v: VerilogNetwork) => v) {
  const network = integerNetwork(design, seed),
    verilog = verilogNetwork(network);
  const s = await simulate(network, change(verilog), { seed, random: 4 });
  return { verilog, ...s };
}

/** The simulation itself compares all elements with the integer reference; cycles are compared where a rule gives them. */
async function check(design: HlsDesign, seed: number) {
  const { verilog, latency, interval } = await simulated(design, seed);
  if (verilog.latency !== null) expect(latency).toBe(verilog.latency);
  if (verilog.interval !== null) expect(interval).toBe(verilog.interval);
}

describeWith(['iverilog', 'vvp'], 'Verilog simulated against the integer reference', () => {
  for (const [name, designs, numRuns] of [
    ['dense layers', denseDesigns, 12],
    ['convolutions', convDesigns, 8],
    ['chains', chainDesigns, 6],
  ] as const)
    it(`is equal for ${name} of any bits, reuse factor and strategy, in as many cycles as the rule says`, async () => {
      await fc.assert(
        fc.asyncProperty(designs, fc.nat(1000), (design, seed) => check(design, seed)),
        { numRuns, seed: 1, endOnFailure: true },
      );
    });

  const rf4 = denseDesign({ nIn: 4, nOut: 3, weightBits: 5, dataBits: 6, reuseFactor: 4, strategy: 'resource' });
  const latency = denseDesign({ nIn: 4, nOut: 3, weightBits: 5, dataBits: 6, reuseFactor: 1, strategy: 'latency' });
  const changed = (from: RegExp, to: string) => (v: VerilogNetwork) => {
    const text = v.text.replace(from, to);
    expect(text).not.toBe(v.text);
    return { ...v, text };
  };

  it('finds one wrong bit of a weight', async () => {
    const flipped = (v: VerilogNetwork) => {
      const text = v.text.replace(/(rom\[2\] = \d+'b[\d_]*)(\d);/, (_, before, bit) => `${before}${1 - bit};`);
      expect(text).not.toBe(v.text);
      return { ...v, text };
    };
    await expect(simulated(rf4, 0, flipped)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(
        /^simulated through whole beats, input \d+, output beat 0, element 0: expected -?\d+, got -?\d+$/,
      ),
    });
  });

  it('finds an adder that subtracts, and a result that wraps in place of saturating', async () => {
    await expect(simulated(latency, 0, changed(/(wire signed \[\d+:0\] t\d+_0_0_a = .*) \+ /, '$1 - '))).rejects.toThrow(
      /expected -?\d+, got -?\d+/,
    );
    const narrow = designOf([{ ...rf4.layers[0], result: fixed(6, 0) }], { reuseFactor: 4 });
    await expect(simulated(narrow, 0, changed(/wire q0_fits = .*;/, 'wire q0_fits = 1;'))).rejects.toThrow(
      /element 0: expected (31|-32), got/,
    );
  });

  it('finds a fault that only stalls show', async () => {
    // the held input is overwritten while the unit still works on it
    await expect(simulated(rf4, 0, changed(/in_ready = !full \|\| taken/, "in_ready = 1'b1"))).rejects.toMatchObject({
      code: 'corrupt',
    });
  });

  it('reports a design that never answers', async () => {
    await expect(simulated(rf4, 0, changed(/wire last = step == 3/, "wire last = 1'b0"))).rejects.toThrow(
      /stopped before all results came:\n.*stuck/,
    );
  });

  it('passes the compiler on: text that is no Verilog is an error with its log', async () => {
    await expect(simulated(rf4, 0, changed(/endmodule/, 'endmodul'))).rejects.toThrow(
      /iverilog ended with status [\s\S]*design\.v/,
    );
  });
});
