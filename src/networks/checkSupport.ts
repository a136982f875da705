import { HwcastError } from '../core/errors.js';
import type { SupportRow } from '../surrogate/predictor.js';

/** Checks a support set: not empty, every value positive and finite, no workload twice. @throws HwcastError `bad-input` naming the row (from 1). */
export function checkSupport(support: readonly SupportRow[], where = 'support set'): void {
  if (!support.length)
    throw new HwcastError('bad-input', 'the support set is empty', {
      where,
      hint: 'measure at least one network; `hwcast sample` says which',
    });
  const seen = new Map<string, number>();
  support.forEach((row, i) => {
    if (!(row.value > 0 && Number.isFinite(row.value)))
      throw new HwcastError('bad-input', `measured value ${row.value} of '${row.workload.id}' is not a positive number`, {
        where: `${where}, row ${i + 1}`,
      });
    const earlier = seen.get(row.workload.id);
    if (earlier !== undefined)
      throw new HwcastError('bad-input', `'${row.workload.id}' stands in rows ${earlier} and ${i + 1}`, {
        where,
        hint: 'give each network once, repeats averaged',
      });
    seen.set(row.workload.id, i + 1);
  });
}
