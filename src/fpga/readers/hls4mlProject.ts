import { z } from 'zod';
import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import type { KerasLayer } from '../../graph/readers/keras/kerasLayer.js';
import { type HlsDesign, type HlsLayer, IO_TYPES, type Precision, parseHlsDesign } from '../design/hlsDesign.js';
import { inferExactResults, markOwnWidths } from './exactTypes.js';
import { headerLayer } from './headerLayer.js';
import { askedReuse, type HeaderLayer, HeaderLayerSchema, innerStructs, precisionOf, strategyNamed } from './hls4mlHeader.js';
import { moduleTypes } from './hls4mlModule.js';
import { kerasLayers } from './kerasLayers.js';
import { DEFAULT_PRECISION } from './precisionText.js';
import { nsToS, parseRow, type RowContext } from './rowText.js';

const Type = z.object({ bits: z.int().min(1).max(128), int_bits: z.int().nullish(), signed: z.boolean().nullish() });

/** One line of `hls4ml_projects.jsonl`; labels are read by `dataset/import/fpgaSources.ts`. */
export const ProjectRowSchema = z.object({
  id: z.string().min(1),
  source: z.string().min(1),
  model_id: z.string().min(1),
  variant: z.string().nullish(),
  layers: z.array(z.looseObject({ kind: z.string().min(1) })),
  input_precision: Type.nullable(),
  strategy: z.string().nullish(),
  reuse_factor: z.int().positive().nullish(),
  io_type: z.string().nullish(),
  backend: z.string().nullish(),
  hls4ml_version: z.string().nullish(),
  part: z.string().nullish(),
  tool: z.string().nullish(),
  tool_version: z.string().nullish(),
  clock_target_ns: z.number().positive().nullish(),
});
export type ProjectRow = z.infer<typeof ProjectRowSchema>;

/** What a row does not record and the design had to assume; such a row is no fair test of what depends on it. */
export type UnknownField = 'reuseFactor' | 'strategy' | 'ioType' | 'kernel' | 'precision';

const hasPrecision = (row: unknown): boolean => row !== null && typeof row === 'object' && 'input_precision' in row;

/** Fields of the schema's design that are the same for every source of rows. */
export const optional = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], null> } =>
  Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== null && v !== undefined)) as {
    [K in keyof T]: Exclude<T[K], null>;
  };

/**
 * The design of a row of `hls4ml_projects.jsonl`: layers from hls4ml's parameter header (structs inside a recurrent layer are not counted twice) or from
 * Keras layers (shapes propagated, batch norm folded as hls4ml does). `modules`: names of the HLS functions of the project, which tell the types between
 * layers. What the row does not record is assumed, said in `assumptions`, and named in `unknown`.
 * @throws HwcastError naming file and row: `bad-input` (no precision, wrong fields), `unsupported` (no layers).
 */
export function hls4mlProjectDesign(
  row: unknown,
  context: RowContext & { modules?: readonly string[]; unknown?: UnknownField[] } = {},
): HlsDesign {
  const id = (row as { id?: unknown } | null)?.id;
  const where = [context.where, typeof id === 'string' ? `'${id}'` : ''].filter(Boolean).join(' ') || undefined;
  if (!hasPrecision(row))
    throw new HwcastError('bad-input', "the row has no 'input_precision'", {
      where,
      hint: 'write {"bits": 16, "int_bits": 6, "signed": true}, or null where the source does not say and the layers name their types',
    });
  const project = parseRow(ProjectRowSchema, row, 'a row of hls4ml projects', where);
  if (!project.layers.length)
    throw new HwcastError('unsupported', 'the row lists no layers: there is no design to predict', { where });
  const unknown = context.unknown ?? [];
  const assumptions: string[] = [];
  const fromKeras = !project.layers.every((l) => typeof l.config === 'string');
  const layers = fromKeras
    ? kerasRowLayers(project, assumptions, where)
    : headerRowLayers(
        project.layers.map((l) => parseRow(HeaderLayerSchema, l, 'a layer of the row', where)),
        context.modules,
        assumptions,
        project.reuse_factor,
      );

  const gaps: Gaps = { unknown, assumptions };
  const precision = inputPrecision(project, layers, context.modules ?? [], gaps, where);
  const { strategy, ioType } = recordedSettings(project, layers, gaps);
  const multipliers = project.variant && /^LUT(_|$)/.test(project.variant) ? ('lut' as const) : undefined;
  return parseHlsDesign(
    {
      id: project.id,
      layers,
      precision,
      reuseFactor: project.reuse_factor ?? layers.find((l) => l.reuseFactor)?.reuseFactor ?? 1,
      strategy,
      ioType,
      ...optional({
        multipliers,
        part: project.part,
        clockS: project.clock_target_ns ? nsToS(project.clock_target_ns) : undefined,
        tool: project.tool,
        toolVersion: project.tool_version,
        hls4mlVersion: project.hls4ml_version,
        backend: project.backend,
      }),
      assumptions,
    },
    where,
  );
}

/** What a row does not record: the fields, and what is assumed in words. */
interface Gaps {
  unknown: UnknownField[];
  assumptions: string[];
}

/** The type of the input as the row has it, else as the first layer's HLS function takes it, else that of its weights. */
function inputPrecision(
  project: ProjectRow,
  layers: readonly HlsLayer[],
  modules: readonly string[],
  { unknown, assumptions }: Gaps,
  where?: string,
): Precision {
  const recorded = precisionOf(project.input_precision);
  if (recorded) return recorded;
  const first = firstWeighted(layers);
  const taken = modules.map(moduleTypes).find((module) => module.config === first?.name)?.input;
  if (taken) {
    assumptions.push(`input precision not recorded: ${describe(taken)} of the first layer's HLS function`);
    return taken;
  }
  if (first?.weight) {
    assumptions.push(`input precision not recorded: ${describe(first.weight)} of the first layer's weights assumed`);
    unknown.push('precision');
    return first.weight;
  }
  throw new HwcastError('bad-input', 'the row has no precision: neither input_precision nor a weight type of a layer', {
    where,
    hint: 'write "input_precision": {"bits": 16, "int_bits": 6, "signed": true}',
  });
}

/** Strategy and io type, assumed where the row has none; a reuse factor that is missing is said. */
function recordedSettings(
  project: ProjectRow,
  layers: readonly HlsLayer[],
  { unknown, assumptions }: Gaps,
): Pick<HlsDesign, 'strategy' | 'ioType'> {
  let strategy = strategyNamed(project.strategy);
  if (!strategy) {
    strategy = layers.find((l) => l.strategy)?.strategy ?? 'resource';
    unknown.push('strategy');
    assumptions.push(`strategy not recorded: ${strategy} assumed`);
  }
  let ioType = IO_TYPES.find((t) => t === project.io_type);
  if (!ioType) {
    ioType = layers.some((l) => /conv/.test(l.kind)) ? 'io_stream' : 'io_parallel';
    unknown.push('ioType');
    assumptions.push(`io type not recorded: ${ioType} assumed`);
  }
  if (!project.reuse_factor && layers.some((l) => WEIGHTED.test(l.kind) && !l.reuseFactor)) {
    unknown.push('reuseFactor');
    assumptions.push('reuse factor not recorded: 1 taken; numbers that depend on it cannot be trusted');
  }
  return { strategy, ioType };
}

const describe = (p: { bits: number; intBits: number | null; signed: boolean }): string =>
  `ap_${p.signed ? '' : 'u'}fixed<${p.bits},${p.intBits ?? '?'}>`;

const WEIGHTED = /^(dense|.*conv\dd|gru|lstm)$/;
const firstWeighted = (layers: readonly HlsLayer[]): HlsLayer | undefined => layers.find((l) => WEIGHTED.test(l.kind));

/** A chain of the structs of a parameter header, in the order of the header. */
function headerRowLayers(
  structs: readonly HeaderLayer[],
  modules: readonly string[] | undefined,
  assumptions: string[],
  asked: number | null | undefined,
): HlsLayer[] {
  const inner = innerStructs(structs);
  const types = new Map((modules ?? []).map(moduleTypes).map((m) => [m.config, m]));
  const layers: HlsLayer[] = [],
    inputs = new Map<HlsLayer, Precision | undefined>();
  for (const struct of structs) {
    if (inner.has(struct.config)) continue;
    const layer = headerLayer(struct, assumptions);
    if (/^(gru|lstm|simple_rnn)$/.test(layer.kind))
      readInnerStructs(
        layer,
        structs.filter((other) => inner.get(other.config) === struct.config),
        asked,
      );
    const named = types.get(struct.config),
      last = layers.at(-1);
    if (named?.result) layer.result = named.result;
    inputs.set(layer, named?.input ?? last?.result);
    if (last) {
      const given = elementCount(last.outShape),
        wanted = elementCount(layer.inShape);
      if (given === wanted || layer.kind === 'opaque' || last.kind === 'opaque') layer.inputs = [last.name];
      else
        assumptions.push(
          `layer '${layer.name}' takes ${wanted} values and the layer before gives ${given}: its input is left open`,
        );
    }
    layers.push(layer);
  }
  markOwnWidths(layers, inputs, assumptions);
  inferExactResults(layers, assumptions);
  return layers;
}

/** What the structs inside a recurrent layer tell of it: reuse factor, strategy, table size, zeros. */
function readInnerStructs(layer: HlsLayer, inner: readonly HeaderLayer[], asked: number | null | undefined): void {
  const matrices = inner.filter(({ kind }) => kind === 'dense');
  layer.reuseFactor = askedReuse(matrices, asked) ?? Math.max(...inner.map((s) => s.reuse_factor ?? 0), layer.reuseFactor ?? 1);
  const strategy = strategyNamed(matrices[0]?.strategy);
  if (strategy) layer.strategy = strategy;
  const table = inner.find((s) => s.table_size)?.table_size;
  if (table) layer.tableSize = table;
  const zeros = matrices.map((s) => s.n_zeros);
  if (zeros.length && zeros.every((z) => typeof z === 'number')) layer.zeroWeights = zeros.reduce((a, b) => a! + b!, 0)!;
}

/** Keras layers of a row (`kind` = class in lower case, settings beside it). */
function kerasRowLayers(project: ProjectRow, assumptions: string[], where?: string): HlsLayer[] {
  const list: KerasLayer[] = project.layers.map((l, i) => ({
    className: l.kind,
    name: typeof l.name === 'string' ? l.name : `${l.kind}_${i}`,
    config: l,
  }));
  const network = kerasLayers(list, { where, foldBatchNorm: true });
  const assumed = project.input_precision ?? DEFAULT_PRECISION;
  assumptions.push(...network.assumptions, `precision of all tensors assumed: ${assumed.bits} bits`);
  return network.layers;
}
