import { describe, expect, it } from 'vitest';
import { type OpGraph, parseOpGraph } from '../../src/graph/opGraph.js';

const graph = (): OpGraph => ({
  nodes: [
    { id: 'x', op: 'input', inputs: [], attrs: {}, shape: [1, 4], dtype: 'fp32' },
    { id: 'h', op: 'relu', inputs: ['x'], attrs: {}, shape: [1, 4], dtype: 'fp32' },
    { id: 'y', op: 'linear', inputs: ['h'], attrs: { outFeatures: 2, bias: 1 }, shape: [1, 2], dtype: 'fp32' },
  ],
  outputs: ['y'],
});
type Change = (g: { nodes: Record<string, unknown>[]; outputs: unknown }) => void;

describe('parseOpGraph', () => {
  it('gives back a good graph', () => {
    expect(parseOpGraph(JSON.parse(JSON.stringify(graph())))).toEqual(graph());
  });

  it.each<[string, Change, string]>([
    ['a repeated id', (g) => (g.nodes[1].id = 'x'), "node id 'x' appears twice"],
    ['an input that is no node', (g) => (g.nodes[1].inputs = ['z']), "node 'h' reads 'z', which does not stand before it"],
    ['an input that comes later', (g) => (g.nodes[1].inputs = ['y']), "node 'h' reads 'y', which does not stand before it"],
    ['a node that reads itself', (g) => (g.nodes[1].inputs = ['h']), "node 'h' reads 'h', which does not stand before it"],
    ['an unknown output', (g) => (g.outputs = ['q']), "output 'q' is no node of the graph"],
    ['no output', (g) => (g.outputs = []), 'outputs'],
    ['no node', (g) => (g.nodes = []), 'nodes'],
    ['an unknown operator', (g) => (g.nodes[1].op = 'relu7'), 'nodes[1].op'],
    ['an unknown element type', (g) => (g.nodes[2].dtype = 'fp31'), 'nodes[2].dtype'],
    ['a negative size', (g) => (g.nodes[2].shape = [1, -2]), 'nodes[2].shape[1]'],
    ['a fraction as size', (g) => (g.nodes[2].shape = [1, 2.5]), 'nodes[2].shape[1]'],
    ['an empty id', (g) => (g.nodes[0].id = ''), 'nodes[0].id'],
    ['an attribute that is an object', (g) => (g.nodes[2].attrs = { a: {} }), 'nodes[2].attrs.a'],
    ['an unknown field', (g) => (g.nodes[0].name = 'x'), 'name'],
    ['a close operator', (g) => (g.nodes[2].op = 'linea'), "no operator 'linea'; did you mean linear"],
    [
      'a shape its operator does not make',
      (g) => (g.nodes[2].shape = [7, 7]),
      "node 'y': states the shape [7,7], linear makes [1,2] of [1,4]",
    ],
    ['a missing attribute', (g) => (g.nodes[2].attrs = { bias: 1 }), "node 'y': linear: needs attrs.outFeatures (inputs [1,4])"],
    ['an unknown attribute', (g) => (g.nodes[1].attrs = { alpha: 1 }), "node 'h': relu: has no attribute 'alpha' (inputs [1,4])"],
    ['too many operands', (g) => (g.nodes[1].inputs = ['x', 'x']), "node 'h': relu: takes 1 input, has 2"],
    [
      'an output that an operator does not have',
      (g) => (g.nodes[2].inputs = ['h:1']),
      "node 'y' reads 'h:1', which does not stand before it",
    ],
    [
      'outputs that an operator does not make',
      (g) => (g.nodes[1].furtherOutputs = [{ shape: [1], dtype: 'fp32' }]),
      "node 'h': states 1 further outputs, relu makes 0",
    ],
  ])('refuses %s', (_, change, message) => {
    const bad = graph();
    change(bad as unknown as Parameters<Change>[0]);
    expect(() => parseOpGraph(bad, 'model.json')).toThrow(
      expect.objectContaining({ code: 'bad-input', where: 'model.json', message: expect.stringContaining(message) }),
    );
  });

  it('says what to do about a wrong attribute', () => {
    const bad = graph();
    bad.nodes[2].attrs = { outFeature: 2 };
    expect(() => parseOpGraph(bad)).toThrow(
      expect.objectContaining({
        hint: 'did you mean outFeatures? it takes outFeatures, bias, weightDtype, computeDtype, params, shape',
      }),
    );
  });

  it('takes the shape that a node states where its operator leaves it open', () => {
    const open = graph();
    open.nodes[1] = { id: 'h', op: 'reshape', inputs: ['x'], attrs: {}, shape: [2, 2], dtype: 'fp32' };
    open.nodes[2].shape = [2, 2];
    expect(parseOpGraph(open)).toEqual(open);
    open.nodes[1].shape = [2, 3];
    expect(() => parseOpGraph(open)).toThrow("node 'h': reshape: cannot make 6 elements [2,3] of 4 (inputs [1,4])");
  });

  it('reads nodes of several outputs', () => {
    const split: OpGraph = {
      nodes: [
        { id: 'x', op: 'input', inputs: [], attrs: {}, shape: [1, 6], dtype: 'fp32' },
        {
          id: 's',
          op: 'split',
          inputs: ['x'],
          attrs: { parts: [2, 4] },
          shape: [1, 2],
          dtype: 'fp32',
          furtherOutputs: [{ shape: [1, 4], dtype: 'fp32' }],
        },
        { id: 'y', op: 'relu', inputs: ['s:1'], attrs: {}, shape: [1, 4], dtype: 'fp32' },
      ],
      outputs: ['y', 's'],
    };
    expect(parseOpGraph(JSON.parse(JSON.stringify(split)))).toEqual(split);
    const wrong = JSON.parse(JSON.stringify(split));
    wrong.nodes[1].furtherOutputs[0].shape = [1, 3];
    expect(() => parseOpGraph(wrong)).toThrow("node 's': states the shape [1,3] of output 1, split makes [1,4]");
    expect(() => parseOpGraph({ ...split, outputs: ['s:2'] })).toThrow("output 's:2' is no node of the graph");
  });

  it('keeps assumptions, and is the same text where there are none', () => {
    expect(parseOpGraph({ ...graph(), assumptions: ['batch 1'] }).assumptions).toEqual(['batch 1']);
    expect(JSON.stringify(parseOpGraph({ ...graph(), assumptions: [] }))).toBe(JSON.stringify(graph()));
  });

  it.each([null, 'graph', [], 3])('refuses %j', (value) => {
    expect(() => parseOpGraph(value)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('not an operator graph') }),
    );
  });
});
