import type { Tensor } from '../../graph/operatorText.js';
import type { Dtype } from '../../graph/tensorType.js';
import { packedNumbers, protoFields } from '../source/protoFields.js';

/** An instruction of XLA. */
export interface HloInstruction {
  id: number;
  name: string;
  opcode: string;
  /** what it gives out, of a tuple the first tensor; undefined where that is none of a known type */
  output: Tensor | undefined;
  operands: number[];
  /** computations that it runs */
  called: number[];
  window: HloWindow[];
  convolution: HloConvolution | undefined;
  dot: HloDot | undefined;
  groups: number;
  /** what a custom call runs, and what its back end keeps of it */
  target: string;
  config: string;
}

/** One axis of a window. */
export interface HloWindow {
  size: number;
  stride: number;
  before: number;
  after: number;
  dilation: number;
  baseDilation: number;
}

/** Places of axes. */
export interface HloConvolution {
  batch: number;
  channels: number;
  sizes: number[];
  filterIn: number;
  filterOut: number;
  filterSizes: number[];
}

/** Axes that are summed over and axes of batches, left and right. */
export interface HloDot {
  summed: [number[], number[]];
  batch: [number[], number[]];
}

export interface HloModule {
  /** id of the computation that the module runs */
  entry: number;
  /** instructions of each computation, by id */
  computations: ReadonlyMap<number, ReadonlyMap<number, HloInstruction>>;
}

/** Of xla_data.proto, by number. */
const TYPES: Readonly<Record<number, Dtype>> = {
  1: 'bool',
  2: 'int8',
  3: 'int16',
  4: 'int32',
  5: 'int64',
  6: 'uint8',
  7: 'int16',
  8: 'int32',
  9: 'int64',
  10: 'fp16',
  11: 'fp32',
  12: 'fp64',
  16: 'bf16',
  19: 'fp8',
  20: 'fp8',
  21: 'int4',
  22: 'int4',
  24: 'fp8',
  25: 'fp8',
};

/**
 * An HloModuleProto of XLA (xla/service/hlo.proto); of its instructions what tells shapes and attributes. Constants, sources and stacks are not read.
 * @throws HwcastError `corrupt` where it is no message
 */
export function hloModule(message: Buffer, where: string): HloModule {
  const computations = new Map<number, Map<number, HloInstruction>>();
  let entry = Number.NaN;
  for (const { field, number, bytes } of protoFields(message, where))
    if (field === 6) entry = number;
    else if (field === 3) {
      const instructions = new Map<number, HloInstruction>();
      let id = 0;
      for (const part of protoFields(bytes, where))
        if (part.field === 5) id = part.number;
        else if (part.field === 2) {
          const instruction = instructionOf(part.bytes, where);
          instructions.set(instruction.id, instruction);
        }
      computations.set(id, instructions);
    }
  return { entry, computations };
}

function instructionOf(message: Buffer, where: string): HloInstruction {
  const made: HloInstruction = {
    id: 0,
    name: '',
    opcode: '',
    output: undefined,
    operands: [],
    called: [],
    window: [],
    convolution: undefined,
    dot: undefined,
    groups: 1,
    target: '',
    config: '',
  };
  for (const part of protoFields(message, where)) {
    const { field, number, bytes } = part;
    if (field === 1) made.name = bytes.toString('utf8');
    else if (field === 2) made.opcode = bytes.toString('utf8');
    else if (field === 3) made.output = tensorOf(bytes, where);
    else if (field === 15) made.window = windowOf(bytes, where);
    else if (field === 16) made.convolution = convolutionOf(bytes, where);
    else if (field === 28) made.target = bytes.toString('utf8');
    else if (field === 30) made.dot = dotOf(bytes, where);
    else if (field === 35) made.id = number;
    else if (field === 36) made.operands.push(...packedNumbers(part, where));
    else if (field === 38) made.called.push(...packedNumbers(part, where));
    else if (field === 43) made.config = bytes.toString('utf8');
    else if (field === 50) made.groups = number;
  }
  return made;
}

function tensorOf(message: Buffer, where: string): Tensor | undefined {
  const shape: number[] = [];
  let dtype: Dtype | undefined, first: Tensor | undefined;
  for (const part of protoFields(message, where))
    if (part.field === 2) dtype = TYPES[part.number];
    else if (part.field === 3) shape.push(...packedNumbers(part, where));
    else if (part.field === 4) first ??= tensorOf(part.bytes, where);
  return first ?? (dtype && shape.every((n) => Number.isSafeInteger(n) && n > 0) ? { shape, dtype } : undefined);
}

function windowOf(message: Buffer, where: string): HloWindow[] {
  const axes: HloWindow[] = [];
  for (const { field, bytes } of protoFields(message, where))
    if (field === 1) {
      const values = new Map<number, number>();
      for (const f of protoFields(bytes, where)) values.set(f.field, f.number);
      const value = (at: number, usual: number) => values.get(at) || usual;
      axes.push({
        size: value(1, 1),
        stride: value(2, 1),
        before: value(3, 0),
        after: value(4, 0),
        dilation: value(5, 1),
        baseDilation: value(6, 1),
      });
    }
  return axes;
}

function convolutionOf(message: Buffer, where: string): HloConvolution {
  const made: HloConvolution = { batch: 0, channels: 0, sizes: [], filterIn: 0, filterOut: 0, filterSizes: [] };
  for (const part of protoFields(message, where)) {
    const { field, number } = part;
    if (field === 3) made.filterIn = number;
    else if (field === 4) made.filterOut = number;
    else if (field === 6) made.filterSizes.push(...packedNumbers(part, where));
    else if (field === 7) made.batch = number;
    else if (field === 8) made.channels = number;
    else if (field === 11) made.sizes.push(...packedNumbers(part, where));
  }
  return made;
}

function dotOf(message: Buffer, where: string): HloDot {
  const lists: number[][] = [[], [], [], []];
  for (const part of protoFields(message, where)) lists[part.field - 1]?.push(...packedNumbers(part, where));
  const [left, right, batchLeft, batchRight] = lists;
  return { summed: [left, right], batch: [batchLeft, batchRight] };
}
