import { describe, expect, it } from 'vitest';
import type { DeviceEvent, KinetoEvents, LaunchEvent, OpEvent } from '../../../../src/trace/formats/kineto/kinetoEvents.js';
import { linkKineto } from '../../../../src/trace/formats/kineto/kinetoLink.js';

const op = (name: string, start: number, end: number, externalId: number | null = null, thread = 'a'): OpEvent => ({
  name,
  thread,
  start,
  end,
  externalId,
  dims: null,
  types: [],
  concrete: null,
});
const launch = (start: number, correlation: number, externalId: number | null = null, thread = 'a'): LaunchEvent => ({
  thread,
  start,
  end: start + 1,
  kind: 'kernel',
  waits: false,
  correlation,
  externalId,
});
const kernel = (start: number, correlation: number | null, externalId: number | null = null): DeviceEvent => ({
  start,
  end: start + 1,
  kernel: true,
  device: 0,
  stream: '0/7',
  fault: null,
  correlation,
  externalId,
});
const link = (ops: OpEvent[], launches: LaunchEvent[], work: DeviceEvent[]) => {
  const linked = linkKineto({ ops, launches, work, windowEnd: null } as unknown as KinetoEvents);
  return { ...linked, names: linked.work.map((w) => (w.op < 0 ? null : linked.ops[w.op].name)) };
};

describe('linkKineto', () => {
  it('nests operators of a thread', () => {
    const { ops, parent } = link([op('inner', 2, 3), op('outer', 1, 5), op('other', 2, 3, null, 'b'), op('next', 5, 6)], [], []);
    expect(ops.map((o, i) => [o.name, parent[i] < 0 ? null : ops[parent[i]].name])).toEqual([
      ['outer', null],
      ['inner', 'outer'],
      ['next', null],
      ['other', null],
    ]);
  });

  it('links by External id where that operator was running at the launch', () => {
    expect(link([op('a', 0, 10, 1), op('b', 20, 30, 2)], [launch(22, 7, 2)], [kernel(40, 7)]).names).toEqual(['b']);
  });

  it('falls back to the innermost operator running on the thread', () => {
    const ops = [op('outer', 0, 100, 1), op('inner', 10, 20, 2), op('deep', 12, 14, 3), op('elsewhere', 0, 100, 4, 'b')];
    // External id repeats the correlation, as some profilers write it
    expect(
      link(
        ops,
        [launch(13, 900, 900), launch(16, 901, 901), launch(50, 902, 902)],
        [kernel(200, 900), kernel(201, 901), kernel(202, 902)],
      ).names,
    ).toEqual(['deep', 'inner', 'outer']);
    expect(link(ops, [launch(13, 4, 4)], [kernel(200, 4)]).names).toEqual(['elsewhere']);
  });

  it('gives one launch many kernels and says where there is no operator', () => {
    const linked = link(
      [op('a', 0, 10, 1)],
      [launch(5, 7, 1), launch(50, 8)],
      [kernel(20, 7), kernel(21, 7), kernel(60, 8), kernel(61, 99), kernel(62, null, 1)],
    );
    expect(linked.names).toEqual(['a', 'a', null, null, 'a']);
    expect(linked.work.map((w) => w.launch?.correlation ?? null)).toEqual([7, 7, 8, null, null]);
  });
});
