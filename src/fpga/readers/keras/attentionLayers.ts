import { EINSUM_DENSE, type HlsLayer } from '../../design/hlsDesign.js';
import { type EinsumSizes, einsumSizes } from './einsumEquation.js';
import type { KerasRule, KerasTensor, KerasVisit } from './kerasVisit.js';

/** A product with weights at each of several positions, as hls4ml's EinsumDense has it: rows of what is summed over, then the result in its shape. */
function addEinsumDense(visit: KerasVisit, name: string, of: EinsumSizes, weights: Partial<HlsLayer>): void {
  const rows = of.inPlace * of.free[0],
    shape = (last: number): number[] => (rows > 1 ? [rows, last] : [last]);
  const as = (suffix: string, to: number[]): void => {
    if (to.join() !== visit.current.shape.join()) visit.add('reshape', to, {}, { name: `${name}_${suffix}` });
  };
  as('rows', shape(of.contracted));
  visit.add('dense', shape(of.free[1]), { ...weights, source: EINSUM_DENSE }, { name });
  as('shape', of.outShape);
}

export const einsumDense: KerasRule = (visit) => {
  const { equation, output_shape: stated } = visit.config,
    { shape } = visit.input;
  const out = Array.isArray(stated) ? (stated as (number | null)[]) : [stated as number],
    sizes = einsumSizes(String(equation), shape, undefined, out);
  if (!sizes)
    throw visit.problem(
      `has the equation '${equation}' and output_shape ${JSON.stringify(stated)}, which do not fit ${JSON.stringify(shape)}`,
    );
  addEinsumDense(visit, visit.layer.name, sizes, visit.weighted([sizes.contracted, sizes.free[1]]));
};

/** Sums of products of two tensors; the first has rows of what is summed over. */
function addProduct(visit: KerasVisit, inputs: readonly KerasTensor[], rows: number[], out: number[], name: string): void {
  visit.current = { shape: rows, from: inputs[0].from };
  visit.add('merge', out, { merge: 'matmul' }, { name, inputs });
}

/** HGQ2's product of two tensors. */
export const einsum: KerasRule = (visit) => {
  const [a, b] = visit.producers,
    { equation } = visit.config;
  const of = b && einsumSizes(String(equation), a.shape, b.shape);
  if (!of)
    throw visit.problem(
      `has the equation '${equation}', which does not fit ${JSON.stringify(visit.producers.map((p) => p.shape))}`,
    );
  addProduct(visit, visit.producers, [of.inPlace * of.free[0], of.contracted], of.outShape, visit.layer.name);
};

/**
 * Attention as hls4ml builds it of HGQ2's (`SQMultiHeadAttentionHandler`): products with weights for query, key and value, a product of two tensors, a softmax of each row, a second one, and a
 * product with weights.
 */
export const multiHeadAttention: KerasRule = (visit) => {
  const { name } = visit.layer,
    [query, value = query, key = value] = visit.producers;
  const heads = visit.integer('num_heads'),
    width = visit.integer('key_dim'),
    valueWidth = visit.config.value_dim ? visit.integer('value_dim') : width;
  const [rows, features] = query.shape,
    [steps] = value.shape;
  if (visit.producers.some(({ shape }) => shape.length !== 2))
    throw visit.problem(`needs inputs [steps, features], not ${JSON.stringify(visit.producers.map((p) => p.shape))}`);
  if (!/^Q/.test(visit.layer.className))
    visit.walk.assumptions.push(`layer '${name}': as hls4ml builds a QMultiHeadAttention of HGQ2`);
  const projected = (from: KerasTensor, part: string, outs: number): KerasTensor => {
    visit.current = from;
    addEinsumDense(visit, `${name}_${part}`, projection(from.shape, outs), visit.weighted([from.shape[1], outs]));
    return visit.current;
  };
  const product = (from: KerasTensor, other: KerasTensor, part: string, terms: number, out: number[]): void =>
    addProduct(visit, [from, other], [heads * rows, terms], out, `${name}_${part}`);
  const q = projected(query, 'query', heads * width),
    k = projected(key, 'key', heads * width),
    v = projected(value, 'value', heads * valueWidth);
  product(q, k, 'QK', width, [heads, rows, steps]);
  visit.add('activation', visit.current.shape, { activation: 'softmax' }, { name: `${name}_softmax` });
  product(visit.current, v, 'aV', steps, [rows, heads * valueWidth]);
  addEinsumDense(visit, name, projection([rows, heads * valueWidth], features), visit.weighted([heads * valueWidth, features]));
};

/** A product with weights over the last axis. */
const projection = ([rows, features]: readonly number[], outs: number): EinsumSizes => ({
  inPlace: 1,
  free: [rows, outs],
  contracted: features,
  outShape: [rows, outs],
});
