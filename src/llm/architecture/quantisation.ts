import { HwcastError } from '../../core/errors.js';
import type { Json } from './configFields.js';
import type { Quantisation } from './llmArchitecture.js';
import { findWeightFormat, WEIGHT_FORMATS, type WeightFormat } from './weightFormat.js';

/** Bits, and what scales and zero points of a group add to each weight. */
const grouped = (name: string, bits: number, group: number, overhead = 16 + bits): WeightFormat => ({
  name,
  bits: bits + (group > 0 ? overhead / group : 0),
  compute: 'wide',
});

/** The first of some fields that is there. @throws HwcastError `bad-input` where it is no number */
const numberOf = (json: Json, ...names: string[]): number | undefined => {
  const name = names.find((n) => json[n] !== undefined && json[n] !== null);
  if (name === undefined) return undefined;
  const value = json[name];
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new HwcastError('bad-input', `${name} of the quantisation is ${JSON.stringify(value)}, not a number`, {
      hint: 'correct the configuration, or leave quantization_config out and give --dtype',
    });
  return value;
};

/** Bits of a method that says none by itself. @throws HwcastError `bad-input` where they are missing or cannot be */
function bitsOf(json: Json): number {
  const bits = numberOf(json, 'bits');
  if (bits === undefined || !Number.isInteger(bits) || bits < 1 || bits > 16)
    throw new HwcastError('bad-input', `the quantisation ${bits === undefined ? 'lacks bits' : `has ${bits} bits`}`, {
      hint: 'bits: 2, 3, 4 or 8; or leave quantization_config out and give --dtype',
    });
  return bits;
}

/** One entry a method: the format of its weights. */
const METHODS: Readonly<Record<string, (json: Json) => WeightFormat | undefined>> = {
  gptq: (json) => grouped('gptq', bitsOf(json), numberOf(json, 'group_size') ?? 128),
  'auto-round': (json) => grouped('auto-round', bitsOf(json), numberOf(json, 'group_size') ?? 128),
  inc: (json) => grouped('auto-round', bitsOf(json), numberOf(json, 'group_size') ?? 128),
  awq: (json) => grouped('awq', numberOf(json, 'bits', 'w_bit') ?? 4, numberOf(json, 'group_size', 'q_group_size') ?? 128),
  hqq: halfQuadratic,
  higgs: (json) => grouped('higgs', numberOf(json, 'bits') ?? 4, numberOf(json, 'group_size') ?? 256, 16),
  eetq: () => WEIGHT_FORMATS['int8-weights'],
  exl3: (json) => grouped('exl3', numberOf(json, 'bits') ?? 4, 0),
  aqlm: (json) => grouped('aqlm', (numberOf(json, 'nbits_per_codebook') ?? 16) / (numberOf(json, 'in_group_size') ?? 8), 0),
  bitsandbytes: (json) =>
    json.load_in_4bit === true || json._load_in_4bit === true ? WEIGHT_FORMATS.nf4 : WEIGHT_FORMATS['int8-weights'],
  fp8: () => WEIGHT_FORMATS.fp8,
  fbgemm_fp8: () => WEIGHT_FORMATS.fp8,
  mxfp4: () => WEIGHT_FORMATS.mxfp4,
  bitnet: () => WEIGHT_FORMATS.ternary,
  quanto: ({ weights }) => (weights === 'float8' ? WEIGHT_FORMATS['fp8-weights'] : findWeightFormat(String(weights))),
  torchao: ({ quant_type }) => torchaoFormat(JSON.stringify(quant_type ?? '').toLowerCase()),
  modelopt: modelOpt,
  quark,
  'compressed-tensors': compressedTensors,
};

/** The first layer's settings (`quant_config` by name of a layer), or the same for all. */
function halfQuadratic(json: Json): WeightFormat {
  const all = (json.quant_config ?? json) as Json,
    first = (all.weight_quant_params ??
      Object.values(all).flatMap((v) => ((v as Json | null)?.weight_quant_params ? [(v as Json).weight_quant_params] : []))[0] ??
      all) as Json;
  return grouped('hqq', numberOf(first, 'nbits', 'bits') ?? 4, numberOf(first, 'group_size') ?? 64, 32);
}

/** By the name of its kind, `int4_weight_only` or `Int4WeightOnlyConfig`: arithmetic is narrow where activations are quantised, too. */
function torchaoFormat(kind: string): WeightFormat | undefined {
  const isNarrow = /dynamic|static/.test(kind) && !/weight_?only/.test(kind);
  if (/int4|uint4/.test(kind)) return WEIGHT_FORMATS.int4;
  if (/float8|fp8/.test(kind)) return WEIGHT_FORMATS[isNarrow ? 'fp8' : 'fp8-weights'];
  if (/int8/.test(kind)) return WEIGHT_FORMATS[isNarrow ? 'int8' : 'int8-weights'];
  return undefined;
}

/** One algorithm for all, or, of mixed precision, that of most layers. */
function modelOpt(json: Json): WeightFormat | undefined {
  const inner = { ...((json.quantization ?? {}) as Json), ...json },
    layers = Object.values((inner.quantized_layers ?? {}) as Record<string, Json>).map(({ quant_algo }) => String(quant_algo));
  const count = (algorithm: string) => layers.filter((l) => l === algorithm).length;
  const most = [...new Set(layers)].sort((a, b) => count(b) - count(a))[0];
  return modelOptFormat(most ?? String(inner.quant_algo ?? ''));
}

/** AMD Quark: what is said of all layers; arithmetic is narrow where inputs are quantised too. */
function quark(json: Json): WeightFormat | undefined {
  const all = json.global_quant_config as Json | undefined,
    weight = [all?.weight].flat()[0] as Json | undefined,
    input = [all?.input_tensors].flat()[0] as Json | undefined,
    dtype = String(weight?.dtype ?? ''),
    isNarrow = input?.dtype !== undefined && input.dtype !== null;
  if (/^fp8/.test(dtype)) return WEIGHT_FORMATS[isNarrow ? 'fp8' : 'fp8-weights'];
  if (/^fp4/.test(dtype)) return fourBits(numberOf(weight!, 'group_size') ?? 32, /^fp4/.test(String(input?.dtype)));
  if (/^int8/.test(dtype)) return WEIGHT_FORMATS[isNarrow ? 'int8' : 'int8-weights'];
  const [, bits] = /^u?int(\d)$/.exec(dtype) ?? [];
  return bits ? grouped(`int${bits}`, Number(bits), numberOf(weight!, 'group_size') ?? 128) : undefined;
}

/** Floating-point weights of four bits: groups of 16 with scales of eight bits (NVFP4), of 32 (MXFP4). */
function fourBits(group: number, isNarrow: boolean): WeightFormat {
  if (group === 16) return isNarrow ? WEIGHT_FORMATS.nvfp4 : grouped('nvfp4-weights', 4, group, 8);
  return isNarrow ? { ...WEIGHT_FORMATS.mxfp4, compute: 'fp4' } : WEIGHT_FORMATS.mxfp4;
}

function modelOptFormat(algorithm: string): WeightFormat | undefined {
  if (/NVFP4|FP4/i.test(algorithm)) return WEIGHT_FORMATS.nvfp4;
  if (/FP8/i.test(algorithm)) return WEIGHT_FORMATS.fp8;
  if (/W4A16|INT4/i.test(algorithm)) return WEIGHT_FORMATS.int4;
  return /INT8|W8A8/i.test(algorithm) ? WEIGHT_FORMATS.int8 : undefined;
}

/** The weights of the first group; arithmetic is narrow where inputs are quantised too. */
function compressedTensors(json: Json): WeightFormat | undefined {
  const groups = json.config_groups as Record<string, Json> | undefined;
  const first = groups && Object.values(groups)[0];
  const weights = first?.weights as Json | undefined;
  const bits = weights && numberOf(weights, 'num_bits');
  if (!bits) return undefined;
  const isNarrow = Boolean(first?.input_activations);
  if (weights.type === 'float' && bits === 8) return isNarrow ? WEIGHT_FORMATS.fp8 : WEIGHT_FORMATS['fp8-weights'];
  if (weights.type === 'float' && bits === 4) return fourBits(numberOf(weights, 'group_size') ?? 16, isNarrow);
  if (bits === 8 && isNarrow) return WEIGHT_FORMATS.int8;
  return grouped(`int${bits}`, bits, numberOf(weights, 'group_size') ?? 0);
}

/**
 * What a Hugging Face `quantization_config` (or ModelOpt's `hf_quant_config.json`) makes of the weights of linear layers; undefined where there is none.
 * @throws HwcastError `unsupported` for a method that is not known
 */
export function quantisationOf(config: unknown, where: string): Quantisation | undefined {
  if (config === undefined || config === null) return undefined;
  const json = config as Json;
  const method = String(json.quant_method ?? (json.quantization || json.quant_algo ? 'modelopt' : ''));
  const format = Object.hasOwn(METHODS, method) ? METHODS[method](json) : undefined;
  if (!format)
    throw new HwcastError('unsupported', `quantisation '${method || JSON.stringify(json).slice(0, 60)}' is not known`, {
      where,
      hint: `methods: ${Object.keys(METHODS).join(', ')}; or leave quantization_config out and give --dtype`,
    });
  const groups = Object.keys((json.config_groups ?? {}) as Json).length,
    cache =
      json.kv_cache_scheme ??
      json.kv_cache_quant_algo ??
      filled(json.kv_cache_quant_config) ??
      (json.quantization as Json | undefined)?.kv_cache_quant_algo;
  return {
    format,
    method: groups > 1 ? `${method}, the first of ${groups} groups` : method,
    ...(cache ? { kv: WEIGHT_FORMATS.fp8 } : {}),
    ...(leavesAttention(json) ? { expertsOnly: true } : {}),
  };
}

/** An object that says something. */
const filled = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && Object.keys(value).length ? value : undefined;

/** Whether what is not quantised names the projections of attention. */
function leavesAttention(json: Json): boolean {
  const inner = (json.quantization ?? {}) as Json;
  const lists = [
    json.modules_to_not_convert,
    json.ignore,
    json.ignored_layers,
    json.exclude_modules,
    json.exclude,
    inner.exclude_modules,
  ];
  return lists.some((list) => Array.isArray(list) && list.some((name) => /self_attn|attention/.test(String(name))));
}
