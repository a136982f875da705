import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { type HlsDesign, type HlsLayer, type Precision, parseHlsDesign } from '../design/hlsDesign.js';
import { markOwnWidths } from './exactTypes.js';
import { headerLayer } from './headerLayer.js';
import { askedReuse, type HeaderLayer, HeaderLayerSchema, innerStructs, strategyNamed } from './hls4mlHeader.js';
import { DEFAULT_PRECISION, precisionsInName } from './precisionText.js';
import { nsToS, parseRow, type RowContext } from './rowText.js';

/** One line of `hls4ml_modules.jsonl`; labels are read by `dataset/import/fpgaSources.ts`. */
export const ModuleRowSchema = z.object({
  project: z.string().min(1),
  source: z.string().min(1),
  model_id: z.string().min(1),
  module: z.string().min(1),
  layer: HeaderLayerSchema.nullable(),
  part: z.string().nullish(),
  tool_version: z.string().nullish(),
  clock_target_ns: z.number().positive().nullish(),
});

/** What the name of an HLS function of hls4ml says: `dense_latency_ap_fixed_8_2_5_3_0_ap_fixed_16_4_5_3_0_config2_s`. */
export interface ModuleTypes {
  /** dense_latency, relu, softmax_stable, gru_stack.. */
  operation: string;
  /** struct of the parameter header, e.g. config2 or relu_config4 */
  config?: string;
  input?: Precision;
  result?: Precision;
}

export function moduleTypes(module: string): ModuleTypes {
  const operation = module.split(/_(?:array|ap_u?fixed|\d+u?)(?:_|$)/)[0].replace(/_s$/, '');
  const config =
    module.match(/_((?!u?fixed_)(?:[A-Za-z]+_)?config\d+(?:_[a-z0-9]+)*?)(?:_s)?$/i)?.[1] ??
    module.match(/_(config\d+(?:_[a-z0-9]+)*?)(?:_s)?$/i)?.[1];
  const types = precisionsInName(module);
  // two types are input and result; one alone is the result (the input's is cut from the name)
  const [input, result] = types.length > 1 ? types : [undefined, types[0]];
  return { operation, ...(config ? { config } : {}), ...(input ? { input } : {}), ...(result ? { result } : {}) };
}

/** The tool that wrote a version: Vitis HLS since 2020.2. */
export const hlsToolOf = (version: string): string => (Number.parseFloat(version) >= 2020.2 ? 'vitis_hls' : 'vivado_hls');

/**
 * A row of `hls4ml_modules.jsonl` as a design of one layer. The name of the module says which struct it is of and its types; where `layer` is null or of
 * another struct, the struct is looked up in `structs` (the layers of the project), else the layer is `opaque`.
 * @throws HwcastError `bad-input` naming file and row.
 */
export function hls4mlModuleDesign(
  row: unknown,
  context: RowContext & {
    structs?: readonly unknown[];
    ioType?: string | null;
    reuseFactor?: number | null;
    strategy?: string | null;
  } = {},
): HlsDesign {
  const module = parseRow(ModuleRowSchema, row, 'a row of hls4ml modules', context.where);
  const where = [context.where, `'${module.module}'`].filter(Boolean).join(' ');
  const assumptions: string[] = [];
  const name = moduleTypes(module.module);
  const struct = structOf(name.config, module.layer, context.structs);
  const layer: HlsLayer = struct ? headerLayer(struct, assumptions) : opaqueModule(module.module, name.operation, assumptions);
  if (/^(gru|lstm)_static/.test(name.operation) && /^(gru|lstm)$/.test(layer.kind)) {
    layer.inShape = [1, layer.inShape[1]];
    layer.outShape = [layer.outShape[layer.outShape.length - 1]];
    assumptions.push('one time step of the recurrent layer');
  }
  if (/^(gru|lstm)$/.test(layer.kind)) {
    const structs = readable(context.structs),
      inner = innerStructs(structs),
      asked = askedReuse(
        structs.filter((s) => s.kind === 'dense' && inner.get(s.config) === struct?.config),
        context.reuseFactor,
      );
    if (asked) layer.reuseFactor = asked;
  }
  const strategy = strategyNamed(name.operation.split('_').at(-1)) ?? layer.strategy;
  if (strategy && layer.kind === 'dense') layer.strategy = strategy;
  if (name.result) layer.result = name.result;
  if (!name.input && layer.kind !== 'opaque')
    assumptions.push('input precision not recorded: ap_fixed<16,6>, the default, assumed');
  markOwnWidths([layer], new Map([[layer, name.input]]), assumptions);
  const ioType = [struct?.io_type, context.ioType].find((t) => t === 'io_parallel' || t === 'io_stream');
  if (!ioType) assumptions.push('io type not recorded: io_parallel assumed');
  if (!module.tool_version) throw new HwcastError('bad-input', "the row has no 'tool_version'", { where });
  return parseHlsDesign(
    {
      id: `${module.project}#${module.module}`,
      layers: [layer],
      precision: name.input ?? DEFAULT_PRECISION,
      reuseFactor: layer.reuseFactor ?? 1,
      strategy: layer.strategy ?? strategy ?? strategyNamed(context.strategy) ?? 'latency',
      ioType: ioType ?? 'io_parallel',
      ...(module.part ? { part: module.part } : {}),
      ...(module.clock_target_ns ? { clockS: nsToS(module.clock_target_ns) } : {}),
      tool: hlsToolOf(module.tool_version),
      toolVersion: module.tool_version,
      assumptions,
    },
    where,
  );
}

/** The struct that the module's name names: the row's own layer, or one of the project's. HLS may append a number to the name. */
function structOf(config: string | undefined, own: HeaderLayer | null, others: readonly unknown[] = []): HeaderLayer | undefined {
  if (config === undefined) return own ?? undefined;
  const structs = readable([own, ...others]);
  return structs.find((s) => s.config === config) ?? structs.find((s) => s.config === config.replace(/_\d+$/, ''));
}

const readable = (structs: readonly unknown[] = []): HeaderLayer[] =>
  structs.flatMap((s) => {
    const result = HeaderLayerSchema.safeParse(s);
    return result.success ? [result.data] : [];
  });

function opaqueModule(module: string, operation: string, assumptions: string[]): HlsLayer {
  assumptions.push(`module '${module}': its layer is not recorded; its cost is not counted`);
  return { name: module, kind: 'opaque', inputs: [], inShape: [], outShape: [], source: operation };
}
