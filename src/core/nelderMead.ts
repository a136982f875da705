/**
 * Minimum of a function of several variables near `start`, without derivatives (Nelder and Mead, Computer Journal 1965): reflection 1, expansion 2,
 * contraction and shrinkage 1/2. Deterministic; `steps` bounds the iterations.
 */
export function nelderMead(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  { step = 0.25, steps = 200 } = {},
): number[] {
  const points = [start, ...start.map((_, i) => start.map((v, j) => (i === j ? v + step : v)))].map((x) => ({
    x: [...x],
    y: f(x),
  }));
  for (let k = 0; k < steps; k++) {
    points.sort((a, b) => a.y - b.y);
    const worst = points[points.length - 1];
    const centre = start.map((_, i) => points.slice(0, -1).reduce((sum, p) => sum + p.x[i], 0) / start.length);
    const along = (t: number) => {
      const x = centre.map((c, i) => c + t * (worst.x[i] - c));
      return { x, y: f(x) };
    };
    const reflected = along(-1);
    if (reflected.y < points[0].y) {
      const expanded = along(-2);
      points[points.length - 1] = expanded.y < reflected.y ? expanded : reflected;
    } else if (reflected.y < points[points.length - 2].y) points[points.length - 1] = reflected;
    else {
      const contracted = along(0.5);
      if (contracted.y < worst.y) points[points.length - 1] = contracted;
      else
        for (let i = 1; i < points.length; i++) {
          const x = points[i].x.map((v, j) => points[0].x[j] + (v - points[0].x[j]) / 2);
          points[i] = { x, y: f(x) };
        }
    }
  }
  return points.reduce((best, p) => (p.y < best.y ? p : best)).x;
}
