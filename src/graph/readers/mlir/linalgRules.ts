import { type Contraction, convolved, product } from './contraction.js';
import { topLevel } from './mlirText.js';
import { numbersOf } from './mlirTypes.js';
import type { MlirRule, MlirValue, MlirVisit } from './mlirVisit.js';
import { constant, reductionKind } from './stablehloRules.js';

const elementwise =
  (op: string, operands?: number): MlirRule =>
  (visit) =>
    visit.elementwise(op, operands ? visit.operands.slice(0, operands) : visit.operands);
/** Structured operations write into the last operand, which is no input of theirs. */
const structured =
  (op: string): MlirRule =>
  (visit) =>
    visit.elementwise(op, visit.operands.slice(0, -1));

const axis = (...axes: number[]) => axes;
const matrices =
  (contraction: Contraction): MlirRule =>
  (visit) =>
    product(visit, visit.operand(0), visit.operand(1), contraction, visit.shape(0, visit.operands.at(-1)?.shape));
const NONE = [[], []] as const;

/** `linalg.conv_2d_nhwc_hwcf` and the like: axes by letter; `depthwise` convolutions have as many groups as channels. */
const namedConvolution: MlirRule = (visit) => {
  const names = /(\d)d_(?:n?gc?|n)?(?:(n[\w]+)_([\w]+))$/.exec(visit.operation.name.replace('_q', ''));
  const [x, weights] = [visit.operand(0), visit.operand(1)];
  const depthwise = visit.operation.name.includes('depthwise');
  const input = /_(n[a-z]+)_/.exec(visit.operation.name)?.[1];
  const filter = /_n[a-z]+_([a-z]+)/.exec(visit.operation.name)?.[1];
  if (!input || !filter || !names) return visit.opaque();
  const places = [...input].flatMap((letter, i) => (/[dhw]/.test(letter) ? [i] : []));
  const kernel = [...filter].flatMap((letter, i) => (/[dhw]/.test(letter) ? [weights.shape[i]] : []));
  const channels = x.shape[input.indexOf('c')];
  const multiplier = filter.includes('m') ? weights.shape[filter.indexOf('m')] : 1;
  const each = (name: string) => {
    const values = numbersOf(visit.text, name) ?? [1];
    return kernel.map((_, i) => values[i] ?? values[0]);
  };
  const made = convolved(visit, x, weights, {
    input: { batch: x.shape[input.indexOf('n')], channels, places: places.map((i) => x.shape[i]) },
    outChannels: depthwise ? channels * multiplier : weights.shape[filter.indexOf('f')],
    kernel,
    stride: each('strides'),
    dilation: each('dilations'),
    inputDilation: kernel.map(() => 1),
    padding: kernel.map(() => [0, 0] as const),
    groups: depthwise ? channels : 1,
  });
  if (!made) return visit.opaque();
  return visit.reshaped({ tensor: made, shape: visit.model.shapeOf(made) }, visit.shape(0, visit.operands.at(-1)?.shape));
};

/** `linalg.pooling_nhwc_max` and the like; the second operand is the window. */
const pooling: MlirRule = (visit) => {
  const [, layout, kind] = /pooling_(n[a-z]+)_(max|min|sum)/.exec(visit.operation.name) ?? [];
  const [x, window] = [visit.operand(0), visit.operand(1)];
  if (!layout) return visit.opaque();
  const shape = visit.shape(0, visit.operands.at(-1)?.shape);
  const places = [...layout].flatMap((letter, i) => (/[dhw]/.test(letter) ? [i] : []));
  const [n, c] = [layout.indexOf('n'), layout.indexOf('c')];
  const sizes = (from: readonly number[]) => [from[n], from[c], ...places.map((i) => from[i])];
  const strides = numbersOf(visit.text, 'strides') ?? [1];
  const made = visit.value(
    `${kind === 'sum' ? 'avg' : 'max'}_pool${places.length}d`,
    [visit.reshaped(x, sizes(x.shape)).tensor],
    {
      kernel: [...window.shape],
      stride: places.map((_, i) => strides[i] ?? strides[0]),
      shape: sizes(shape),
    },
  );
  return visit.reshaped(made, shape);
};

/** Results of the affine maps of a `linalg.generic`: names of loops, or expressions of them. */
const mapsOf = (text: string): string[][] =>
  [...text.matchAll(/affine_map<\([^)]*\)\s*->\s*\(([^)]*)\)>/g)].map(([, results]) => topLevel(results));

const BODY: readonly [RegExp, string][] = [
  [/math\.(exp|log|tanh|erf|sqrt|rsqrt|sin|cos)\b/, '$1'],
  [/arith\.(?:max)/, 'max'],
  [/arith\.(?:min)/, 'min'],
  [/arith\.div/, 'div'],
  [/arith\.mul/, 'mul'],
  [/arith\.sub/, 'sub'],
  [/arith\.add/, 'add'],
  [/arith\.(?:trunc|ext|sitofp|fptosi|uitofp|index_cast)/, 'cast'],
  [/arith\.select/, 'where'],
];

/** `linalg.generic`: a product where its loops multiply and add, a reduction, or one element of each operand. */
const generic: MlirRule = (visit) => {
  const maps = mapsOf(visit.text);
  const reads = visit.operands.slice(0, maps.length - 1);
  const output = maps.at(-1);
  const loops = [...(/iterator_types\s*=\s*\[([^\]]*)\]/.exec(visit.text)?.[1] ?? '').matchAll(/parallel|reduction/g)].map(
    String,
  );
  if (!output || visit.operation.results.length > 1 || !reads.length) return visit.opaque();
  if (!loops.includes('reduction')) {
    const op = BODY.find(([pattern]) => pattern.test(visit.text));
    const name = op?.[1] === '$1' ? op[0].exec(visit.text)![1] : (op?.[1] ?? 'copy');
    return spread(visit, name, reads, maps, output);
  }
  if (reads.length === 1) return reducedLoops(visit, reads[0], maps[0], output);
  if (reads.length !== 2 || !/arith\.mul/.test(visit.text) || maps.flat().some((loop) => !/^d\d+$/.test(loop)))
    return visit.opaque();
  const places = (map: readonly string[], keep: (loop: string) => boolean) => map.flatMap((loop, i) => (keep(loop) ? [i] : []));
  const [left, right] = maps;
  const both = (loop: string) => left.includes(loop) && right.includes(loop);
  const order = (keep: (loop: string) => boolean): [number[], number[]] => [
    places(left, keep),
    left.filter(keep).map((loop) => right.indexOf(loop)),
  ];
  return product(
    visit,
    reads[0],
    reads[1],
    { batch: order((l) => both(l) && output.includes(l)), contracted: order((l) => both(l) && !output.includes(l)) },
    visit.shape(0, visit.operands.at(-1)?.shape),
  );
};

/** One element of each operand; operands that lack loops of the result are broadcast. */
function spread(visit: MlirVisit, op: string, reads: MlirValue[], maps: string[][], output: string[]): MlirValue {
  const shape = visit.shape(0, visit.operands.at(-1)?.shape);
  const tensors = reads.map((value, k) =>
    maps[k].length === value.shape.length && value.shape.length < shape.length
      ? visit.model.reshape(
          visit.whole(value),
          output.map((loop) => (maps[k].includes(loop) ? value.shape[maps[k].indexOf(loop)] : 1)),
        )
      : value.tensor,
  );
  const operands = tensors.map((tensor) => ({ tensor, shape: visit.model.shapeOf(tensor) }));
  return op === 'copy' || op === 'cast'
    ? visit.value('copy', [visit.whole(operands[0])], { shape: [...shape] })
    : visit.elementwise(op, operands);
}

function reducedLoops(visit: MlirVisit, x: MlirValue, map: string[], output: string[]): MlirValue {
  const axes = map.flatMap((loop, i) => (output.includes(loop) ? [] : [i]));
  const made = visit.value('reduce', [visit.whole(x)], { axis: axes, kind: reductionKind(visit.text) });
  return visit.reshaped(made, visit.shape(0, visit.operands.at(-1)?.shape));
}

const reduce: MlirRule = (visit) =>
  visit.value('reduce', [visit.whole(visit.operand(0))], {
    axis: numbersOf(visit.text, 'dimensions') ?? [],
    kind: reductionKind(visit.text),
  });

const spreadOut: MlirRule = (visit) => {
  const x = visit.operand(0);
  const added = numbersOf(visit.text, 'dimensions') ?? [];
  const shape = visit.shape(0, visit.operands.at(-1)?.shape);
  const sizes = [...x.shape];
  return {
    tensor: visit.model.reshape(
      visit.whole(x),
      shape.map((_, i) => (added.includes(i) ? 1 : sizes.shift()!)),
    ),
    shape,
  };
};

const filled: MlirRule = (visit) => {
  const shape = visit.shape(0, visit.operands.at(-1)?.shape);
  return {
    tensor: visit.model.constant(
      shape.map(() => 1),
      visit.dtype(),
    ),
    shape,
    fixed: { counted: true },
  };
};

const moved =
  (op: string): MlirRule =>
  (visit) =>
    visit.value(op, [visit.whole(visit.operand(0))], { shape: [...visit.shape(0, undefined)] });
const renamed: MlirRule = (visit) => visit.reshaped(visit.operand(0), visit.shape(0, undefined));

const ARITHMETIC: Readonly<Record<string, string>> = {
  addf: 'add',
  addi: 'add',
  subf: 'sub',
  subi: 'sub',
  mulf: 'mul',
  muli: 'mul',
  divf: 'div',
  divsi: 'div',
  maximumf: 'max',
  minimumf: 'min',
  maxsi: 'max',
  minsi: 'min',
  negf: 'neg',
  select: 'where',
  cmpf: 'greater',
  cmpi: 'greater',
  truncf: 'cast',
  extf: 'cast',
  sitofp: 'cast',
  fptosi: 'cast',
  powf: 'pow',
  absf: 'abs',
};

const RULES: Readonly<Record<string, MlirRule>> = {
  'linalg.matmul': matrices({ batch: NONE, contracted: [axis(1), axis(0)] }),
  'linalg.quantized_matmul': matrices({ batch: NONE, contracted: [axis(1), axis(0)] }),
  'linalg.matmul_transpose_b': matrices({ batch: NONE, contracted: [axis(1), axis(1)] }),
  'linalg.matmul_transpose_a': matrices({ batch: NONE, contracted: [axis(0), axis(0)] }),
  'linalg.batch_matmul': matrices({ batch: [axis(0), axis(0)], contracted: [axis(2), axis(1)] }),
  'linalg.batch_matmul_transpose_b': matrices({ batch: [axis(0), axis(0)], contracted: [axis(2), axis(2)] }),
  'linalg.matvec': matrices({ batch: NONE, contracted: [axis(1), axis(0)] }),
  'linalg.vecmat': matrices({ batch: NONE, contracted: [axis(0), axis(0)] }),
  'linalg.dot': matrices({ batch: NONE, contracted: [axis(0), axis(0)] }),
  'linalg.generic': generic,
  'linalg.reduce': reduce,
  'linalg.broadcast': spreadOut,
  'linalg.transpose': (visit) =>
    visit.value('transpose', [visit.whole(visit.operand(0))], { order: numbersOf(visit.text, 'permutation') ?? [] }),
  'linalg.fill': filled,
  'linalg.softmax': structured('softmax'),
  'linalg.map': structured('add'),
  ...Object.fromEntries(
    'abs ceil exp floor log tanh erf sqrt rsqrt square reciprocal round add sub mul div max min'
      .split(' ')
      .map((op) => [`linalg.${op}`, structured(op)]),
  ),
  'linalg.negf': structured('neg'),
  'linalg.copy': structured('copy'),
  'tensor.empty': filled,
  'tensor.splat': filled,
  'tensor.pad': moved('pad'),
  'tensor.extract_slice': moved('slice'),
  'tensor.insert_slice': (visit) => visit.value('scatter', [visit.whole(visit.operand(1)), visit.whole(visit.operand(0))]),
  'tensor.collapse_shape': renamed,
  'tensor.expand_shape': renamed,
  'tensor.reshape': renamed,
  'tensor.cast': (visit) => visit.operand(0),
  'tensor.concat': (visit) =>
    visit.value(
      'concat',
      visit.operands.map((o) => visit.whole(o)),
      { axis: Number(/dim\((\d+)\)/.exec(visit.text)?.[1] ?? 0) },
    ),
  'arith.constant': constant,
};

/** Operations on tensors of the dialects linalg, tensor, arith and math. */
export function linalgRule(name: string): MlirRule | undefined {
  if (Object.hasOwn(RULES, name)) return RULES[name];
  const [dialect, op] = name.split('.');
  if (dialect === 'linalg' && /conv_\dd/.test(op)) return namedConvolution;
  if (dialect === 'linalg' && op.startsWith('pooling')) return pooling;
  if (dialect === 'arith' && ARITHMETIC[op]) return elementwise(ARITHMETIC[op]);
  if (dialect === 'math') return elementwise({ powf: 'pow', absf: 'abs' }[op] ?? op);
  return undefined;
}
