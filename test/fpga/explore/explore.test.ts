import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { EINSUM_DENSE } from '../../../src/fpga/design/hlsDesign.js';
import { parseBudget } from '../../../src/fpga/explore/budget.js';
import { explore, explorePart, paretoFront, type Setting } from '../../../src/fpga/explore/explore.js';
import { analyticalFpga } from '../../../src/fpga/fpgaPredictor.js';

const part = fpgaPartNamed('xc7z020');
const design = hlsNetwork({ id: 'net', input: [16], bits: 16, reuseFactor: 4, strategy: 'resource', part: 'xc7z020', clockNs: 5 })
  .dense(32)
  .relu()
  .dense(5)
  .build();

describe('parseBudget', () => {
  it('reads counts, percent of the part and cycles', () => {
    expect(parseBudget('dsp=200, lut=50%,bram=10,latency=1000,ii=4', part)).toEqual({
      dsp: 200,
      lut: 26600,
      bram18: 10,
      latency: 1000,
      ii: 4,
    });
  });
  it.each([
    ['lot=5', /does not understand 'lot=5'/],
    ['dsp', /does not understand 'dsp'/],
    ['dsp=-1', /does not understand/],
    ['latency=50%', /a share of what/],
  ])('refuses %s', (text, message) => {
    expect(() => parseBudget(text, part)).toThrow(message);
  });
});

describe('explore', () => {
  it('says where the cost of a layer is not counted that no setting is known to fit', () => {
    const last = design.layers[design.layers.length - 1];
    const partial = {
      ...design,
      layers: [...design.layers, { ...last, name: 'x', kind: 'opaque' as const, source: 'Mystery', inputs: [last.name] }],
    };
    const { front, warnings } = explore(partial, analyticalFpga, { part, reuse: [4, 16] });
    expect(front).toEqual([]);
    expect(warnings.join()).toContain("the cost of 'x' is not counted: whether a setting fits xc7z020 is not known");
    expect(explore(design, analyticalFpga, { part, reuse: [4], budget: { lut: 1 } }).warnings).toContain(
      'no setting fits xc7z020 within the budget',
    );
  });

  it('leaves the reuse factor of an EinsumDense as hls4ml takes it', () => {
    const layers = design.layers.map((layer, i) => (i === 0 ? { ...layer, source: EINSUM_DENSE } : layer));
    const { settings } = explore({ ...design, layers }, analyticalFpga, { part, reuse: [4, 16] });
    expect(new Set(settings.map((s) => s.reuse[0]))).toEqual(new Set([1]));
  });

  it('evaluates the whole grid where it is small, each setting once', () => {
    const found = explore(design, analyticalFpga, { part, reuse: [1, 4, 16], bits: [4, 16] });
    expect(found.grid).toBe(found.settings.length);
    expect(new Set(found.settings.map((s) => `${s.reuse} ${s.bits}`)).size).toBe(found.settings.length);
    expect(found.layers).toEqual(['dense_0', 'dense_1']);
    expect(found.warnings).toEqual([]);
  });

  it('each setting costs what predicting its design costs', () => {
    const found = explore(design, analyticalFpga, { part, reuse: [4, 16], bits: [8] });
    const s = found.settings.find((x) => x.reuse[0] === 4 && x.reuse[1] > 4)!;
    const layers = design.layers.map((l) =>
      l.kind === 'dense'
        ? { ...l, reuseFactor: s.reuse[l.name === 'dense_0' ? 0 : 1], weight: { bits: 8, intBits: 6, signed: true } }
        : l,
    );
    const [alone] = analyticalFpga.predict([{ ...design, layers }], { stage: 'csynth', part });
    expect(s.prediction.targets).toEqual(alone.targets);
  });

  it('compares widths on one footing: constants counted at one width count for it alone', () => {
    const counted = {
      ...design,
      layers: design.layers.map((l) =>
        l.kind === 'dense' && l.name === 'dense_0'
          ? { ...l, zeroWeights: 500, constants: { shiftAdd: 1, full: 0, distinct: 12, multiplied: 0 } }
          : l,
      ),
    };
    const lut = (of: typeof design, bits: number[]) =>
      explore(of, analyticalFpga, { part, reuse: [1], bits }).settings.map((s) => [s.bits, s.prediction.targets.lut.value]);
    expect(lut(counted, [16])).not.toEqual(lut(design, [16]));
    expect(lut(counted, [8, 16])).toEqual(lut(design, [8, 16]));
    expect(explore(counted, analyticalFpga, { part, reuse: [1], bits: [8, 16] }).warnings[0]).toMatch(
      /'dense_0' hold for one width/,
    );
  });

  it('stays within limit, says so, and gives the same for the same seed', () => {
    const deep = hlsNetwork({ input: [16], bits: 16, strategy: 'resource', clockNs: 5 })
      .dense(32)
      .dense(16)
      .dense(5)
      .build();
    const run = (seed: number) => explore(deep, analyticalFpga, { part, bits: [2, 4, 8, 16], limit: 900, seed });
    const a = run(1);
    expect(a.settings).toHaveLength(900);
    expect(a.grid).toBeGreaterThan(900);
    expect(a.warnings[0]).toMatch(/900 of \d+ settings evaluated/);
    expect(run(1).settings.map((s) => s.reuse)).toEqual(a.settings.map((s) => s.reuse));
    expect(run(2).settings.map((s) => s.reuse)).not.toEqual(a.settings.map((s) => s.reuse));
  });

  it('keeps the budget on the front, and only there', () => {
    const free = explore(design, analyticalFpga, { part, bits: [8, 16] }),
      tight = explore(design, analyticalFpga, { part, bits: [8, 16], budget: { dsp: 20 } });
    expect(Math.max(...free.front.map((s) => s.prediction.targets.dsp.value))).toBeGreaterThan(20);
    expect(tight.front.length).toBeGreaterThan(0);
    for (const s of tight.front) expect(s.prediction.targets.dsp.value).toBeLessThanOrEqual(20);
    expect(tight.settings).toHaveLength(free.settings.length);
    const none = explore(design, analyticalFpga, { part, budget: { latency: 1 } });
    expect(none.front).toEqual([]);
    expect(none.warnings.at(-1)).toBe('no setting fits xc7z020 within the budget');
  });

  it('explains where more reuse costs more', () => {
    const { steps } = explore(design, analyticalFpga, { part });
    const bram = steps.find((s) => s.resource === 'bram18' && s.from === 1);
    expect(bram).toMatchObject({
      before: expect.any(Number),
      why: expect.stringMatching(/weights leave the logic for block RAM/),
    });
    for (const s of steps) {
      expect(s.after).toBeGreaterThan(s.before);
      expect(s.to).toBeGreaterThan(s.from);
    }
  });

  it('needs a layer with weights and a part', () => {
    const relu = hlsNetwork({ input: [4] })
      .relu()
      .build();
    expect(() => explore(relu, analyticalFpga, { part })).toThrow(/no layer with weights/);
    expect(() => explorePart({ ...design, part: undefined })).toThrow(/which part/);
    expect(() => explorePart(design, 'xc7z02')).toThrow(/no FPGA part 'xc7z02'/);
  });
});

describe('paretoFront', () => {
  const setting = (latency: number, ii: number, tightest: number, meanBits: number) =>
    ({ tightest, meanBits, prediction: { targets: { cycles: { value: latency }, ii: { value: ii } } } }) as unknown as Setting;
  it('holds every setting that none beats, and none that another beats', () => {
    const v = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(v, v, v, v), { minLength: 1, maxLength: 30 }), (rows) => {
        const all = rows.map(([a, b, c, d]) => setting(a, b, c, d)),
          front = paretoFront(all);
        const key = (s: Setting) => [s.prediction.targets.cycles.value, s.prediction.targets.ii.value, s.tightest, -s.meanBits];
        const beats = (a: Setting, b: Setting) => key(a).every((x, i) => x <= key(b)[i]);
        expect(front.length).toBeGreaterThan(0);
        for (const s of all) expect(front.some((f) => beats(f, s))).toBe(true);
        for (const f of front) expect(front.some((g) => g !== f && beats(g, f))).toBe(false);
      }),
    );
  });
});
