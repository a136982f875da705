import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { graph } from '../../src/graph/graphTensor.js';
import { graphCosts } from '../../src/graph/operatorCost.js';
import { parseOpGraph } from '../../src/graph/opGraph.js';

describe('graph()', () => {
  it('writes a chain in one line', () => {
    const net = graph('fp16').input([1, 128, 768]).linear(3072).gelu().linear(768).build();
    expect(net.nodes.map((n) => `${n.id} ${n.op} [${n.shape}] ${n.dtype}`)).toEqual([
      'n0 input [1,128,768] fp16',
      'n1 linear [1,128,3072] fp16',
      'n2 gelu [1,128,3072] fp16',
      'n3 linear [1,128,768] fp16',
    ]);
    expect(graphCosts(net).total.macs).toBe(2 * 128 * 768 * 3072);
    expect(parseOpGraph(JSON.parse(JSON.stringify(net)))).toEqual(net);
  });

  it('branches where a tensor is kept', () => {
    const x = graph().input([1, 16, 8, 8]);
    const y = x.conv2d(16, 3, { padding: 1, bias: false }).batchNorm().relu();
    const net = y.add(x).globalAvgPool().flatten().linear(10).softmax().build();
    expect(net.nodes.map((n) => `${n.op}(${n.inputs})`)).toEqual([
      'input()',
      'conv2d(n0)',
      'batch_norm(n1)',
      'relu(n2)',
      'add(n3,n0)',
      'global_avg_pool(n4)',
      'reshape(n5)',
      'linear(n6)',
      'softmax(n7)',
    ]);
    expect(net.nodes[1].attrs).toEqual({ kernel: 3, padding: 1, outChannels: 16, bias: 0 });
  });

  it('has several inputs, outputs and types', () => {
    const g = graph('bf16');
    const tokens = g.input([2, 10], 'int64');
    const x = tokens.embedding(1000, 64);
    const [q, k, v] = x.linear(3 * 64, { bias: false }).split([64, 64, 64], 2);
    const lstm = q.attention(k, v, { heads: 4, causal: true }).rmsNorm().lstm(32, { bidirectional: true });
    const net = lstm.build(lstm.output(1), x.op('cast', {}, [], 'fp32'));
    expect(net.outputs).toEqual(['n6', 'n6:1', 'n7']);
    expect(net.nodes.map((n) => [n.op, n.shape.join('x'), n.dtype])).toEqual([
      ['input', '2x10', 'int64'],
      ['embedding', '2x10x64', 'bf16'],
      ['linear', '2x10x192', 'bf16'],
      ['split', '2x10x64', 'bf16'],
      ['attention', '2x10x64', 'bf16'],
      ['rms_norm', '2x10x64', 'bf16'],
      ['lstm', '2x10x64', 'bf16'],
      ['cast', '2x10x64', 'fp32'],
    ]);
    expect(parseOpGraph(JSON.parse(JSON.stringify(net)))).toEqual(net);
  });

  it('covers windows and shapes', () => {
    const x = graph().input([1, 8, 16, 16]);
    const up = x.maxPool2d(2).depthwiseConv2d(3, { padding: 'same' }).convTranspose2d(8, 2, { stride: 2 });
    expect(up.shape).toEqual([1, 8, 16, 16]);
    expect(x.concat([up]).avgPool2d(3, { stride: 1, padding: 1 }).reshape([1, 16, 256]).transpose([0, 2, 1]).shape).toEqual([
      1, 256, 16,
    ]);
    const flat = x.reshape([1, 8, 256]);
    expect(flat.matmul(flat, { transposed: true }).shape).toEqual([1, 8, 8]);
    expect(flat.conv1d(4, 3).gru(5).shape).toEqual([1, 4, 5]);
  });

  it('says what does not fit', () => {
    const x = graph().input([1, 4]);
    expect(() => x.conv2d(8, 3)).toThrow('conv2d: needs an [N, C, H, W] input (inputs [1,4])');
    expect(() => x.add(graph().input([1, 4]))).toThrow('add: its operands belong to different graphs');
    expect(() => x.output(1)).toThrow("the graph has no tensor 'n0:1'");
    expect(() => x.op('sofmax')).toThrow("no operator 'sofmax'");
  });
});

describe('GraphBuilder', () => {
  it('carries assumptions', () => {
    const b = new GraphBuilder();
    const y = b.add('relu', [b.input([2])]);
    expect(b.build([y])).not.toHaveProperty('assumptions');
    expect(b.assume('batch 2').build([y]).assumptions).toEqual(['batch 2']);
  });

  it('gives graphs that stay as they were built', () => {
    const b = new GraphBuilder();
    const y = b.add('relu', [b.input([2])]);
    const first = b.build([y]);
    b.add('tanh', [y]);
    expect(first.nodes).toHaveLength(2);
    expect(graphCosts(first).each).toHaveLength(2);
  });
});
