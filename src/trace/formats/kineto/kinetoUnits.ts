import type { MappedOp } from '../../../graph/operatorText.js';
import { operatorText } from '../../../graph/operatorText.js';
import { isMapped, mapOperator } from './atenOperators.js';
import type { OpEvent } from './kinetoEvents.js';
import type { LinkedTrace, LinkedWork } from './kinetoLink.js';
import { listDtypes } from './listDtypes.js';

/** One run of one operator with the device work it caused. Times in microseconds. */
export interface Unit {
  event: OpEvent;
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
  work: LinkedWork[];
}

/** Operators that only rearrange views or allocate: they take no time on a device and are left out of traces of a CPU. */
const NO_WORK =
  /^aten::(view|reshape|_unsafe_view|_reshape_alias|t|transpose|permute|expand|expand_as|as_strided|as_strided_|empty.*|new_empty.*|resize_|slice|select|narrow|unsqueeze|squeeze|unbind|split.*|chunk|detach|detach_|alias|flatten|unflatten|result_type|item|_local_scalar_dense|is_nonzero|size|stride|numel|lift_fresh|set_)$/;

/** A name of the user's around operators (`record_function`), which traces of 2021 do not tell from operators otherwise. */
const isScope = (op: OpEvent): boolean => op.scope === true && !op.name.includes('::');

/** Operators that no other is around, with or without device work, by start. */
export function rootOperators({ ops, parent }: Pick<LinkedTrace, 'ops' | 'parent'>): OpEvent[] {
  return ops.filter((op, i) => !isScope(op) && (parent[i] < 0 || isScope(ops[parent[i]]))).sort((a, b) => a.start - b.start);
}

/** Nothing is around it but what a compiler wraps around the operators it leaves as they are. */
function isOutermost(ops: readonly OpEvent[], parent: Int32Array, i: number): boolean {
  let at = parent[i];
  while (at >= 0 && ops[at].name.startsWith('Torch-Compiled Region')) at = parent[at];
  return at < 0;
}

/**
 * Groups device work by operator, in the order in which the operators started. Work belongs to the outermost operator that `mapOperator` knows
 * (`aten::linear`, not the `aten::addmm` inside it; `aten::conv2d` with the bias `add_` it contains), or to the next one inward where that one's
 * shapes were not recorded; without any, to the innermost operator, as `opaque`.
 * @param onHost the trace is of a CPU: operators' own durations count
 */
export function kinetoUnits({ ops, parent, work, faulty }: LinkedTrace, onHost: boolean): Unit[] {
  const usable = new Map<number, boolean>();
  const isUsable = (i: number): boolean => {
    let known = usable.get(i);
    if (known === undefined) {
      known = typeof mapOperator(ops[i], () => 'fp32') !== 'string';
      usable.set(i, known);
    }
    return known;
  };
  const owners = new Int32Array(ops.length).fill(-2);
  const ownerOf = (op: number): number => {
    if (owners[op] >= 0) return owners[op];
    let outermost = -1,
      best = -1;
    for (let i = op; i >= 0; i = parent[i])
      if (isMapped(ops[i].name)) {
        outermost = i;
        if (isUsable(i)) best = i;
      }
    owners[op] = best >= 0 ? best : outermost >= 0 ? outermost : op;
    return owners[op];
  };

  const byOwner = new Map<number, LinkedWork[]>();
  for (const w of work) {
    if (w.op < 0) continue;
    const owner = ownerOf(w.op),
      list = byOwner.get(owner);
    if (list) list.push(w);
    else byOwner.set(owner, [w]);
  }
  const damaged = new Map(faulty.flatMap((f) => (f.op < 0 ? [] : [[ownerOf(f.op), f.reason]])));
  for (const owner of damaged.keys()) if (!byOwner.has(owner)) byOwner.set(owner, []);
  if (onHost)
    ops.forEach((op, i) => {
      const owner = ownerOf(i);
      if (
        !byOwner.has(owner) &&
        (isMapped(ops[owner].name) || (isOutermost(ops, parent, i) && op.name.includes('::') && !NO_WORK.test(op.name)))
      )
        byOwner.set(owner, []);
    });

  const order = [...byOwner].sort(([a], [b]) => ops[a].start - ops[b].start || a - b);
  const dtypeNear = listDtypes(order.map(([owner]) => mapOperator(ops[owner])));
  return order.map(([owner, list], at) => {
    const event = ops[owner];
    let root = owner;
    while (parent[root] >= 0 && !isScope(ops[parent[root]])) root = parent[root];
    const fault = damaged.get(owner);
    const mapped =
        fault === undefined ? mapOperator(event, (shapes) => dtypeNear(shapes, at)) : `its device work has no time: ${fault}`,
      shaped = mapOperator(event, () => 'fp32');
    return {
      event,
      rootStart: ops[root].start,
      mapped,
      // of a list whose element type had to be looked up, the shapes alone: steps are told apart by it
      signature: typeof shaped === 'string' ? `? ${event.name}` : operatorText(shaped),
      time: onHost ? event.end - event.start : list.reduce((s, w) => s + w.work.end - w.work.start, 0),
      end: onHost
        ? event.end
        : list.reduce((m, w) => Math.max(m, w.work.end), list.length ? Number.NEGATIVE_INFINITY : event.end),
      work: list,
    };
  });
}
