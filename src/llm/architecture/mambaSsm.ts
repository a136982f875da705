import { HwcastError } from '../../core/errors.js';
import type { Json } from './configFields.js';

/** Sizes that mamba_ssm takes where `ssm_cfg` has none (Mamba, Mamba2 of state-spaces/mamba). */
const DEFAULTS = { d_state: { mamba: 16, mamba2: 128 }, d_conv: 4, expand: 2, headdim: 64, ngroups: 1, chunk_size: 256 } as const;

/** Whether a configuration is one of state-spaces/mamba, which has no `model_type`. */
export const isMambaSsm = (json: Json): boolean => json.model_type === undefined && 'd_model' in json && 'ssm_cfg' in json;

/**
 * The configuration of a checkpoint of state-spaces/mamba (`mamba-2.8b`, `mamba2-2.7b`) in the names of transformers.
 * @throws HwcastError `unsupported` where some layers attend, which transformers has no model of
 */
export function ofMambaSsm(json: Json, where: string): { json: Json; assumptions: string[] } {
  const ssm = (json.ssm_cfg ?? {}) as Json;
  if (Array.isArray(json.attn_layer_idx) && json.attn_layer_idx.length)
    throw new HwcastError(
      'unsupported',
      `layers ${json.attn_layer_idx.join(', ')} attend (attn_layer_idx), which is not read of this form`,
      {
        where,
        hint: 'write the model as bamba: layer_types, mamba_* and attention sizes',
      },
    );
  const family = ssm.layer === 'Mamba2' ? 'mamba2' : 'mamba';
  const of = (name: Exclude<keyof typeof DEFAULTS, 'd_state'>) => ssm[name] ?? DEFAULTS[name];
  const hidden = Number(json.d_model),
    multiple = Number(json.pad_vocab_size_multiple ?? 8),
    inner = Number(of('expand')) * hidden;
  return {
    json: {
      model_type: family,
      hidden_size: json.d_model,
      num_hidden_layers: json.n_layer,
      vocab_size: multiple * Math.ceil(Number(json.vocab_size) / multiple),
      state_size: ssm.d_state ?? DEFAULTS.d_state[family],
      conv_kernel: of('d_conv'),
      expand: of('expand'),
      tie_word_embeddings: json.tie_embeddings ?? true,
      ...(family === 'mamba2'
        ? {
            head_dim: of('headdim'),
            num_heads: inner / Number(of('headdim')),
            n_groups: of('ngroups'),
            chunk_size: of('chunk_size'),
          }
        : { intermediate_size: inner, time_step_rank: ssm.dt_rank ?? Math.ceil(hidden / 16) }),
    },
    assumptions: ['sizes that ssm_cfg does not have are those of mamba_ssm'],
  };
}
