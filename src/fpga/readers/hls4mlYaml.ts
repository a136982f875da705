import { parseDocument } from 'yaml';
import { HwcastError } from '../../core/errors.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { hlsToolOf } from './hls4mlModule.js';
import { type ConfigurableNetwork, configuredDesign, type HlsSettings, ioTypeNamed, isTable } from './hlsConfig.js';
import { misspeltSettings } from './misspeltSettings.js';

const NETWORK_KEYS = ['KerasJson', 'KerasModel', 'KerasH5', 'OnnxModel', 'PytorchModel'] as const;

/** The configuration file of hls4ml as a table, undefined for a text that is none. @throws HwcastError `bad-input` for YAML that does not parse. */
export function parseHls4mlYaml(text: string, where?: string): Record<string, unknown> | undefined {
  // `!keras_model path` is a tag of hls4ml: its text is kept
  const document = parseDocument(text, {
    logLevel: 'error',
    customTags: ['keras_model', 'torch_model', 'onnx_model'].map(pathTag),
  });
  const looksRight = /^\s*["']?(HLSConfig|KerasJson|KerasModel|OnnxModel|KerasH5)["']?\s*:/m.test(text);
  if (document.errors.length) {
    if (!looksRight) return undefined;
    throw new HwcastError('bad-input', `not YAML: ${document.errors[0].message.split('\n')[0]}`, {
      where,
      cause: document.errors[0],
    });
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  return isTable(value) && (looksRight || 'HLSConfig' in value) ? value : undefined;
}

const pathTag = (name: string): { tag: string; resolve: (text: string) => string } => ({
  tag: `!${name}`,
  resolve: (text) => text,
});

/** The file that holds the network, as the configuration names it. */
export function networkFileOf(config: Record<string, unknown>): { key: (typeof NETWORK_KEYS)[number]; file: string } | undefined {
  for (const key of NETWORK_KEYS) {
    const file = config[key];
    if (typeof file === 'string' && file) return { key, file };
  }
  return undefined;
}

/**
 * A design of hls4ml's configuration file and the network it names (`networkFileOf`), a Keras or ONNX model read before.
 * @throws HwcastError `bad-input` where the network is missing or a setting is wrong, `unsupported` for PyTorch.
 */
export function hls4mlYamlDesign(
  config: Record<string, unknown>,
  model: (ConfigurableNetwork & { name: string }) | undefined,
  settings: HlsSettings = {},
  where?: string,
): HlsDesign {
  if (!model) {
    const network = networkFileOf(config);
    if (network?.key === 'PytorchModel')
      throw new HwcastError('unsupported', `the network is '${network.file}'; ${network.key} is not read`, {
        where,
        hint: 'export the network as ONNX',
      });
    const named = network ? ` (the configuration names ${network.key}: ${network.file})` : '';
    throw new HwcastError('bad-input', 'the configuration holds settings only: the network is missing', {
      where,
      hint:
        network?.key === 'OnnxModel'
          ? `put the ONNX file beside it${named}`
          : `give the Keras JSON beside it or with --network${named}: model.to_json()`,
    });
  }
  if (!isTable(config.HLSConfig)) throw new HwcastError('bad-input', "the configuration has no 'HLSConfig'", { where });
  const read = configuredSettings(config, settings, where);
  const misspelt = misspeltSettings(
    config,
    ['Backend', 'Part', 'ClockPeriod', 'ClockUncertainty', 'IOType'],
    'the configuration',
  );
  return configuredDesign(model, config.HLSConfig, { ...read, id: read.id ?? model.name }, where, misspelt);
}

/**
 * What a configuration says of the whole project: name, part, clock, io type, backend and tool; `settings` in its place where they say it.
 * @throws HwcastError `bad-input` naming the setting
 */
export function configuredSettings(config: Record<string, unknown>, settings: HlsSettings, where?: string): HlsSettings {
  const text = (...keys: string[]): string | undefined => {
    const found = keys.map((k) => config[k]).find((v) => typeof v === 'string' && v);
    return found as string | undefined;
  };
  const clock = config.ClockPeriod;
  if (clock !== undefined && clock !== null && !(typeof clock === 'number' && clock > 0))
    throw new HwcastError('bad-input', `ClockPeriod ${JSON.stringify(clock)} is no positive number of nanoseconds`, { where });
  const backend = settings.backend ?? text('Backend');
  const accelerator = isTable(config.AcceleratorConfig) ? config.AcceleratorConfig.Board : undefined;
  const part =
    settings.part ?? text('Part', 'XilinxPart', 'Board') ?? (typeof accelerator === 'string' ? accelerator : undefined);
  const version = settings.toolVersion;
  const tool = settings.tool ?? (version ? hlsToolOf(version) : backend ? TOOLS[backend.toLowerCase()] : undefined);
  const ioType = settings.ioType ?? ioTypeNamed(config.IOType, where);
  const id = settings.id ?? text('ProjectName');
  return {
    ...settings,
    ...(id ? { id } : {}),
    ...(part ? { part } : {}),
    ...(clock && settings.clockNs === undefined ? { clockNs: clock as number } : {}),
    ...uncertaintyOf(config.ClockUncertainty, where),
    ...(ioType ? { ioType } : {}),
    ...(backend ? { backend } : {}),
    ...(tool ? { tool } : {}),
  };
}

/** `27%` of the period. @throws HwcastError `bad-input` for another form */
function uncertaintyOf(value: unknown, where?: string): { clockUncertainty?: number } {
  if (value === undefined || value === null) return {};
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(String(value))?.[1];
  // in nanoseconds it is given without a sign
  if (percent === undefined && /^\d+(\.\d+)?(ns)?$/.test(String(value))) return {};
  if (percent === undefined || Number(percent) >= 100)
    throw new HwcastError('bad-input', `ClockUncertainty ${JSON.stringify(value)} is no share below 100 %`, {
      where,
      hint: "write '27%'",
    });
  return { clockUncertainty: Number(percent) / 100 };
}

const TOOLS: Record<string, string> = {
  vivado: 'vivado_hls',
  vivadoaccelerator: 'vivado_hls',
  vitis: 'vitis_hls',
  vitisaccelerator: 'vitis_hls',
  vitisunified: 'vitis_hls',
  catapult: 'catapult',
  quartus: 'quartus',
  oneapi: 'oneapi',
};
