import { elementCount } from '../../../../core/elementCount.js';
import { knownValue } from '../tfliteValue.js';
import type { TfliteRule, TfliteRules, TfliteVisit } from '../tfliteVisit.js';

/** A subgraph runs in the place of its operator. */
const call: TfliteRule = (visit) => visit.shared.inline(visit.option('CallOptions', 'subgraph'), visit.inputs);

/** Operators of another framework, with what they are made of as a subgraph. */
const composite: TfliteRule = (visit) =>
  visit.shared.inline(visit.option('StableHLOCompositeOptions', 'decomposition_subgraph_index', -1), visit.inputs);

/** A branch that is known is taken; else the operator is opaque. */
const conditional: TfliteRule = (visit) => {
  const branches = ['then_subgraph_index', 'else_subgraph_index'].map((field) => visit.option('IfOptions', field));
  const read = visit.inputs.slice(1);
  const condition = visit.numbers(0)?.[0];
  if (condition !== undefined) return visit.shared.inline(branches[condition ? 0 : 1], read);
  const passes = branches.map((branch) => visit.shared.behind(branch, read));
  visit.build.model.warn(`IF is not counted but by its tensors: ${passes.join(' or ')}`);
  return visit.opaque();
};

const loop: TfliteRule = (visit) => {
  const body = visit.shared.behind(visit.option('WhileOptions', 'body_subgraph_index'), visit.inputs);
  visit.build.model.warn(`WHILE is not counted but by its tensors: ${body} a pass, an unknown number of passes`);
  return visit.opaque();
};

/** A variable that is kept from one pass to the next: its handle is nothing, reading it is reading a tensor of the model. */
const handle: TfliteRule = (visit) => knownValue([], visit.dtype, [0]);
const readVariable: TfliteRule = (visit) => visit.build.plain(visit.build.model.constant(visit.statedShape(), visit.dtype));

/** Writes a variable for the next pass. */
const assignVariable: TfliteRule = (visit) => {
  const value = visit.input(1);
  if (elementCount(value.shape)) visit.shared.kept.push(writtenAnew(visit));
  return [];
};
const writtenAnew = (visit: TfliteVisit): string =>
  visit.build.model.add('copy', [visit.build.last(visit.tensor(1))], {}, visit.input(1).dtype);

export const CONTROL_FLOW: TfliteRules = {
  CALL: call,
  STABLEHLO_COMPOSITE: composite,
  IF: conditional,
  WHILE: loop,
  // runs when the network is loaded
  CALL_ONCE: () => [],
  VAR_HANDLE: handle,
  READ_VARIABLE: readVariable,
  ASSIGN_VARIABLE: assignVariable,
};
