import type { MappedOp } from '../../../graph/operatorText.js';
import { operatorText } from '../../../graph/operatorText.js';
import { rootOf } from '../../timeline/rootUnits.js';
import { isMapped, mapOperator } from './atenOperators.js';
import type { OperatorCall } from './eventArguments.js';
import type { Rank } from './kinetoRanks.js';
import type { KinetoTrace } from './kinetoTrace.js';
import { listDtypes } from './listDtypes.js';

/** One run of one operator with the device work it caused. Times in microseconds. */
export interface Unit {
  /** its position in the timeline */
  operator: number;
  called: OperatorCall;
  start: number;
  /** s of the host inside it, microseconds */
  hostTime: number;
  /** start of the outermost operator around it */
  rootStart: number;
  /** the operator, or the reason why it cannot be used */
  mapped: MappedOp | string;
  /** equal for equal operators on equal shapes */
  signature: string;
  /** sum of kernel times; own duration in a trace of a CPU */
  time: number;
  /** when its work was done */
  end: number;
  /** positions of its work, by start */
  work: number[];
}

/** Operators that only rearrange views or allocate: they take no time on a device and are left out of traces of a CPU. */
const NO_WORK =
  /^aten::(view|reshape|_unsafe_view|_reshape_alias|t|transpose|permute|expand|expand_as|as_strided|as_strided_|empty.*|new_empty.*|resize_|slice|select|narrow|unsqueeze|squeeze|unbind|split.*|chunk|detach|detach_|alias|flatten|unflatten|result_type|item|_local_scalar_dense|is_nonzero|size|stride|numel|lift_fresh|set_)$/;

/**
 * Groups device work by operator, in the order in which the operators started. Work belongs to the outermost operator that `mapOperator` knows
 * (`aten::linear`, not the `aten::addmm` inside it; `aten::conv2d` with the bias `add_` it contains), or to the next one inward where that one's
 * shapes were not recorded; without any, to the innermost operator, as `opaque`.
 * @param onHost the trace is of a CPU: operators' own durations count
 */
export function kinetoUnits(trace: KinetoTrace, rank: Rank, onHost: boolean): Unit[] {
  const { timeline, linked, faulty, callOf } = trace,
    { start, end } = timeline.operators,
    ownerOf = ownerFinder(trace);
  const byOwner = new Map<number, number[]>();
  for (const w of linked.work) {
    if (linked.operator[w] < 0 || !rank.hasWork(w)) continue;
    const owner = ownerOf(linked.operator[w]),
      list = byOwner.get(owner);
    if (list) list.push(w);
    else byOwner.set(owner, [w]);
  }
  const damaged = new Map(faulty.flatMap((f) => (f.operator < 0 || !f.isOf(rank) ? [] : [[ownerOf(f.operator), f.reason]])));
  for (const owner of damaged.keys()) if (!byOwner.has(owner)) byOwner.set(owner, []);
  if (onHost)
    for (const o of linked.operators) {
      if (!rank.hasOperator(o)) continue;
      const owner = ownerOf(o),
        { name } = callOf(o);
      if (
        !byOwner.has(owner) &&
        (isMapped(callOf(owner).name) || (isOutermost(trace, o) && name.includes('::') && !NO_WORK.test(name)))
      )
        byOwner.set(owner, []);
    }

  const place = new Int32Array(start.length);
  linked.operators.forEach((o, i) => {
    place[o] = i;
  });
  const order = [...byOwner].sort(([a], [b]) => start.get(a) - start.get(b) || place[a] - place[b]);
  const dtypeNear = listDtypes(order.map(([owner]) => mapOperator(callOf(owner))));
  return order.map(([owner, list], at): Unit => {
    const called = callOf(owner),
      fault = damaged.get(owner),
      hostEnd = end.get(owner);
    const mapped =
        fault === undefined ? mapOperator(called, (shapes) => dtypeNear(shapes, at)) : `its device work has no time: ${fault}`,
      shaped = mapOperator(called, () => 'fp32');
    return {
      operator: owner,
      called,
      start: start.get(owner),
      hostTime: hostEnd - start.get(owner),
      rootStart: start.get(rootOf(timeline, linked.parent, owner)),
      mapped,
      // of a list whose element type had to be looked up, the shapes alone: steps are told apart by it
      signature: typeof shaped === 'string' ? `? ${called.name}` : operatorText(shaped),
      time: onHost
        ? hostEnd - start.get(owner)
        : list.reduce((s, w) => s + timeline.work.end.get(w) - timeline.work.start.get(w), 0),
      end: onHost
        ? hostEnd
        : list.reduce((m, w) => Math.max(m, timeline.work.end.get(w)), list.length ? Number.NEGATIVE_INFINITY : hostEnd),
      work: list,
    };
  });
}

/** The operator to which the work of an operator belongs. */
function ownerFinder({ timeline, linked: { parent }, callOf }: KinetoTrace): (operator: number) => number {
  const usable = new Map<OperatorCall, boolean>();
  const isUsable = (o: number): boolean => {
    const called = callOf(o);
    let known = usable.get(called);
    if (known === undefined) {
      known = typeof mapOperator(called, () => 'fp32') !== 'string';
      usable.set(called, known);
    }
    return known;
  };
  const owners = new Int32Array(timeline.operators.start.length).fill(-2);
  return (operator) => {
    if (owners[operator] >= 0) return owners[operator];
    let outermost = -1,
      best = -1;
    for (let o = operator; o >= 0; o = parent[o])
      if (isMapped(callOf(o).name)) {
        outermost = o;
        if (isUsable(o)) best = o;
      }
    owners[operator] = best >= 0 ? best : outermost >= 0 ? outermost : operator;
    return owners[operator];
  };
}

/** Nothing is around it but what a compiler wraps around the operators it leaves as they are. */
function isOutermost({ linked: { parent }, callOf }: KinetoTrace, operator: number): boolean {
  let at = parent[operator];
  while (at >= 0 && callOf(at).name.startsWith('Torch-Compiled Region')) at = parent[at];
  return at < 0;
}
