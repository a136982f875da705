import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../src/analytical/networkOf.js';
import { attendedPairs, attentionWork, unfusedAttentionWork } from '../../../src/analytical/rules/attentionWork.js';
import {
  allReduce,
  allToAll,
  inSwitchAllReduce,
  type Network,
  pointToPoint,
  ringAllGather,
  ringAllReduce,
  treeAllReduce,
} from '../../../src/analytical/rules/collectives.js';
import { distinctExperts, expertLoad, expertRows, expertWork } from '../../../src/analytical/rules/experts.js';
import { flashAttentionElements, flashAttentionIo, unfusedAttentionIo } from '../../../src/analytical/rules/flashAttentionIo.js';
import { gemmComputeTime, gemmTime } from '../../../src/analytical/rules/gemm.js';
import { kernelTime } from '../../../src/analytical/rules/kernelTime.js';
import { latentAttentionWork } from '../../../src/analytical/rules/latentAttention.js';
import { capSlowdown, powerOf } from '../../../src/analytical/rules/power.js';
import {
  gatedDeltaWork,
  linearRecurrenceWork,
  selectiveScanWork,
  stateSpaceDualWork,
} from '../../../src/analytical/rules/recurrences.js';
import { deviceNamed } from '../../../src/device/deviceNamed.js';
import { operatorNamed } from '../../../src/graph/operators/index.js';

const SIZES = { batch: 2, heads: 8, kvHeads: 2, length: 16, before: 0, headDim: 4, bytes: 2, kvBytes: 2 };
const PLAIN = { compute: 1, memory: 1, sharpness: 100, launch: 0 };

describe('kernelTime', () => {
  it('takes at least what the host needs to hand the kernel over, where it does so one by one', () => {
    const rates = { peak: 1e12, bandwidth: 1e12, dispatch: 4e-5 };
    expect(kernelTime({ flops: 1e6, bytes: 0 }, rates, PLAIN)).toMatchObject({ time: 4e-5, bound: 'launch' });
    expect(kernelTime({ flops: 1e6, bytes: 0 }, rates, { ...PLAIN, host: 0.5 }).time).toBe(2e-5);
    // work of 100 us hides the call of the next
    expect(kernelTime({ flops: 1e8, bytes: 0 }, rates, PLAIN)).toMatchObject({ time: 1e-4, bound: 'compute' });
  });
});

describe('attentionWork', () => {
  it('sees the triangle of a prompt, the rectangle of a cache, a band of a window', () => {
    expect(attendedPairs(SIZES)).toBe((16 * 17) / 2);
    expect(attendedPairs({ ...SIZES, length: 1, before: 99 })).toBe(100);
    expect(attendedPairs({ ...SIZES, window: 4 })).toBe(1 + 2 + 3 + 13 * 4);
    expect(attendedPairs({ ...SIZES, length: 2, before: 99, window: 4 })).toBe(8);
    expect(attendedPairs({ ...SIZES, bidirectional: true })).toBe(256);
  });

  it('agrees with the operator of graphs: without a mask', () => {
    const tensor = (heads: number) => ({ shape: [2, heads, 16, 4], dtype: 'bf16' as const });
    const inputs = [tensor(8), tensor(2), tensor(2)];
    const cost = operatorNamed('attention').cost({ ...tensor(8), attrs: {} }, inputs);
    expect(attentionWork({ ...SIZES, bidirectional: true }).flops).toBe(cost.flops);
  });

  it('writes an output of head width, not of sequence length (a fault of LLM-Viewer)', () => {
    // Q 2 x 8 x 16 x 4, O the same, K and V 2 x 2 x 16 x 4 read and written once, two bytes each
    expect(attentionWork(SIZES).bytes).toBe(2 * (2 * 1024 + 4 * 256));
  });

  it('reads the cache by key heads: four times less than with as many as queries', () => {
    const decode = { ...SIZES, length: 1, before: 1023 };
    const cache = (kvHeads: number) =>
      attentionWork({ ...decode, kvHeads }).bytes - attentionWork({ ...decode, kvHeads: 0 }).bytes;
    expect(cache(8)).toBe(4 * cache(2));
    expect(cache(8)).toBe(2 * 2 * 8 * 4 * 2 * 1025);
  });

  it('is never free (CPU attention counted as zero by PyTorch)', () => expect(attentionWork(SIZES).flops).toBeGreaterThan(0));

  it('unfused moves the scores four times', () =>
    expect(unfusedAttentionWork(SIZES).bytes - attentionWork(SIZES).bytes).toBe(4 * 2 * 8 * 256 * 2));
});

describe('kernelTime of repeated kernels', () => {
  const rates = { peak: 1e12, bandwidth: 1e9, units: 10, cache: 1e6 },
    warm = { ...PLAIN, held: 0.5, cacheRate: 1e9 };
  const memory = (bytes: number, e: typeof PLAIN & { held?: number; cacheRate?: number }, at = rates) =>
    kernelTime({ flops: 0, bytes }, at, e).memory;

  it('reads at the rate of the cache what half of it holds, from memory what it does not', () => {
    // 1e5 of 5e5 bytes: all but 1 / 1 + 5^4 at 1e10 B/s
    expect(memory(1e5, warm)).toBeCloseTo((1e-4 + 625 * 1e-5) / 626, 12);
    // as many as it holds: half and half
    expect(memory(5e5, warm)).toBeCloseTo((5e-4 + 5e-5) / 2, 12);
    expect(memory(1e8, warm)).toBeCloseTo(0.1, 6);
    expect(memory(1e5, PLAIN)).toBe(1e-4);
    // weights that come from memory each time
    expect(memory(1e5, warm, { ...rates, cache: undefined as never })).toBe(1e-4);
  });

  it('hides a launch behind work as far as `overlap` says', () => {
    const time = (overlap: number | undefined) =>
      kernelTime({ flops: 0, bytes: 3e5 }, { peak: 1e12, bandwidth: 1e9 }, { ...PLAIN, launch: 4e-4, overlap }).time;
    expect(time(undefined)).toBeCloseTo(7e-4, 12);
    expect(time(1)).toBeCloseTo(7e-4, 12);
    expect(time(2)).toBeCloseTo(5e-4, 12);
    expect(time(20)).toBeCloseTo(4e-4, 5);
  });

  it('counts what a product writes as dear as it is', () => {
    const sizes = { m: 100, n: 50, k: 1 },
      work = { flops: 0, bytes: 2 * (100 + 50 + 5000) };
    const time = (writing?: number, outputBytes = 2) =>
      gemmTime({ ...sizes, outputBytes }, work, { peak: 1e15, bandwidth: 1e9 }, { ...PLAIN, smallTile: 0, writing }).memory;
    expect(time()).toBeCloseTo(10300e-9, 15);
    expect(time(1.5)).toBeCloseTo(15300e-9, 15);
    expect(time(1.5, 4)).toBeCloseTo(20300e-9, 15);
  });
});

describe('IO of attention', () => {
  it('falls as 1 / M above d^2 and as 1 / sqrt(M) below', () => {
    const io = (onChip: number) => flashAttentionIo({ length: 65536, width: 64, onChip });
    expect(io(8192) / io(16384)).toBeCloseTo(2, 9);
    expect(io(1024) / io(2048)).toBeCloseTo(Math.SQRT2, 9);
    expect(io(4096)).toBe((65536 * 64) ** 2 / 4096);
  });

  it('is below the unfused one for M > d^2, and never below the operands', () => {
    expect(flashAttentionIo({ length: 4096, width: 64, onChip: 51200 })).toBeLessThan(
      unfusedAttentionIo({ length: 4096, width: 64 }),
    );
    expect(flashAttentionIo({ length: 64, width: 64, onChip: 1e6 })).toBe(4 * 64 * 64);
  });

  it('of the algorithm: 1024 x 64 with 4096 elements on chip: 64 column blocks of 16', () =>
    expect(flashAttentionElements({ length: 1024, width: 64, onChip: 4096 })).toBe(2 * 65536 + 64 * 3 * 65536));
});

describe('latentAttentionWork', () => {
  it('reads one compressed row for all heads: 242 operations a byte for DeepSeek-V3', () => {
    const work = latentAttentionWork({
      batch: 1,
      heads: 128,
      length: 1,
      before: 99_999,
      kvRank: 512,
      ropeDim: 64,
      bytes: 2,
      kvBytes: 2,
    });
    expect(work.flops).toBe(2 * 128 * 100_000 * 1088);
    expect(work.flops / work.bytes).toBeCloseTo(241.3, 0);
  });
});

describe('experts', () => {
  it('meets E (1 - (1 - k/E)^T) different ones', () => {
    expect(distinctExperts(1, 8, 2)).toBeCloseTo(2, 12);
    expect(distinctExperts(2, 8, 2)).toBeCloseTo(3.5, 12);
    expect(distinctExperts(1000, 8, 2)).toBeCloseTo(8, 9);
  });

  it('of one token of Mixtral: two experts of three matrices', () => {
    const work = expertWork({
      tokens: 1,
      experts: 8,
      perToken: 2,
      hidden: 4096,
      width: 14336,
      gated: true,
      weightBytes: 2,
      bytes: 2,
    });
    expect(work.flops).toBe(2 * 2 * 3 * 4096 * 14336);
    // two rows: in, gate and up out and in, their product out and in, out and in again; their sum out
    expect(work.bytes).toBeCloseTo(2 * 2 * 3 * 4096 * 14336 + 2 * 2 * (3 * 4096 + 6 * 14336) + 2 * 4096, 3);
  });

  it('gated experts have three matrices, others two', () => {
    const sizes = { tokens: 4, experts: 4, perToken: 1, hidden: 8, width: 8, weightBytes: 2, bytes: 2 };
    expect(expertWork({ ...sizes, gated: true }).flops / expertWork({ ...sizes, gated: false }).flops).toBe(1.5);
  });

  it('on a device of four: a quarter of the rows, or all of them where its kernels fill the others with zeros', () => {
    const sizes = { tokens: 8, experts: 8, perToken: 2, hidden: 32, width: 16, gated: true, weightBytes: 2, bytes: 2 };
    const [own, all] = [false, true].map((keepsAll) => expertWork(sizes, expertLoad(sizes, 4), keepsAll));
    expect(own.flops).toBe(all.flops);
    // 12 further rows: gate and up out and in, their product out, out and in; the sum of 8 tokens in place of 2 out
    expect(all.bytes - own.bytes).toBe(2 * (12 * (4 * 16 + 16 + 2 * 32) + 6 * 32));
  });

  it('uneven loads: all rows are dealt out, no expert has more than a row a token', () => {
    const sizesOf = fc.record({
      tokens: fc.integer({ min: 1, max: 4096 }),
      experts: fc.integer({ min: 1, max: 256 }),
      perToken: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(sizesOf, fc.double({ min: 0.01, max: 3, noNaN: true }), ({ tokens, experts, perToken }, alpha) => {
        const taken = Math.min(perToken, experts);
        const sizes = { tokens, experts, perToken: taken, hidden: 8, width: 8, gated: true, weightBytes: 2, bytes: 2 };
        const rows = expertRows(sizes, alpha);
        expect(rows.reduce((a, b) => a + b, 0)).toBeCloseTo(tokens * taken, 5);
        for (const [i, x] of rows.entries()) {
          expect(x).toBeLessThanOrEqual(tokens * (1 + 1e-9));
          if (i) expect(x).toBeLessThanOrEqual(rows[i - 1]);
        }
        const one = expertLoad(sizes, 1, alpha);
        expect(one.share).toBeCloseTo(1, 9);
        expect(one.met).toBeLessThanOrEqual(distinctExperts(tokens, experts, taken) * (1 + 1e-9));
      }),
    );
  });

  it('uneven loads: by hand at alpha 0, where the density is flat; the fullest device has more than its part', () => {
    const sizes = { tokens: 10, experts: 2, perToken: 1, hidden: 8, width: 8, gated: true, weightBytes: 2, bytes: 2 };
    // between 1 and 8, at three quarters and a quarter: 6.25 and 2.75, scaled to ten
    expect([...expertRows(sizes, 0)]).toEqual([(10 * 6.25) / 9, (10 * 2.75) / 9]);
    const uneven = expertLoad({ ...sizes, tokens: 512, experts: 64, perToken: 4 }, 8, 1.2);
    expect(uneven.share).toBeGreaterThan(1.2 / 8);
    expect(expertLoad(sizes, 2)).toEqual({ share: 1 / 2, met: distinctExperts(10, 2, 1) / 2 });
  });
});

describe('recurrences', () => {
  const tokens = { batch: 1, length: 256, bytes: 2, stateBytes: 2 };

  it('selective scan: nine operations a state value; the state is moved once a pass', () => {
    const work = selectiveScanWork({ ...tokens, inner: 1536, state: 16 });
    expect(work.flops).toBe(9 * 256 * 1536 * 16);
    expect(work.bytes).toBe(256 * (4 * 1536 + 32) * 2 + 2 * 1536 * 16 * 2);
  });

  it('Mamba-2: chunks are products, a single token is the recurrence', () => {
    const sizes = { heads: 2, headDim: 4, state: 8, groups: 1, chunk: 128 };
    expect(stateSpaceDualWork({ ...tokens, ...sizes }).flops).toBe(256 * 2 * (128 * 8 + 128 * 8 + 2 * 8 * 8));
    expect(stateSpaceDualWork({ ...tokens, length: 1, ...sizes }).flops).toBe(6 * 8 * 8);
  });

  it('gated delta rule: linear in the length', () => {
    const sizes = { keyHeads: 1, valueHeads: 2, keyDim: 4, valueDim: 4 };
    const of = (length: number) => gatedDeltaWork({ ...tokens, length, ...sizes }).flops;
    expect(of(1)).toBe(2 * 8 * 16);
    expect(of(512) / of(256)).toBe(2);
    expect(of(256)).toBe(256 * 2 * 2 * (64 * 12 + 48));
  });

  it('linear recurrence grows with the length (LSTMs of other tools do not)', () => {
    const of = (length: number) => linearRecurrenceWork({ ...tokens, length, width: 8, blocks: 2 }).flops;
    expect(of(1)).toBe((4 * 64) / 2 + 80);
    expect(of(10)).toBe(10 * of(1));
  });
});

describe('collectives', () => {
  const link = { alpha: 1e-6, bandwidth: 1e9, topology: 'switch', hop: 0, bulk: 0, inSwitch: 1 } as const;

  it('by hand, four devices and a megabyte', () => {
    expect(ringAllReduce(4, 1e6, link)).toBeCloseTo(6 * (1e-6 + 0.25e-3), 12);
    expect(ringAllGather(4, 1e6, link)).toBeCloseTo(3 * (1e-6 + 0.25e-3), 12);
    expect(allToAll(4, 1e6, link)).toBeCloseTo(1e-6 + 0.75e-3, 12);
    expect(allToAll(4, 1e6, { ...link, topology: 'ring' })).toBeCloseTo(3 * (1e-6 + 0.25e-3), 12);
    expect(treeAllReduce(4, 1e6, link)).toBeCloseTo(4 * (1e-6 + 1e-3), 12);
    expect(inSwitchAllReduce(4, 1e6, link)).toBeCloseTo(2e-6 + 1e-3, 12);
    expect(pointToPoint(1e6, link)).toBeCloseTo(1e-6 + 1e-3, 12);
  });

  it('costs nothing alone', () => {
    for (const f of [ringAllReduce, ringAllGather, treeAllReduce, allToAll, inSwitchAllReduce, allReduce])
      expect(f(1, 1e6, link)).toBe(0);
  });

  it('sends short messages to every peer at once', () =>
    expect(allReduce(8, 1000, { ...link, bulk: 1e-5 })).toBeCloseTo(1e-6 + 7e-6, 12));

  it('follows the links: a switch, additions in it, a mesh, a ring, further peers over a host', () => {
    const long = 1e8, // 0.1 s of one message
      of = (network: Partial<Network>, n = 8) => allReduce(n, long, { ...link, ...network });
    expect(of({ bulk: 2e-6 })).toBeCloseTo(1e-6 + 2e-6 + 2 * 0.875 * 0.1, 9);
    expect(of({ topology: 'in-switch', inSwitch: 0.8 })).toBeCloseTo(1e-6 + 0.125, 9);
    expect(of({ topology: 'mesh' })).toBe(of({}));
    // three of seven links
    expect(of({ topology: 'mesh' }, 4)).toBeCloseTo(1e-6 + (2 * 0.75 * 0.1 * 7) / 3, 9);
    expect(of({ topology: 'ring' })).toBeCloseTo(14 * (1e-6 + 0.0125), 9);
    expect(of({ topology: 'host', hop: 1e-3 })).toBeCloseTo(of({}) + 6e-3, 9);
  });

  it('networkOf: a bridge of two is the rate of two; more of them use the host', () => {
    const e = { compute: 1, memory: 0.8, sharpness: 1, launch: 1e-6, hop: 2e-6, bulk: 0, inSwitch: 1, hostShare: 0.5 };
    const bridged = deviceNamed('RTX-3090');
    expect(networkOf(bridged, e, 2)).toMatchObject({ topology: 'pair', bandwidth: 0.8 * 56.25e9, hop: 0 });
    expect(networkOf(bridged, e, 4)).toMatchObject({ topology: 'host', bandwidth: 0.5 * 32e9, hop: 2e-6 });
    expect(networkOf(bridged, e, 4, 10e9).bandwidth).toBe(5e9);
    expect(networkOf(deviceNamed('H100-SXM5-80GB'), e, 8)).toMatchObject({ topology: 'in-switch', bandwidth: 0.8 * 450e9 });
  });
});

describe('times', () => {
  it('roofline: the greater of arithmetic and traffic, and the launch', () => {
    const rates = { peak: 1e12, bandwidth: 1e11 };
    expect(kernelTime({ flops: 1e9, bytes: 1e6 }, rates, PLAIN).time).toBeCloseTo(1e-3, 9);
    expect(kernelTime({ flops: 1e6, bytes: 1e9 }, rates, PLAIN)).toMatchObject({ bound: 'memory' });
    expect(kernelTime({ flops: 1, bytes: 1 }, rates, { ...PLAIN, launch: 4e-6 })).toMatchObject({ bound: 'launch' });
    expect(kernelTime({ flops: 0, bytes: 0 }, rates, PLAIN).time).toBe(0);
  });

  it('a product of one tile more than the processors takes two waves', () => {
    const rates = { peak: 1e12, bandwidth: 1e11, units: 4 };
    const large = (tiles: number) =>
      gemmComputeTime({ m: 256 * tiles, n: 128, k: 64 }, rates, { ...PLAIN, smallTile: 10, splitCost: 1 });
    expect(large(4)).toBeCloseTo((4 * 256 * 128 * 2 * 64) / 1e12, 12);
    expect(large(5) / large(4)).toBeCloseTo(1.5, 9); // in tiles of 128 rows: three waves of four in place of two
  });

  it('power stays between idle and limit', () => {
    const constants = { base: 0.1, compute: 0.9, memory: 0.6 };
    expect(powerOf({ compute: 1, memory: 1 }, { limit: 700, idle: 70 }, constants)).toBe(700);
    expect(powerOf({ compute: 0, memory: 0 }, { limit: 700, idle: 90 }, constants)).toBe(90);
    expect(powerOf({ compute: 0, memory: 0.5 }, { limit: 700 }, constants)).toBeCloseTo(70 + 630 * 0.3, 9);
  });

  it('a cap slows arithmetic by the cube root, traffic not at all', () => {
    expect(capSlowdown({ draw: 700, idle: 100, cap: 175 }, 1)).toBeCloseTo(2, 9);
    expect(capSlowdown({ draw: 700, idle: 100, cap: 175 }, 0)).toBe(1);
    expect(capSlowdown({ draw: 300, idle: 100, cap: 400 }, 1)).toBe(1);
  });
});
