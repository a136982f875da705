import { HwcastError } from '../../../core/errors.js';
import { isKerasFile } from '../../../graph/readers/keras/kerasFile.js';
import { withCountedWeights } from '../../design/countWeights.js';
import { type HlsDesign, type HlsLayer, parseHlsDesign } from '../../design/hlsDesign.js';
import { zerosUnknown } from '../../design/sparsity.js';
import { innerStructs } from '../hls4mlHeader.js';
import { hls4mlProjectDesign } from '../hls4mlProject.js';
import { configuredSettings, networkFileOf, parseHls4mlYaml } from '../hls4mlYaml.js';
import { type HlsDesignExtra, readHlsDesign } from '../readHlsDesign.js';
import { firmwareWeights } from './firmwareWeights.js';
import { layerNumber, type ParameterHeader, parameterHeader } from './parameterHeader.js';

/** Files of an hls4ml project by their path below its folder, `/` between. */
export type ProjectFiles = ReadonlyMap<string, Uint8Array>;

/** Whether a file of a folder or archive may tell something of the design in it. */
export const isProjectFile = (path: string): boolean =>
  /\.(ya?ml|json|keras|h5|hdf5|onnx)$/i.test(path) || /(^|\/)firmware\/(\w+\.(h|cpp)|weights\/w\w*\.(h|txt))$/.test(path);

/** A configuration of hls4ml, where it lies and its table. */
interface Found {
  path: string;
  config: Record<string, unknown>;
}

/**
 * The design of an hls4ml project: its configuration (`hls4ml_config.yml`), the network that it names or that lies beside it, and zeros counted in the network's file or in
 * `firmware/weights`. Without a network the layers are those of `firmware/parameters.h`.
 * @throws HwcastError `bad-input` where neither is there or there are several projects
 */
export function projectDesign(
  files: ProjectFiles,
  name: string,
  extra: Pick<HlsDesignExtra, 'other' | 'otherName'> = {},
): HlsDesign {
  const found = configurationOf(files, name);
  const folder = found ? folderOf(found.path) : (firmwareFolder(files) ?? '');
  const header = headerOf(files, folder, name);
  const network =
    extra.other === undefined ? found && networkOf(files, found) : { path: extra.otherName ?? 'network', content: extra.other };
  if (found && network) {
    const design = readHlsDesign(files.get(found.path)!, `${name}: ${found.path}`, {
      other: network.content,
      otherName: network.path,
      find: (file) => fileNamed(files, folder, file)?.content,
    });
    return header ? withFirmware(design, files, folder, header, (number) => header.names.get(number)) : design;
  }
  if (header?.layers.length) return headerDesign(files, folder, header, found, name);
  throw new HwcastError(
    'bad-input',
    found
      ? `the project has ${found.path}, but neither the network that it configures nor firmware/parameters.h`
      : 'the folder or archive has neither an hls4ml configuration nor firmware/parameters.h',
    { where: name, hint: found ? 'give the network with --keras: Keras JSON, .keras, .h5 or ONNX' : 'give one file of a design' },
  );
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The configuration nearest to the root. @throws HwcastError `bad-input` where two are equally near */
function configurationOf(files: ProjectFiles, name: string): Found | undefined {
  const all = [...files]
    .filter(([path]) => /\.ya?ml$/i.test(path))
    .flatMap(([path, bytes]): Found[] => {
      const config = parseHls4mlYaml(text(bytes), `${name}: ${path}`);
      return config && 'HLSConfig' in config ? [{ path, config }] : [];
    })
    .sort((a, b) => a.path.split('/').length - b.path.split('/').length);
  const named = all.filter(({ path }) => /(^|\/)hls4ml_config\.ya?ml$/.test(path)),
    candidates = named.length ? named : all;
  const nearest = candidates.filter(({ path }) => path.split('/').length === candidates[0].path.split('/').length);
  if (nearest.length > 1)
    throw new HwcastError('bad-input', `there are several projects: ${nearest.map(({ path }) => path).join(', ')}`, {
      where: name,
      hint: 'name the folder of one',
    });
  return nearest[0];
}

/** The file that a configuration names, by its path beside it or its name anywhere below; else the only file of a network. */
function networkOf(files: ProjectFiles, { path, config }: Found): { path: string; content: Uint8Array } | undefined {
  const folder = folderOf(path),
    named = networkFileOf(config);
  const exact = named && fileNamed(files, folder, named.file);
  if (exact) return exact;
  const others = [...files].filter(
    ([file, content]) => file.startsWith(folder) && (isKerasFile(content) || /\.onnx$/i.test(file) || isKerasJson(file, content)),
  );
  return others.length === 1 ? { path: others[0][0], content: others[0][1] } : undefined;
}

const isKerasJson = (path: string, content: Uint8Array): boolean =>
  /\.json$/i.test(path) && /"class_name"\s*:\s*"(Sequential|Functional|Model)"/.test(text(content));

/** A file as a configuration names it: paths in it are from where hls4ml ran, often with the name of the project in front. */
function fileNamed(files: ProjectFiles, folder: string, named: string): { path: string; content: Uint8Array } | undefined {
  const parts = named.replace(/^\.?\//, '').split('/');
  for (let i = 0; i < parts.length; i++) {
    const path = folder + parts.slice(i).join('/'),
      content = files.get(path);
    if (content) return { path, content };
  }
  return undefined;
}

const firmwareFolder = (files: ProjectFiles): string | undefined => {
  const path = [...files.keys()].find((p) => /(^|\/)firmware\/parameters\.h$/.test(p));
  return path?.replace(/firmware\/parameters\.h$/, '');
};

function headerOf(files: ProjectFiles, folder: string, name: string): ParameterHeader | undefined {
  const read = (file: string): string | undefined => {
    const bytes = files.get(`${folder}firmware/${file}`);
    return bytes && text(bytes);
  };
  const parameters = read('parameters.h');
  if (parameters === undefined) return undefined;
  const top = [...files].find(([path]) => path.startsWith(`${folder}firmware/`) && path.endsWith('.cpp'));
  return parameterHeader(
    { parameters, defines: read('defines.h'), top: top && text(top[1]) },
    `${name}: ${folder}firmware/parameters.h`,
  );
}

/** Zeros of layers that the file of the network does not tell: counted in the weights that the project wrote, else as its header has them. */
function withFirmware(
  design: HlsDesign,
  files: ProjectFiles,
  folder: string,
  header: ParameterHeader,
  nameOf: (number: string) => string | undefined,
): HlsDesign {
  const prefix = `${folder}firmware/`,
    texts = new Map(
      [...files].flatMap(([path, bytes]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), text(bytes)]] : [])),
    );
  const counted = withCountedWeights(design, { byLayer: firmwareWeights(texts, header, nameOf), source: 'firmware/weights' });
  const zerosOf = new Map(
    header.layers.flatMap(({ config, n_zeros }) => {
      const name = typeof n_zeros === 'number' ? nameOf(layerNumber(config) ?? '') : undefined;
      return name === undefined ? [] : [[name, n_zeros as number]];
    }),
  );
  const told: string[] = [];
  const layers = counted.layers.map((layer): HlsLayer => {
    const zeroWeights = zerosOf.get(layer.name);
    if (zeroWeights === undefined || !zerosUnknown(layer)) return layer;
    told.push(`${layer.name} ${zeroWeights}`);
    return { ...layer, zeroWeights };
  });
  if (!told.length) return counted;
  const assumptions = [...counted.assumptions, `zero weights as firmware/parameters.h states them: ${told.join(', ')}`];
  return parseHlsDesign({ ...counted, layers, assumptions });
}

/** Layers of the parameter header as a chain, with the settings of the configuration where there is one. */
function headerDesign(
  files: ProjectFiles,
  folder: string,
  header: ParameterHeader,
  found: Found | undefined,
  name: string,
): HlsDesign {
  const settings = found ? configuredSettings(found.config, {}, `${name}: ${found.path}`) : {};
  const input = header.types.get('input_t') ?? [...header.types].find(([type]) => /^(model_default|input\w*)_t$/.test(type))?.[1];
  const inner = innerStructs(header.layers),
    first = header.layers.find(({ config }) => !inner.has(config));
  const design = hls4mlProjectDesign(
    {
      id: settings.id ?? name,
      source: name,
      model_id: settings.id ?? name,
      layers: header.layers,
      input_precision: input ? { bits: input.bits, int_bits: input.intBits, signed: input.signed } : null,
      strategy: header.layers.find((l) => l.strategy)?.strategy ?? null,
      reuse_factor: first?.reuse_factor ?? null,
      io_type: settings.ioType ?? header.layers.find((l) => typeof l.io_type === 'string')?.io_type ?? null,
      backend: settings.backend ?? null,
      part: settings.part ?? null,
      tool: settings.tool ?? null,
      clock_target_ns: settings.clockNs ?? null,
    },
    { where: name },
  );
  const layers = design.layers.map((layer): HlsLayer => {
    const result = header.types.get(`layer${layerNumber(layer.name)}_t`),
      { zeroWeights: _, ...rest } = layer;
    return { ...rest, ...(result ? { result } : {}) };
  });
  const configOf = new Map(layers.map((layer) => [layerNumber(layer.name)!, layer.name]));
  const weighed = withFirmware({ ...design, layers }, files, folder, header, (number) => configOf.get(number));
  return {
    ...weighed,
    assumptions: [
      ...weighed.assumptions,
      'no network in the project: layers are those of firmware/parameters.h, one after another',
    ],
  };
}
