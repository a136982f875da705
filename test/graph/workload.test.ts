import { describe, expect, it } from 'vitest';
import { SPACES, spaceNamed } from '../../src/graph/spaces/index.js';
import { encodeArch } from '../../src/graph/spaces/space.js';
import { parseWorkload, spaceWorkload, workloadGraph } from '../../src/graph/workload.js';
import { freeWorkload } from '../dataset/tinyDataset.js';

const CELL = '|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|';
const OFA = `224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`;

describe('parseWorkload', () => {
  it.each([CELL, `nasbench201:${CELL}`, 'nasbench201:#9', 'nasbench201:9', ` nasbench201:#9 \n`])(
    'gives %j its canonical id',
    (text) => {
      expect(parseWorkload(text)).toMatchObject({ id: `nasbench201:${CELL}`, arch: [4, 0, 0, 1, 0, 3] });
    },
  );

  it.each([
    ['0123456780123456780123', 'fbnet'],
    [OFA, 'ofa'],
    [CELL, 'nasbench201'],
  ])('knows the space of %j without a prefix', (code, space) => {
    expect(parseWorkload(code)).toMatchObject({ id: `${space}:${code}`, space: { name: space } });
  });

  it.each([
    ['nasbench202:#1', 'not-found', "no space 'nasbench202'; known: nasbench201, fbnet, ofa"],
    ['fbnett:0', 'not-found', "no space 'fbnett'; known: fbnet"],
    ['constructor:1', 'not-found', "no space 'constructor'"],
    ['resnet50', 'bad-input', "'resnet50' is no workload of a known space"],
    ['4711', 'bad-input', "'4711' is no workload of a known space"],
    ['', 'bad-input', "'' is no workload of a known space"],
    ['nasbench201:#99999', 'bad-input', 'not #99999'],
    ['ofa:224', 'bad-input', 'not an OFA network'],
    ['fbnet:9', 'bad-input', "not an FBNet network: '9'"],
  ])('refuses %j', (text, code, message) => {
    expect(() => parseWorkload(text)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it('cuts a long text short in its message', () => {
    expect(() => parseWorkload('x'.repeat(5000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{100,200}$/) }),
    );
  });
});

describe('workloadGraph', () => {
  it('expands networks of a space, with the wanted batch, and gives a free graph back', () => {
    const w = parseWorkload('nasbench201:#9');
    expect(workloadGraph(w, { batch: 3 }).nodes[0].shape).toEqual([3, 3, 32, 32]);
    const free = freeWorkload('free');
    expect(workloadGraph(free)).toBe(free.graph);
  });

  it('refuses a workload that is neither', () => {
    expect(() => workloadGraph({ id: 'nothing' })).toThrow(
      expect.objectContaining({ code: 'bad-input', message: "workload 'nothing' has neither graph nor space" }),
    );
  });
});

describe('spaces', () => {
  it.each(Object.values(SPACES))('$name draws networks of its choices, from its one source of chance', (space) => {
    let state = 1;
    const random = () => {
      state = (state * 16807) % 2147483647;
      return (state - 1) / 2147483646;
    };
    for (let n = 0; n < 50; n++) {
      const arch = space.draw(random);
      expect(arch).toHaveLength(space.choices.length);
      expect(arch.every((v, i) => Number.isInteger(v) && v >= 0 && v < space.choices[i])).toBe(true);
      expect(spaceWorkload(space, arch).id).toBe(`${space.name}:${space.format(arch)}`);
      const { nodes, edges } = space.compactGraph(arch);
      expect(nodes.every((c) => space.nodeClasses[c] !== undefined)).toBe(true);
      expect(edges.every(([from, to]) => from >= 0 && from < to && to < nodes.length)).toBe(true);
    }
    expect(space.draw(() => 0)).toEqual(space.choices.map(() => 0));
    expect(space.draw(() => 1 - 2 ** -53)).toEqual(space.choices.map((n) => n - 1));
    expect(spaceNamed(space.name)).toBe(space);
  });

  it('encodeArch is one-hot by choice', () => {
    const code = encodeArch(SPACES.nasbench201, [4, 0, 1, 2, 3, 4]);
    expect(code).toHaveLength(30);
    expect([...code.entries()].filter(([, v]) => v === 1).map(([i]) => i)).toEqual([4, 5, 11, 17, 23, 29]);
    expect(code.reduce((a, b) => a + b)).toBe(6);
  });
});
