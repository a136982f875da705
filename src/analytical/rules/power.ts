/** Constants of `powerOf`; fitted by `npx tsx scripts/fitRoofline.ts`, those of one device by `hwcast devices fit`. */
export interface PowerConstants {
  /** share of the power limit that a busy device draws beside its work, where its idle power is not known */
  base: number;
  /** share of the rest that full arithmetic, full memory traffic add */
  compute: number;
  memory: number;
}

/** What a device may draw, and what it draws when it does nothing; watts. */
export interface PowerLimits {
  limit: number;
  idle?: number;
}

/** Watts that a busy device draws beside its work. */
export const restPower = ({ limit, idle }: PowerLimits, { base }: PowerConstants): number => Math.max(base * limit, idle ?? 0);

/**
 * Watts of a device whose kernel reaches these shares of its rates: P = P0 + (P_cap - P0) (a u_c + b u_m), clamped to [P0, P_cap] (energy per operation,
 * per byte and static power, Horowitz, ISSCC 2014, written as shares of the cap, since large kernels run at it).
 */
export function powerOf(use: { compute: number; memory: number }, limits: PowerLimits, constants: PowerConstants): number {
  const { limit } = limits,
    { compute, memory } = constants,
    rest = restPower(limits, constants);
  const share = compute * Math.min(1, use.compute) + memory * Math.min(1, use.memory);
  return Math.min(limit, rest + (limit - rest) * share);
}

/**
 * How much longer a kernel takes under a cap below what it would draw: near the knee dynamic power falls as the cube of the clock, and only arithmetic
 * waits for the clock (POLCA, Patel et al., ASPLOS 2024: prompts are compute bound and slow down, tokens hardly): (P_dyn / (P_cap - P0))^(1/3) for
 * arithmetic, 1 for traffic. @param computeShare part of the time that is arithmetic
 */
export function capSlowdown({ draw, idle, cap }: { draw: number; idle: number; cap: number }, computeShare: number): number {
  if (cap >= draw) return 1;
  if (cap <= idle) return Number.POSITIVE_INFINITY;
  return computeShare * ((draw - idle) / (cap - idle)) ** (1 / 3) + (1 - computeShare);
}
