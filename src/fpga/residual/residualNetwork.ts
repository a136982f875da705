import { linearSpec, type ParameterSpec } from '../../tensor/parameters.js';
import { CONTEXT_COLUMNS } from './contextColumns.js';
import { LAYER_COLUMNS } from './layerColumns.js';
import { RESIDUAL_TARGETS } from './layerFeatures.js';
import type { ResidualScaler } from './residualScaler.js';

export const RESIDUAL_ENCODERS = ['mlp', 'gnn'] as const;
/** mlp: each layer alone, with the context of its design; gnn: layers also hear of their neighbours along the edges */
export type ResidualEncoder = (typeof RESIDUAL_ENCODERS)[number];

export interface ResidualConfig {
  encoder: ResidualEncoder;
  width: number;
  scaler: ResidualScaler;
  /** [RESIDUAL_TARGETS] largest |log residual| of the training rows: a prediction leaves the rules by no more */
  cap: number[];
  /** kinds of nodes seen in training; the others keep the analytical value */
  kinds: string[];
}

const T = RESIDUAL_TARGETS.length,
  F = LAYER_COLUMNS.length,
  C = CONTEXT_COLUMNS.length;
/** Rounds of messages of the GNN. */
export const ROUNDS = 2;
/** Where heads start: a floor of a quarter of a per cent of its scale, a layer in twenty off the rule. */
export const FLOOR_START = -6,
  DIFFERS_START = -3;

/** Parameters of the network; the heads start at zero, which is the analytical core. */
export function residualSpecs({ encoder, width }: Pick<ResidualConfig, 'encoder' | 'width'>): ParameterSpec[] {
  const hidden =
    encoder === 'mlp'
      ? linearSpec('hidden1', width, width)
      : Array.from({ length: ROUNDS }, (_, i) => linearSpec(`round${i + 1}`, 3 * width, width)).flat();
  return [
    ...linearSpec('in', F + C, width),
    ...hidden,
    { name: 'out.weight', shape: [width, 3 * T], init: { constant: 0 } },
    { name: 'out.bias', shape: [3 * T], init: { constant: 0 } },
  ];
}
