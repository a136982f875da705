import { signedDigits } from '../design/signedDigits.js';
import { type DatapathQuantities, saturate } from './datapathQuantities.js';
import { bitsFor, highest, lowest } from './fixedPoint.js';
import type { MatrixStage } from './integerStage.js';
import { adderTreeDepth } from './verilogMatrix.js';

/** A number from `lo` to `hi`, times 2^shift, to be subtracted where `negative`. */
interface Term {
  lo: number;
  hi: number;
  shift: number;
  negative: boolean;
}

/** The sum of two terms; an absent one adds nothing. */
function sumOf(a: Term | undefined, b: Term | undefined): Term | undefined {
  if (!a || !b) return a ?? b;
  const shift = Math.min(a.shift, b.shift),
    differ = a.negative !== b.negative;
  const scaled = (t: Term) => ({ lo: t.lo * 2 ** (t.shift - shift), hi: t.hi * 2 ** (t.shift - shift) });
  let [p, r] = [scaled(a), scaled(b)];
  if (differ && a.negative) [p, r] = [r, p];
  const lo = differ ? p.lo - r.hi : p.lo + r.lo,
    hi = differ ? p.hi - r.lo : p.hi + r.hi;
  return { lo, hi, shift, negative: !differ && a.negative };
}

/** The latency strategy: signed digits of every weight in a tree of adders, as `verilogMatrix` writes it. */
export function digitParts(stage: MatrixStage, q: DatapathQuantities): void {
  const { input, accumulatorBits, nOut, output } = stage;
  const rows = stage.weights.map((row) =>
    row
      .flatMap((w) =>
        signedDigits(w).map(({ shift, sign }): Term => ({ lo: lowest(input), hi: highest(input), shift, negative: sign < 0 })),
      )
      .sort((a, b) => a.shift - b.shift),
  );
  const depth = Math.max(...rows.map((t) => adderTreeDepth(t.length)));
  for (const row of rows) {
    let level = row;
    for (let d = 0; d < depth; d++) {
      const next: Term[] = [];
      for (let start = 0; start < level.length; start += 4) {
        const g = level.slice(start, start + 4);
        const sum = sumOf(sumOf(g[0], g[1]), sumOf(g[2], g[3]))!;
        const width = bitsFor(sum.lo, sum.hi);
        q.digitRegisters += width;
        if (g.length > 1) {
          q.digitAdders += width;
          q.digitSums += 1;
        }
        q.digitCompressors += Math.max(0, g.length - 2) * width;
        if (g.length === 1) q.delays += width;
        next.push(sum);
      }
      level = next;
    }
    if (level.length) q.biasAdd += accumulatorBits;
  }
  q.accumulators += nOut * accumulatorBits;
  q.validFlags += depth + 2;
  q.outputRegisters += nOut * output.bits;
  saturate(q, nOut, accumulatorBits - stage.shift, output.bits);
}
