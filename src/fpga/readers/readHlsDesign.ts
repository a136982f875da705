import { readCsv } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { isKerasFile } from '../../graph/readers/keras/kerasFile.js';
import { isKerasModel } from '../../graph/readers/keras/kerasModel.js';
import { decodeOnnx, isOnnx } from '../../graph/readers/onnx/decodeOnnx.js';
import { type HlsDesign, LAYER_KINDS, parseHlsDesign } from '../design/hlsDesign.js';
import { fpgaReportKind } from '../reports/readFpgaReport.js';
import { finnDesign, isFinnFolding } from './finnFolding.js';
import { hls4mlModuleDesign } from './hls4mlModule.js';
import { hls4mlProjectDesign } from './hls4mlProject.js';
import { hls4mlYamlDesign, networkFileOf, parseHls4mlYaml } from './hls4mlYaml.js';
import { type HlsSettings, isTable } from './hlsConfig.js';
import {
  kerasDesign,
  kerasFileNetwork,
  kerasNetwork,
  type NamedKerasNetwork,
  parseJson,
  textOf,
  withKerasWeights,
} from './kerasJson.js';
import { isLayerListRecord, isListedLayer, layerListDesign } from './layerListRecord.js';
import { onnxDesign, onnxNetwork } from './onnxDesign.js';
import { nsToS } from './rowText.js';
import { waHls4mlDesign } from './waHls4mlRow.js';

/** What may come with a design file: the file it refers to (a network beside YAML, in either order), settings, and a way to find a named file. */
export interface HlsDesignExtra {
  /** text of the other file, bytes where it is ONNX */
  other?: string | Uint8Array;
  /** its name, for messages; unless given, the one that the configuration names */
  otherName?: string;
  /** reads the network file that a configuration names, undefined where there is none */
  find?: (file: string) => string | Uint8Array | undefined;
  settings?: HlsSettings;
  /** of many designs in a file: one that cannot be read goes here and is left out; without it, it is an error */
  onIssue?: (error: HwcastError) => void;
}

/** Formats `readHlsDesign` tells apart by content. */
const FORMATS =
  'HLS design JSON, folding configuration of FINN with its network, Keras JSON, .keras and .h5, ONNX and QONNX, hls4ml YAML with one of these networks, wa-hls4ml record, rule4ml dictionary, rows of hls4ml_projects.jsonl, hls4ml_modules.jsonl and wa_hls4ml_*.csv';

/** One JSON value as a design; undefined where its kind is not known. */
function designOf(value: unknown, extra: HlsDesignExtra, where: string): HlsDesign | undefined {
  const { settings } = extra;
  if (Array.isArray(value))
    return value.length && value.every(isListedLayer) ? layerListDesign({ layers: value }, settings, where) : undefined;
  if (!isTable(value)) return undefined;
  if (isFinnFolding(value)) {
    const { other, otherName = 'network' } = extra;
    return withSettings(
      finnDesign(value, other === undefined ? undefined : { content: other, name: otherName }, where),
      settings,
      where,
    );
  }
  if ('ioType' in value && Array.isArray(value.layers)) return withSettings(ownDesign(value, where), settings, where);
  if (isKerasModel(value)) return kerasNetworkDesign(kerasNetwork(value, where), extra, where);
  if (isLayerListRecord(value)) return layerListDesign(value, settings, where);
  if ('HLSConfig' in value) return yamlDesign(value, extra, where);
  if ('module' in value && 'project' in value) return withSettings(hls4mlModuleDesign(value, { where }), settings, where);
  if ('layers' in value && ('model_id' in value || 'input_precision' in value))
    return withSettings(hls4mlProjectDesign(value, { where }), settings, where);
  if ('model_string' in value || ('n_in' in value && 'weight_bits' in value))
    return withSettings(waHls4mlDesign(value, { where }), settings, where);
  return undefined;
}

/** hwcast's own JSON; a layer of a kind it does not know is opaque, as in other formats. */
function ownDesign(value: Record<string, unknown>, where: string): HlsDesign {
  const foreign: string[] = [];
  const layers = (value.layers as unknown[]).map((layer) => {
    if (!isTable(layer) || typeof layer.kind !== 'string' || (LAYER_KINDS as readonly string[]).includes(layer.kind))
      return layer;
    const { name, kind, inputs, inShape, outShape, result } = layer;
    foreign.push(`layer '${name}': kind '${kind}' is not known; its cost is not counted`);
    return { name, kind: 'opaque', source: kind, inputs, inShape, outShape, ...(result === undefined ? {} : { result }) };
  });
  const design = parseHlsDesign({ ...value, layers }, where);
  return foreign.length ? { ...design, assumptions: [...design.assumptions, ...foreign] } : design;
}

/** Settings in place of those of a design that is whole by itself. */
function withSettings(design: HlsDesign, settings: HlsSettings | undefined, where: string): HlsDesign {
  if (!settings) return design;
  const { clockNs, ...rest } = settings;
  return parseHlsDesign({ ...design, ...rest, ...(clockNs === undefined ? {} : { clockS: nsToS(clockNs) }) }, where);
}

/** The configuration that came beside a network. */
const configBeside = ({ other, otherName }: HlsDesignExtra, where: string): Record<string, unknown> | undefined =>
  other === undefined ? undefined : parseHls4mlYaml(textOf(other), otherName ?? where);

/** A Keras network with the configuration beside it, or hls4ml's defaults. */
function kerasNetworkDesign(network: NamedKerasNetwork, extra: HlsDesignExtra, where: string): HlsDesign {
  const yaml = configBeside(extra, where);
  return yaml
    ? hls4mlYamlDesign(yaml, withNamedWeights(network, yaml, extra), extra.settings, where)
    : kerasDesign(network, extra.settings, where);
}

/** Weights of the file that a configuration names as `KerasH5`, where the network came without. */
function withNamedWeights(
  network: NamedKerasNetwork,
  config: Record<string, unknown>,
  { find }: HlsDesignExtra,
): NamedKerasNetwork {
  const file = config.KerasH5;
  if (network.weights || typeof file !== 'string' || !file) return network;
  const content = find?.(file);
  return content === undefined ? network : withKerasWeights(network, content, file);
}

function yamlDesign(config: Record<string, unknown>, extra: HlsDesignExtra, where: string): HlsDesign {
  const named = networkFileOf(config),
    file = (extra.other === undefined ? undefined : extra.otherName) ?? named?.file ?? where;
  const content = extra.other ?? (named ? extra.find?.(named.file) : undefined);
  const network =
    content === undefined
      ? undefined
      : typeof content !== 'string' && isOnnx(content)
        ? onnxNetwork(decodeOnnx(content, file), file)
        : withNamedWeights(kerasFileNetwork(content, file), config, extra);
  return hls4mlYamlDesign(config, network, extra.settings, where);
}

function onnxFileDesign(bytes: Uint8Array, extra: HlsDesignExtra, where: string): HlsDesign {
  const yaml = configBeside(extra, where);
  return yaml
    ? hls4mlYamlDesign(yaml, onnxNetwork(decodeOnnx(bytes, where), where), extra.settings, where)
    : onnxDesign(bytes, extra.settings, where);
}

/**
 * Reads an HLS design, recognised by its content: hwcast's own JSON, Keras JSON, ONNX and QONNX (bytes), hls4ml's YAML with the network it names, a record of
 * the public wa-hls4ml data, a rule4ml dictionary, a row of the collected tables. What the file leaves open is in `assumptions`.
 * @throws HwcastError `bad-input` naming file, layer and value; `unsupported` for other content.
 */
export function readHlsDesign(content: string | Uint8Array, name = 'design', extra: HlsDesignExtra = {}): HlsDesign {
  const designs = readHlsDesigns(content, name, extra);
  if (designs.length !== 1)
    throw new HwcastError('bad-input', `${designs.length} designs in one file, one is wanted`, {
      where: name,
      hint: 'read them with --input',
    });
  return designs[0];
}

/**
 * All designs of a file: one, a JSON array, JSON a line, or a CSV of `wa_hls4ml_*` rows.
 * @throws HwcastError as `readHlsDesign`, with the row.
 */
export function readHlsDesigns(content: string | Uint8Array, name = 'design', extra: HlsDesignExtra = {}): HlsDesign[] {
  if (typeof content !== 'string' && isOnnx(content)) return [onnxFileDesign(content, extra, name)];
  if (typeof content !== 'string' && isKerasFile(content))
    return [kerasNetworkDesign(kerasFileNetwork(content, name), extra, name)];
  if (typeof content === 'string' && content.startsWith('\b'))
    throw new HwcastError('unsupported', 'an ONNX file read as text', {
      where: name,
      hint: 'give its bytes',
    });
  const trimmed = textOf(content).trim();
  if (!trimmed) throw new HwcastError('bad-input', 'the file is empty', { where: name });
  const unknown = (where: string): HwcastError =>
    new HwcastError('unsupported', 'not a design hwcast reads', { where, hint: FORMATS });
  const need = (design: HlsDesign | undefined, where: string): HlsDesign => {
    if (!design) throw unknown(where);
    return design;
  };
  const each = <T>(items: readonly T[], read: (item: T, i: number) => HlsDesign): HlsDesign[] =>
    items.flatMap((item, i) => {
      try {
        return [read(item, i)];
      } catch (error) {
        if (!extra.onIssue || !(error instanceof HwcastError)) throw error;
        extra.onIssue(error);
        return [];
      }
    });
  if (/^[[{]/.test(trimmed)) {
    const lines = trimmed.split('\n').filter((l) => l.trim());
    if (lines.length > 1 && isJson(lines[0]))
      return each(lines, (line, i) => {
        const where = `${name}:${i + 1}`;
        return need(designOf(parseJson(line, where), extra, where), where);
      });
    const value = parseJson(trimmed, name);
    const whole = designOf(value, extra, name);
    if (whole) return [whole];
    if (Array.isArray(value) && value.length)
      return each(value, (v, i) => need(designOf(v, extra, `${name}[${i}]`), `${name}[${i}]`));
    throw unknown(name);
  }
  const config = parseHls4mlYaml(trimmed, name);
  if (config) return [yamlDesign(config, extra, name)];
  const header = trimmed.split('\n', 1)[0].split(',');
  if (header.includes('model_id') && header.includes('weight_bits')) {
    const rows = readCsv(trimmed, name);
    if (!rows.length)
      throw new HwcastError('bad-input', 'a table of designs without a row', { where: name, hint: 'the file may be cut' });
    return each(rows, ({ fields, where }) => need(designOf(fields, extra, where), where));
  }
  const report = fpgaReportKind(trimmed);
  if (report)
    throw new HwcastError('unsupported', `a report of a tool (${report}), no design`, {
      where: name,
      hint: 'hwcast fpga report FILE reads it',
    });
  throw unknown(name);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
