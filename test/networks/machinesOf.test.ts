import { describe, expect, it } from 'vitest';
import { drawnOnOwn, machinesOf } from '../../src/networks/machinesOf.js';
import type { DrawnMachines } from '../../src/networks/modelTable.js';
import { machineOf } from '../../src/surrogate/operatorSum/machine.js';

const captured = { hardware: 'H100-SXM', dtype: 'fp16', batch: 8, execution: 'graph' };
const draws = (value: number) => new Float64Array([value]);
const onGraph = { machines: [{ lowering: 'captured' as const, machine: machineOf(captured)! }], draws: draws(1) };
const onSession = {
  machines: [
    { lowering: 'session' as const, machine: machineOf({ threads: 4, dtype: 'fp32', batch: 1, execution: 'compiled' })! },
  ],
  draws: draws(2),
};
const DRAWN: DrawnMachines[] = [onGraph, onSession];

describe('machinesOf', () => {
  it('is the one machine of a setting that is wholly told', () => {
    const setting = { ...captured, hardware: 'L4' };
    expect(machinesOf(setting)).toEqual([{ lowering: 'captured', machine: machineOf(setting) }]);
    expect(machinesOf({ threads: 4, dtype: 'fp32', batch: 1, execution: 'compiled', framework: 'onnxruntime' })).toEqual(
      onSession.machines,
    );
  });

  it('tries what is not told of a GPU, and of a processor', () => {
    const gpus = machinesOf({ hardware: 'L4' })!;
    expect(new Set(gpus.map((m) => m.lowering))).toEqual(new Set(['captured', 'eager', 'compiled']));
    expect(new Set(gpus.map((m) => m.machine.batch))).toEqual(new Set([1, 8, 32, 256]));
    expect(new Set(gpus.map((m) => m.machine.width))).toEqual(new Set([2, 4]));
    const processors = machinesOf({ hardware: 'Xeon Platinum 8480+' })!;
    expect(new Set(processors.map((m) => m.machine.units))).toEqual(new Set([1, 4, 16]));
    expect(new Set(processors.map((m) => m.machine.kind))).toEqual(new Set(['processor']));
  });

  it('is the same objects for the same setting, whatever the order and what is left undefined', () => {
    const a = machinesOf({ hardware: 'L4', dtype: 'fp16' });
    expect(machinesOf({ dtype: 'fp16', batch: undefined, hardware: 'L4' })).toBe(a);
  });

  it('knows nothing of hardware that is not told, of phones, and of element types and executions that are none', () => {
    expect(machinesOf({ dtype: 'fp16', batch: 1, execution: 'graph' })).toBeUndefined();
    expect(machinesOf({ hardware: 'a board', execution: 'eager' })).toBeUndefined();
    expect(machinesOf({ hardware: 'L4', dtype: 'w4a16x' })).toBeUndefined();
    expect(machinesOf({ hardware: 'L4', execution: 'tensorrt' })).toBeUndefined();
  });
});

describe('drawnOnOwn', () => {
  it('leaves draws as they are where nothing is told', () => {
    expect(drawnOnOwn(DRAWN, undefined)).toBe(DRAWN);
    expect(drawnOnOwn(DRAWN, { hardware: 'a board' })).toBe(DRAWN);
  });

  it('puts draws on the machines of the task, each of its kind of runtime', () => {
    const setting = { ...captured, hardware: 'L4' };
    expect(drawnOnOwn(DRAWN, setting)).toEqual([{ machines: machinesOf(setting), draws: onGraph.draws }]);
    const [of, ...others] = drawnOnOwn(DRAWN, { threads: 16 });
    expect(others).toEqual([]);
    expect(of.draws).toBe(onSession.draws);
    expect(of.machines.map((m) => [m.lowering, m.machine.units])).toEqual([['session', 16]]);
  });

  it('takes draws of other kinds of runtime where none is of its own', () => {
    const of = drawnOnOwn(DRAWN, { ...captured, hardware: 'L4', execution: 'compiled' });
    const told = of.filter((d) => d.machines.every((m) => m.lowering === 'compiled'));
    expect(told.map((d) => d.draws[0])).toEqual([1, 2]);
    const others = of.filter((d) => d.machines.some((m) => m.lowering === 'captured'));
    expect(others.map((d) => d.draws[0])).toEqual([1]);
  });
});
