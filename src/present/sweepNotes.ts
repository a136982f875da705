import { crossings, type Sweep } from '../llm/sweep.js';

/** Names of swept amounts. */
export const AMOUNTS = {
  isl: 'tokens of the prompt',
  osl: 'tokens made',
  batch: 'requests together',
  tp: 'tensor parallelism',
  pp: 'pipeline parallelism',
  ep: 'expert parallelism',
} as const;

/** What of a sweep's lines cannot be read off: where two cross, how far each fits. */
export function sweepNotes(sweep: Sweep): string[] {
  const { axis, lines } = sweep,
    name = AMOUNTS[axis];
  const equal = (['ttft', 'requestTime'] as const).flatMap((field) =>
    crossings(sweep, (e) => e[field]).map(
      ({ labels, x }) =>
        `${field === 'ttft' ? 'First token' : 'Whole request'}: equal at ${rounded(x)} ${name}; beyond, ${labels[0]} is the faster`,
    ),
  );
  const limits = lines.flatMap(({ label, mostThatFits }) =>
    mostThatFits === null ? [] : [`${label}: fits up to ${mostThatFits} ${name}`],
  );
  return [...equal, ...limits];
}

const rounded = (x: number): number => Number(x.toPrecision(2));
