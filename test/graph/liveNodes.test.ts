import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { liveNodes } from '../../src/graph/liveNodes.js';

/** Live flags by the names under which the nodes were added. */
function live(build: (add: (name: string, ...args: Parameters<GraphBuilder['add']>) => string) => string[]) {
  const b = new GraphBuilder(),
    names: string[] = [];
  const outputs = build((name, ...args) => {
    names.push(name);
    return b.add(...args);
  });
  return Object.fromEntries(liveNodes(b.build(outputs)).map((flag, i) => [names[i], flag]));
}

describe('liveNodes', () => {
  it('leaves a chain alone', () => {
    expect(
      live((add) => {
        const x = add('x', 'input', [], { shape: [4] });
        return [add('y', 'relu', [x])];
      }),
    ).toEqual({ x: true, y: true });
  });

  it('what nobody reads is dead, and so is what only dead nodes read', () => {
    expect(
      live((add) => {
        const x = add('x', 'input', [], { shape: [4] });
        const a = add('a', 'exp', [x]);
        add('b', 'tanh', [a]);
        return [add('y', 'relu', [x])];
      }),
    ).toEqual({ x: true, a: false, b: false, y: true });
  });

  it('zero and what follows from it alone are constant; what feeds it is dead; an addition of it only passes on', () => {
    expect(
      live((add) => {
        const x = add('x', 'input', [], { shape: [4] });
        const feeds = add('feeds', 'exp', [x]);
        const after = add('after', 'tanh', [add('zero', 'zero', [feeds])]);
        const real = add('real', 'relu', [x]);
        return [add('y', 'gelu', [add('sum', 'add', [after, real])])];
      }),
    ).toEqual({ x: true, feeds: false, zero: false, after: false, real: true, sum: false, y: true });
  });

  it('an addition of two live operands works, of two constants does not', () => {
    const flags = live((add) => {
      const x = add('x', 'input', [], { shape: [4] });
      const dead = add('dead', 'add', [add('z1', 'zero', [x]), add('z2', 'zero', [x])]);
      const sum = add('sum', 'add', [x, add('r', 'relu', [x])]);
      return [add('y', 'add', [sum, dead])];
    });
    expect(flags).toMatchObject({ sum: true, dead: false, y: false, r: true });
  });

  it('an addition whose second operand is a weight outside the graph works', () => {
    expect(live((add) => [add('y', 'add', [add('x', 'input', [], { shape: [4] })])]).y).toBe(true);
  });

  it('keeps every output', () => {
    const flags = live((add) => {
      const x = add('x', 'input', [], { shape: [4] });
      return [add('a', 'exp', [x]), add('b', 'tanh', [x])];
    });
    expect(flags).toEqual({ x: true, a: true, b: true });
  });
});
