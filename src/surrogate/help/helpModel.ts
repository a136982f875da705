import { HwcastError } from '../../core/errors.js';
import { spaceNamed } from '../../graph/spaces/index.js';
import type { Arch, Space } from '../../graph/spaces/space.js';
import { type NamedArray, Parameters } from '../../tensor/parameters.js';
import { helpEncoding } from './helpEncoding.js';
import { type HelpShape, helpSpecs, predictorSpecs } from './helpNetwork.js';

/** A meta-trained HELP: adapt it to a device with `adaptHelp`. Plain data. */
export interface HelpModel {
  space: Space;
  /** the networks to measure on every device for its hardware embedding */
  references: Arch[];
  shape: HelpShape;
  parameters: Parameters;
  /** gradient steps on the support set in training; 2 */
  innerSteps: number;
  /** gradient steps on the support set of a new device; 16 */
  adaptSteps: number;
  /** of the modulation of the head; 0.01 */
  modulationScale: number;
  /** episode the parameters are of, counted from 1 */
  episode: number;
  /** mean Spearman over the validation tasks at that episode; null without validation */
  validationSpearman: number | null;
}

/** The JSON part of a saved model. */
export interface HelpConfig {
  space: string;
  /** canonical codes */
  references: string[];
  width: number;
  innerSteps: number;
  adaptSteps: number;
  modulationScale: number;
  episode: number;
  validationSpearman: number | null;
}

export function helpShape(space: Space, references: number, width: number): HelpShape {
  return { encoding: helpEncoding(space), references, width };
}

/** Names of the parameters that are adapted to a device. */
export const predictorNames = (shape: HelpShape): string[] => predictorSpecs(shape).map((s) => s.name);

/** A model as JSON and named arrays; `loadHelp` is the inverse. */
export function saveHelp(model: HelpModel): { config: HelpConfig; arrays: NamedArray[] } {
  const { space, references, shape, parameters, innerSteps, adaptSteps, modulationScale, episode, validationSpearman } = model;
  return {
    config: {
      space: space.name,
      references: references.map(space.format),
      width: shape.width,
      innerSteps,
      adaptSteps,
      modulationScale,
      episode,
      validationSpearman,
    },
    arrays: parameters.named(),
  };
}

/** @throws HwcastError `not-found` for an unknown space, `corrupt` where the arrays are not those of the configuration. */
export function loadHelp(config: HelpConfig, arrays: readonly NamedArray[]): HelpModel {
  const space = spaceNamed(config.space),
    references = config.references.map((code) => space.parse(code));
  const shape = helpShape(space, references.length, config.width),
    parameters = Parameters.fromNamed(arrays);
  const expected = helpSpecs(shape);
  for (const { name, shape: dims } of expected)
    if (String(parameters.shape(name)) !== String(dims))
      throw new HwcastError('corrupt', `parameter '${name}' has shape [${parameters.shape(name)}] instead of [${dims}]`);
  if (parameters.names.length !== expected.length)
    throw new HwcastError('corrupt', `${parameters.names.length} parameters instead of ${expected.length}`);
  const { innerSteps, adaptSteps, modulationScale, episode, validationSpearman } = config;
  return { space, references, shape, parameters, innerSteps, adaptSteps, modulationScale, episode, validationSpearman };
}
