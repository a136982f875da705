/** How values meet the linear model: `linear` models value / mean (costs add up within a space), `log` models log value (graphs of all sizes). */
export type Link = 'linear' | 'log';

/** Values as the head sees them, positive around 1, and the way back: seconds (or joules) from the head's mean. */
export function linked(values: ArrayLike<number>, link: Link): { values: Float64Array; back(v: number): number; unit: number } {
  if (link === 'linear') return { values: Float64Array.from(values), back: (v) => v, unit: 1 };
  let level = 0;
  for (let i = 0; i < values.length; i++) level += Math.log(values[i]) / values.length;
  return {
    values: Float64Array.from(values, (v) => 1 + Math.log(v) - level),
    back: (v) => Math.exp(v - 1 + level),
    unit: Math.exp(level),
  };
}
