import { HwcastError } from '../../core/errors.js';
import { decodeOnnx, isOnnx } from '../../graph/readers/onnx/decodeOnnx.js';
import { intAttribute, intsAttribute, stringAttribute } from '../../graph/readers/onnx/onnxModel.js';
import {
  type Folding,
  type HlsDesign,
  type HlsLayer,
  type Precision,
  parseHlsDesign,
  weightMatrix,
} from '../design/hlsDesign.js';
import type { ConfigurableNetwork } from './hlsConfig.js';
import { isTable } from './hlsConfig.js';
import { kerasFileNetwork, parseJson, textOf } from './kerasJson.js';
import { onnxNetwork } from './onnxDesign.js';

type Table = Record<string, unknown>;
type Role = 'matrix' | 'depthwise' | 'window' | 'threshold' | 'other';

/** One entry of a folding configuration. */
interface Unit {
  name: string;
  role: Role;
  fields: Table;
}

/** Classes of FINN's units, over its versions, by the beginning of their name. */
const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/^(MVAU|MatrixVectorActivation|StreamingFCLayer_Batch|DynMVU)/, 'matrix'],
  [/^(VVAU|VectorVectorActivation|Vector_Vector_Activate_Batch)/, 'depthwise'],
  [/^(ConvolutionInputGenerator|DownSampler)/, 'window'],
  [/^Thresholding/, 'threshold'],
];

/** Layers by name with PE or SIMD, as FINN's `folding_config.json` lists them. */
export const isFinnFolding = (value: Table): boolean =>
  Object.entries(value).some(
    ([name, fields]) => isTable(fields) && (roleOf(name) === 'matrix' || roleOf(name) === 'depthwise') && 'PE' in fields,
  );

const roleOf = (name: string): Role => ROLES.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';

/**
 * The design of a folding configuration of FINN. Sizes and types come from `network` (ONNX, QONNX, Keras or hwcast's JSON), whose k-th matrix is the k-th
 * unit of the file, or stand in the configuration itself (`MW`, `MH`, `numInputVectors`, `weightDataType`, `inputDataType`).
 * @throws HwcastError `bad-input` naming unit, value and what is missing
 */
export function finnDesign(
  folding: Table,
  network: { content: string | Uint8Array; name: string } | undefined,
  where: string,
): HlsDesign {
  const defaults = isTable(folding.Defaults) ? folding.Defaults : {};
  const units = Object.entries(folding).flatMap(([name, fields]): Unit[] =>
    name !== 'Defaults' && isTable(fields)
      ? [{ name, role: roleOf(name), fields: { ...defaultsOf(defaults, name), ...fields } }]
      : [],
  );
  const assumptions: string[] = [];
  const stated = network && nodeSizes(network.content, network.name);
  if (stated)
    for (const [i, unit] of matrixUnits(units).entries())
      Object.assign(unit.fields, stated.get(unit.name) ?? [...stated.values()][i]);
  const read = network && !stated ? networkOf(network.content, network.name) : undefined;
  const layers = read
    ? networkLayers(units, { ...read, name: network!.name }, assumptions, where)
    : sizedLayers(units, assumptions, where);
  if (read && !read.precision)
    assumptions.push(`input of the network: ${INPUT_BITS} bits without sign, where no quantiser says it`);
  const silent = units.filter(({ role }) => role === 'other').map(({ name }) => name);
  if (silent.length) assumptions.push(`FINN's own formulas count nothing for ${silent.join(', ')}`);
  const thresholds = units.filter(({ role }) => role === 'threshold').map(({ name }) => name);
  if (thresholds.length) assumptions.push(`comparators and memories of ${thresholds.join(', ')} are not counted`);
  return parseHlsDesign(
    {
      id: where.replace(/^.*[\\/]/, '').replace(/\.json$/i, ''),
      layers,
      precision: read?.precision ?? { bits: INPUT_BITS, intBits: INPUT_BITS, signed: false },
      reuseFactor: 1,
      strategy: 'latency',
      ioType: 'io_stream',
      tool: 'finn',
      backend: 'FINN',
      assumptions,
    },
    where,
  );
}

/** Bits of the network's input where nothing says it: a byte. */
const INPUT_BITS = 8;

/** `{"ram_style": ["block", ["all"]]}`: what is set for all units or those of some classes. */
function defaultsOf(defaults: Table, name: string): Table {
  return Object.fromEntries(
    Object.entries(defaults).flatMap(([key, entry]) => {
      if (!Array.isArray(entry) || !Array.isArray(entry[1])) return [];
      const classes = entry[1] as unknown[];
      return classes.some((c) => c === 'all' || (typeof c === 'string' && name.startsWith(c))) ? [[key, entry[0]]] : [];
    }),
  );
}

const problem = (unit: Unit, text: string, where: string, hint?: string): HwcastError =>
  new HwcastError('bad-input', `unit '${unit.name}' ${text}`, { where, hint });

/** A positive whole number of a unit. */
function whole(unit: Unit, key: string, where: string, otherwise?: number): number {
  const value = unit.fields[key] ?? otherwise;
  if (!Number.isInteger(value) || (value as number) < 1)
    throw problem(unit, `has ${key} ${JSON.stringify(unit.fields[key])}, not a positive whole number`, where);
  return value as number;
}

const MEMORY: Record<string, Folding['memory']> = {
  const: 'embedded',
  internal_embedded: 'embedded',
  decoupled: 'decoupled',
  internal_decoupled: 'decoupled',
  external: 'external',
};

function foldingOf(unit: Unit, window: Unit | undefined, where: string): Folding {
  const { mem_mode = unit.role === 'matrix' && /^MVAU/.test(unit.name) ? 'internal_decoupled' : 'const' } = unit.fields;
  const memory = typeof mem_mode === 'string' ? MEMORY[mem_mode] : undefined;
  if (!memory) throw problem(unit, `has mem_mode ${JSON.stringify(mem_mode)}`, where, `known: ${Object.keys(MEMORY).join(', ')}`);
  return {
    pe: whole(unit, 'PE', where),
    simd: whole(unit, 'SIMD', where, 1),
    unit: unitOf(unit),
    memory,
    ramStyle: oneOf(unit, 'ram_style', ['auto', 'distributed', 'block', 'ultra'], where),
    multipliers: oneOf(unit, 'resType', ['auto', 'lut', 'dsp'], where),
    ...(window
      ? {
          window: {
            simd: whole(window, 'SIMD', where),
            unit: unitOf(window),
            ramStyle: oneOf(window, 'ram_style', ['auto', 'distributed', 'block', 'ultra'], where),
          },
        }
      : {}),
  };
}

const unitOf = ({ name }: Unit): Folding['unit'] => (/_rtl(_|$)/.test(name) ? 'rtl' : 'hls');

function oneOf<T extends string>(unit: Unit, key: string, known: readonly T[], where: string): T {
  const value = unit.fields[key] ?? known[0];
  if (!known.includes(value as T))
    throw problem(unit, `has ${key} ${JSON.stringify(value)}`, where, `known: ${known.join(', ')}`);
  return value as T;
}

/** Units with a matrix in the order of the file. */
const matrixUnits = (units: readonly Unit[]): Unit[] => units.filter(({ role }) => role === 'matrix' || role === 'depthwise');

/** Layers of the sizes that the units themselves state. */
function sizedLayers(units: readonly Unit[], assumptions: string[], where: string): HlsLayer[] {
  const matrices = matrixUnits(units),
    without = matrices.filter(({ fields }) => !('MW' in fields && 'MH' in fields));
  if (without.length)
    throw new HwcastError(
      'bad-input',
      `a folding configuration of FINN has PE and SIMD, not the sizes of the layers: those of ${without.length} of ${matrices.length} units are not known (${without.map(({ name }) => name).join(', ')})`,
      {
        where,
        hint: 'give the network with --network: ONNX, QONNX, Keras or hwcast JSON; or MW, MH, numInputVectors, weightDataType (INT4) and inputDataType (UINT4) of each unit in the configuration',
      },
    );
  if (units.some(({ role }) => role === 'window'))
    assumptions.push('units that make windows of pictures are not counted: the configuration does not tell the pictures');
  return matrices.map((unit, i): HlsLayer => {
    const [mw, mh] = ['MW', 'MH'].map((key) => whole(unit, key, where)),
      list = [unit.fields.numInputVectors ?? 1].flat(),
      vectors = list.reduce<number>((n, v) => n * Number(v), 1);
    if (!Number.isInteger(vectors) || vectors < 1)
      throw problem(
        unit,
        `has numInputVectors ${JSON.stringify(unit.fields.numInputVectors)}`,
        where,
        'a whole number or a list of them',
      );
    const weight = dataType(unit, 'weightDataType', where),
      input = dataType(unit, 'inputDataType', where);
    const shape = (n: number): number[] => (vectors === 1 ? [n] : [vectors, n]);
    return {
      name: unit.name,
      kind: 'dense',
      inputs: i ? [matrices[i - 1].name] : [],
      inShape: shape(mw),
      outShape: shape(mh),
      weight: { bits: weight.bits, intBits: null, signed: weight.signed },
      folding: {
        ...checked(unit, foldingOf(unit, undefined, where), mh, mw, where),
        inputBits: input.bits,
        inputSigned: input.signed,
      },
    };
  });
}

/** `INT4`, `UINT4`, `BIPOLAR`, `BINARY` and `TERNARY` of FINN. */
function dataType(unit: Unit, key: string, where: string): { bits: number; signed: boolean } {
  const text = unit.fields[key],
    match = typeof text === 'string' ? /^(U?)INT(\d+)$/.exec(text) : undefined;
  if (match) return { bits: Number(match[2]), signed: match[1] === '' };
  if (text === 'BIPOLAR' || text === 'BINARY') return { bits: 1, signed: text === 'BIPOLAR' };
  if (text === 'TERNARY') return { bits: 2, signed: true };
  throw problem(unit, `has ${key} ${JSON.stringify(text)}`, where, 'INT4, UINT4, BIPOLAR, BINARY or TERNARY');
}

/** @throws HwcastError `bad-input` where PE and SIMD do not divide the matrix */
function checked(unit: Unit, folding: Folding, mh: number, mw: number, where: string): Folding {
  if (mh % folding.pe) throw problem(unit, `has PE ${folding.pe}, which does not divide its ${mh} outputs`, where);
  if (mw % folding.simd) throw problem(unit, `has SIMD ${folding.simd}, which does not divide its ${mw} inputs`, where);
  return folding;
}

/** The layers of the network, those with a matrix folded as the units say. */
function networkLayers(
  units: readonly Unit[],
  network: Network & { name: string },
  assumptions: string[],
  where: string,
): HlsLayer[] {
  const read = network;
  assumptions.push(...read.assumptions);
  const folds = matrixUnits(units),
    matrices = read.layers.filter(weightMatrix);
  if (folds.length !== matrices.length)
    throw new HwcastError(
      'bad-input',
      `${folds.length} units with a matrix in the folding configuration, ${matrices.length} in the network ${network.name}`,
      {
        where,
        hint: `units: ${folds.map(({ name }) => name).join(', ')}; layers: ${matrices.map(({ name }) => name).join(', ')}`,
      },
    );
  const windows = units.filter(({ role }) => role === 'window'),
    windowed = matrices.filter(needsWindow);
  if (windows.length !== windowed.length && windows.length)
    assumptions.push(
      `${windows.length} units that make windows, ${windowed.length} convolutions that need one: windows are not counted`,
    );
  const windowOf = (layer: HlsLayer): Unit | undefined =>
    windows.length === windowed.length && windowed.includes(layer) ? windows[windowed.indexOf(layer)] : undefined;
  return read.layers.map((layer): HlsLayer => {
    const at = matrices.indexOf(layer);
    if (at < 0) return layer;
    const unit = folds[at],
      { nIn, nOut } = weightMatrix(layer)!;
    if (!layer.weight)
      throw problem(
        unit,
        `is layer '${layer.name}', whose weights have no type in ${network.name}`,
        where,
        'give a QONNX or QKeras model, or name the type of its weights in hwcast JSON: "weight": {"bits": 4, "intBits": 1, "signed": true}',
      );
    return { ...layer, folding: checked(unit, foldingOf(unit, windowOf(layer), where), nOut, nIn, where) };
  });
}

/** A convolution of more than one pixel, or with a stride, has a unit before it that makes its windows. */
const needsWindow = ({ kernel, stride }: HlsLayer): boolean =>
  kernel !== undefined && [...kernel, ...(stride ?? [])].some((n) => n > 1);

/** Layers of a network, and the type of its input where the file says it. */
type Network = Pick<ConfigurableNetwork, 'layers' | 'assumptions'> & { precision?: Precision };

function networkOf(content: string | Uint8Array, name: string): Network {
  if (typeof content !== 'string' && isOnnx(content)) return onnxNetwork(decodeOnnx(content, name), name);
  const value = /^\s*\{/.test(textOf(content)) ? parseJson(textOf(content), name) : undefined;
  return isTable(value) && 'ioType' in value ? parseHlsDesign(value, name) : kerasFileNetwork(content, name);
}

/** Sizes and types by node of a model of FINN, whose nodes are its units already; undefined for another network. */
function nodeSizes(content: string | Uint8Array, name: string): Map<string, Table> | undefined {
  if (typeof content === 'string' || !isOnnx(content)) return undefined;
  const sizes = new Map<string, Table>();
  for (const node of decodeOnnx(content, name).graph.nodes) {
    const [MW, MH] = ['MW', 'MH'].map((key) => intAttribute(node, key));
    if (MW === undefined || MH === undefined) continue;
    const vectors = intsAttribute(node, 'numInputVectors') ?? intAttribute(node, 'numInputVectors');
    const types = ['weightDataType', 'inputDataType'].map((key) => [key, stringAttribute(node, key)] as const);
    sizes.set(node.name || `${sizes.size}`, {
      MW,
      MH,
      ...(vectors === undefined ? {} : { numInputVectors: vectors }),
      ...Object.fromEntries(types),
    });
  }
  return sizes.size ? sizes : undefined;
}
