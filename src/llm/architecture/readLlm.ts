import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { closeNames, HwcastError } from '../../core/errors.js';
import { readTextChecked } from '../../core/files.js';
import type { Json } from './configFields.js';
import { isGguf, readGguf } from './gguf.js';
import { KNOWN_MODELS } from './knownModels.js';
import type { LlmArchitecture } from './llmArchitecture.js';
import { quantisationOf } from './quantisation.js';
import { readConfig } from './readConfig.js';
import { safetensorsBytes } from './safetensorsHeader.js';

/** `owner/name`, as on Hugging Face. */
const IDENTIFIER = /^[\w-]+\/(?!.*\.(json|gguf|safetensors)$)[\w.-]+$/;

/**
 * A model from what is at hand of it: `config.json`, a folder that holds it, a GGUF file, or a safetensors file (or its index) with `config.json` beside
 * it; or the id of a public model that hwcast knows (`knownModels`). Only headers of weights are read.
 * @throws HwcastError `not-found`, `corrupt` for a header that is cut, `bad-input` and `unsupported` as `readConfig`
 */
export function readLlm(path: string): LlmArchitecture {
  if (!existsSync(path) && IDENTIFIER.test(path)) return knownLlm(path);
  if (existsSync(path) && statSync(path).isDirectory()) return readFolder(path);
  if (isGguf(path)) return readGguf(path);
  if (/\.gguf$/i.test(path) && existsSync(path))
    throw new HwcastError('corrupt', `no GGUF header: the file of ${statSync(path).size} bytes does not begin with 'GGUF'`, {
      where: path,
      hint: 'fetch the file again; older formats of llama.cpp (GGML, GGJT) are converted by its tools',
    });
  if (/\.safetensors$/.test(path)) return { ...readFolder(dirname(path), path), statedBytes: safetensorsBytes(path) };
  if (/\.safetensors\.index\.json$/.test(path)) return readFolder(dirname(path), path);
  return named(readConfig(parsed(path), path), path);
}

/** A public model by its id on Hugging Face. @throws HwcastError `not-found` naming close matches */
export function knownLlm(id: string): LlmArchitecture {
  const config = Object.hasOwn(KNOWN_MODELS, id) ? KNOWN_MODELS[id] : undefined;
  if (!config)
    throw new HwcastError('not-found', `no model '${id}' is known by name`, {
      hint: `close: ${closeNames(id, Object.keys(KNOWN_MODELS)).join(', ') || 'none'}; give its config.json`,
    });
  const architecture = readConfig(config, id);
  return {
    ...architecture,
    name: id,
    assumptions: [...architecture.assumptions, `sizes of ${id} as hwcast knows them, no file was read`],
  };
}

function readFolder(folder: string, asked = folder): LlmArchitecture {
  const config = join(folder, 'config.json');
  if (!existsSync(config))
    throw new HwcastError('not-found', `no config.json in '${folder}'`, {
      where: asked,
      hint: 'weights alone do not say the architecture: put the config.json of the model beside them',
    });
  const architecture = named(readConfig(parsed(config), config), folder);
  const further = join(folder, 'hf_quant_config.json'),
    index = join(folder, 'model.safetensors.index.json'),
    single = join(folder, 'model.safetensors');
  const quantisation = architecture.quantisation ?? (existsSync(further) ? quantisationOf(parsed(further), further) : undefined);
  const stated = existsSync(index) ? indexBytes(index) : existsSync(single) ? safetensorsBytes(single) : undefined;
  return { ...architecture, quantisation, ...(stated ? { statedBytes: stated } : {}) };
}

function indexBytes(path: string): number | undefined {
  const total = (parsed(path).metadata as Json | undefined)?.total_size;
  return typeof total === 'number' && total > 0 ? total : undefined;
}

const named = (architecture: LlmArchitecture, path: string): LlmArchitecture =>
  architecture.name === architecture.family ? { ...architecture, name: path.split(/[\\/]/).pop() || path } : architecture;

function parsed(path: string): Json {
  const text = readTextChecked(path, 'configuration');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('bad-input', `not a JSON configuration: ${(cause as Error).message}`, {
      where: path,
      cause,
      hint: 'give a config.json, a GGUF file or a safetensors file',
    });
  }
  if (!json || typeof json !== 'object' || Array.isArray(json))
    throw new HwcastError('bad-input', 'the configuration is no JSON object', { where: path });
  return json as Json;
}
