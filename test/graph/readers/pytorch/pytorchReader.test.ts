import { strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../../../src/core/errors.js';
import { graphCosts } from '../../../../src/graph/operatorCost.js';
import { parseOpGraph } from '../../../../src/graph/opGraph.js';
import { pytorchReader } from '../../../../src/graph/readers/pytorch/pytorchReader.js';
import { archive, BOOL, INT8, INT64, programJson, readTiny, type TinyProgram } from './tinyProgram.js';

const linear: TinyProgram = {
  inputs: { x: { sizes: [2, 8] } },
  parameters: { w: { sizes: [4, 8] }, b: { sizes: [4] } },
  nodes: [['linear', { input: 'x', weight: 'w', bias: 'b' }, { y: { sizes: [2, 4] } }]],
  outputs: ['y'],
};

/** Message and hint of what reading throws. */
async function fault(bytes: Uint8Array, name = 'model.pt2', options = {}): Promise<string> {
  try {
    await pytorchReader.read({ name, bytes }, options);
  } catch (error) {
    if (error instanceof HwcastError) return `${error.code}: ${error.describe()}`;
    throw error;
  }
  return 'nothing thrown';
}
const ops = (graph: { nodes: { op: string }[] }) => graph.nodes.map((n) => n.op);

describe('pytorchReader', () => {
  it('knows archives, programs and pickles by content', () => {
    const detect = (bytes: Uint8Array, name = 'file') => pytorchReader.detect(bytes, name);
    expect(detect(strToU8(programJson(linear)))).toBe('certain');
    expect(detect(archive({ 'm/data/weights/weight_0': 'x', 'm/models/model.json': '{}' }))).toBe('certain');
    expect(detect(archive({ 'config.json': '{}' }))).toBeUndefined();
    expect(detect(new Uint8Array([0x80, 2, 0x8a]), 'model.pt')).toBe('certain');
    expect(detect(strToU8('{"nodes": []}'))).toBeUndefined();
  });

  it('reads a program, and one inside an archive', async () => {
    const model = await readTiny(linear);
    expect(model.graph.nodes).toEqual([
      expect.objectContaining({ op: 'input', shape: [2, 8] }),
      expect.objectContaining({ op: 'linear', attrs: { outFeatures: 4, bias: 1 }, shape: [2, 4], dtype: 'fp32' }),
    ]);
    expect(graphCosts(model.graph).total).toMatchObject({ macs: 64, params: 36 });
    expect(model.warnings).toEqual([]);
    const packed = archive({ 'm/data/weights/weight_0': 'never read', 'm/models/model.json': programJson(linear) });
    expect(await pytorchReader.read({ name: 'dir/tiny.pt2', bytes: packed }, {})).toEqual([{ ...model, name: 'tiny' }]);
    const old = archive({ 'serialized_exported_program.json': programJson(linear), version: '5.1' });
    expect((await pytorchReader.read({ name: 'old.pt2', bytes: old }, {}))[0].graph).toEqual(model.graph);
  });

  it('counts each parameter once: shared, sliced, transposed, without a shift', async () => {
    const model = await readTiny({
      inputs: { ids: { sizes: [1, 3], dtype: INT64 } },
      parameters: { table: { sizes: [10, 4] }, scale: { sizes: [4] }, both: { sizes: [8, 4] }, square: { sizes: [4, 5] } },
      nodes: [
        ['embedding', { weight: 'table', indices: 'ids' }, { e: { sizes: [1, 3, 4] } }],
        ['layer_norm', { input: 'e', normalized_shape: [4], weight: 'scale', bias: null }, { n: { sizes: [1, 3, 4] } }],
        ['slice', { self: 'both', dim: 0, start: 0, end: 4 }, { first: { sizes: [4, 4] } }],
        ['slice', { self: 'both', dim: 0, start: 4, end: 8 }, { second: { sizes: [4, 4] } }],
        ['linear', { input: 'n', weight: 'first' }, { q: { sizes: [1, 3, 4] } }],
        ['linear', { input: 'q', weight: 'second' }, { k: { sizes: [1, 3, 4] } }],
        ['t', { self: 'square' }, { turned: { sizes: [5, 4] } }],
        ['t', { self: 'turned' }, { back: { sizes: [4, 5] } }],
        ['matmul', { self: 'k', other: 'back' }, { s: { sizes: [1, 3, 5] } }],
        ['linear', { input: 'k', weight: 'table' }, { logits: { sizes: [1, 3, 10] } }],
      ],
      outputs: ['logits', 's'],
    });
    const { each, total } = graphCosts(model.graph);
    expect(ops(model.graph)).toEqual(['input', 'embedding', 'layer_norm', 'linear', 'linear', 'linear', 'linear']);
    expect(each.map((c) => c.params)).toEqual([0, 40, 4, 16, 16, 20, 0]);
    expect(total.macs).toBe(3 * (16 + 16 + 20 + 40));
    expect(each[6].bytesWeights + each[6].bytesIn).toBeGreaterThan(0);
  });

  it('reads learned values and buffers as operands of their own', async () => {
    const model = await readTiny({
      inputs: { x: { sizes: [2, 3, 4] } },
      parameters: { position: { sizes: [3, 4] } },
      buffers: { mask: { sizes: [3], dtype: BOOL } },
      nodes: [
        ['unsqueeze', { self: 'position', dim: 0 }, { p: { sizes: [1, 3, 4] } }],
        ['add', { self: 'x', other: 'p' }, { y: { sizes: [2, 3, 4] } }],
        ['unsqueeze', { self: 'mask', dim: 1 }, { m: { sizes: [3, 1], dtype: BOOL } }],
        ['masked_fill', { self: 'y', mask: 'm', value: 0 }, { z: { sizes: [2, 3, 4] } }],
      ],
      outputs: ['z'],
    });
    expect(ops(model.graph)).toEqual(['input', 'stored', 'view', 'add', 'stored', 'view', 'where']);
    expect(graphCosts(model.graph).total.params).toBe(12);
    expect(parseOpGraph(model.graph)).toEqual(model.graph);
  });

  it('views are free, what strides cannot say is a copy', async () => {
    const model = await readTiny({
      inputs: { x: { sizes: [2, 3, 4], strides: [12, 4, 1] } },
      nodes: [
        ['transpose', { self: 'x', dim0: 1, dim1: 2 }, { t: { sizes: [2, 4, 3], strides: [12, 1, 4] } }],
        ['reshape', { self: 'x', shape: [6, 4] }, { seen: { sizes: [6, 4], strides: [4, 1] } }],
        ['reshape', { self: 't', shape: [8, 3] }, { copied: { sizes: [8, 3], strides: [3, 1] } }],
        ['contiguous', { self: 'seen' }, { same: { sizes: [6, 4], strides: [4, 1] } }],
        ['contiguous', { self: 't' }, { dense: { sizes: [2, 4, 3], strides: [12, 3, 1] } }],
        ['split', { self: 'same', split_size: 3 }, { a: { sizes: [3, 4] }, b: { sizes: [3, 4] } }],
        ['mul', { self: 'a', other: 'b' }, { y: { sizes: [3, 4] } }],
      ],
      outputs: ['y', 'dense', 'copied'],
    });
    const { each } = graphCosts(model.graph);
    const paid = model.graph.nodes.filter((_, i) => each[i].bytesOut > 0);
    expect(ops({ nodes: paid })).toEqual(['copy', 'copy', 'mul']);
  });

  it('an operator it does not know is opaque, with a warning that says how much it is', async () => {
    const model = await readTiny({
      ...linear,
      nodes: [...linear.nodes, ['mylib.fancy.default', { a: 'y' }, { z: { sizes: [2, 4] } }]],
      outputs: ['z'],
    });
    expect(model.graph.nodes[2]).toMatchObject({ op: 'opaque', attrs: { kind: 'mylib::fancy' }, shape: [2, 4] });
    expect(model.warnings).toEqual([expect.stringMatching(/mylib::fancy.* % of all bytes/)]);
  });

  it('runs through a graph that a setting wraps, and says what is behind a condition', async () => {
    const inside = {
      inputs: [{ as_tensor: { name: 'a' } }],
      outputs: [{ as_tensor: { name: 'r' } }],
      nodes: [
        {
          target: 'torch.ops.aten.relu.default',
          inputs: [{ name: 'self', arg: { as_tensor: { name: 'a' } }, kind: 1 }],
          outputs: [{ as_tensor: { name: 'r' } }],
        },
      ],
      tensor_values: Object.fromEntries(['a', 'r'].map((n) => [n, { dtype: 7, sizes: [{ as_int: 2 }, { as_int: 8 }] }])),
    };
    const graph = { as_graph: { name: 'body', graph: inside } };
    const of = (target: string, args: Record<string, unknown>) =>
      readTiny({ inputs: linear.inputs, nodes: [[target, args, { y: { sizes: [2, 8] } }]], outputs: ['y'] });
    const wrapped = await of('higher_order.wrap_with_set_grad_enabled', { enabled: false, body: graph, arg: 'x' });
    expect(ops(wrapped.graph)).toEqual(['input', 'relu']);
    const condition = await of('higher_order.cond', { pred: true, yes: graph, no: graph, operands: ['x'] });
    expect(ops(condition.graph)).toEqual(['input', 'opaque']);
    expect(condition.warnings.join()).toContain('higher_order::cond is opaque: the 2 operators inside it are not counted');
  });

  it('int8 around a product is int8 work', async () => {
    const q = { scales: 0.1, zero_points: 0 };
    const model = await readTiny({
      inputs: { x: { sizes: [2, 8] } },
      parameters: { w: { sizes: [4, 8], dtype: INT8 } },
      nodes: [
        ['quantized_decomposed.quantize_per_tensor.default', { input: 'x', ...q }, { xq: { sizes: [2, 8], dtype: INT8 } }],
        ['quantized_decomposed.dequantize_per_tensor.default', { input: 'xq', ...q }, { xf: { sizes: [2, 8] } }],
        ['quantized_decomposed.dequantize_per_channel.default', { input: 'w', ...q }, { wf: { sizes: [4, 8] } }],
        ['linear', { input: 'xf', weight: 'wf' }, { y: { sizes: [2, 4] } }],
      ],
      outputs: ['y'],
    });
    expect(ops(model.graph)).toEqual(['input', 'quantize', 'dequantize', 'linear']);
    expect(model.graph.nodes[3].attrs).toMatchObject({ weightDtype: 'int8', computeDtype: 'int8' });
    expect(graphCosts(model.graph).each[3]).toMatchObject({ macs: 64, params: 32, bytesWeights: 32 });
  });
});

describe('open sizes', () => {
  const open: TinyProgram = {
    inputs: { x: { sizes: ['s0', "Symbol('s1', positive=True, integer=True)", 8] } },
    parameters: { w: { sizes: [4, 8] } },
    nodes: [
      ['linear', { input: 'x', weight: 'w' }, { y: { sizes: ['s0', 's1', 4] } }],
      ['reshape', { self: 'y', shape: [1] }, { z: { sizes: ["Mul(Symbol('s0'), Symbol('s1'))", 4] } }],
    ],
    outputs: ['z'],
  };

  it('follow from --batch, --shape and names of dimensions', async () => {
    const macs = async (options: object) => graphCosts((await readTiny(open, options)).graph).total.macs;
    expect(await macs({ shapes: { x: [2, 5, 8] } })).toBe(2 * 5 * 32);
    expect(await macs({ batch: 3, dims: { s1: 5 } })).toBe(3 * 5 * 32);
    const model = await readTiny(open, { dims: { s1: 5 } });
    expect(model.graph.assumptions).toEqual(["batch 1: the first axis of the input 'x' is open (--batch sets it)"]);
  });

  it('are arguments of operators too', async () => {
    const model = await readTiny(
      {
        inputs: { x: { sizes: ['s0', 8] } },
        nodes: [
          [
            'topk',
            { self: 'x', k: { as_sym_int: { as_name: 'half' } }, dim: { as_int: 0 } },
            { y: { sizes: ['s0//2', 8] }, i: { sizes: ['s0//2', 8], dtype: INT64 } },
          ],
        ],
        sizes: { half: 's0//2' },
        outputs: ['y', 'i'],
      },
      { batch: 6 },
    );
    expect(model.graph.nodes[1]).toMatchObject({ op: 'topk', attrs: { k: 3, axis: 0 }, shape: [3, 8] });
    expect(model.graph.outputs).toEqual(['n1', 'n1:1']);
  });

  it('left open are an error that names the input and the flag', async () => {
    const read = (options: object, program = open) => fault(strToU8(programJson(program)), 'm.json', options);
    expect(await read({})).toBe("bad-input: m.json: axis 1 of the input 'x' is open (s1)\n  say it with --shape x=NxNx8");
    expect(await read({ shapes: { y: [1] } })).toContain("the program has no input 'y'\n  its inputs are x");
    expect(await read({ shapes: { x: [1, 5] } })).toContain('it has 3 axes');
    expect(await read({ shapes: { x: [1, 5, 9] } })).toContain("axis 2 of the input 'x' is fixed to 8 in the file, not 9");
    expect(await read({ batch: 4 }, linear)).toContain("the batch of the input 'x' is fixed to 2 in the file, not 4");
  });
});

describe('files that hold no program', () => {
  const hint = 'write it with torch.export.save(torch.export.export(model, (example,)), "model.pt2")';

  it('say what they are and what to do', async () => {
    expect(await fault(archive({ 'm/data.pkl': 'x', 'm/data/0': 'y' }), 'm.pt')).toBe(
      `unsupported: m.pt: no exported program inside: it is a pickle of PyTorch (torch.save): weights or Python objects, not what runs\n  ${hint}`,
    );
    expect(await fault(archive({ 'm/code/a.py': 'x', 'm/data.pkl': 'x' }))).toContain('a TorchScript archive');
    expect(await fault(archive({ 'm/other.txt': 'x' }))).toContain('an archive without models/*.json');
    expect(await fault(new Uint8Array([0x80, 2, 0x8a, 10]), 'old.pt')).toContain(hint);
  });

  it('or are cut, damaged, or newer', async () => {
    const whole = archive({ 'm/models/model.json': programJson(linear) });
    expect(await fault(whole.subarray(0, whole.length - 30))).toContain('corrupt: model.pt2: the archive is cut or damaged');
    const text = programJson(linear);
    expect(await fault(strToU8(text.slice(0, 500)), 'm.json')).toContain('corrupt: m.json: the program is cut or damaged');
    expect(await fault(strToU8('{"graph_module": {}}'), 'm.json')).toContain(
      'corrupt: m.json: no whole exported program: graph_module.graph',
    );
    expect(await fault(strToU8(text.replace('"major":8', '"major":9')), 'm.json')).toContain('newer-format');
    expect(await fault(strToU8(text.replaceAll('"x"', '"q"').replace('{"name":"q"}', '{"name":"x"}')), 'm.json')).toMatch(
      /corrupt: m.json: .*'x'/,
    );
  });
});
