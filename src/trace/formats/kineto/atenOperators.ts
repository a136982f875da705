import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import { type Made, Unusable } from '../../../graph/aten/atenCall.js';
import { atenOperator } from '../../../graph/aten/atenTable.js';
import { inferShape } from '../../../graph/inferShape.js';
import type { MappedOp } from '../../../graph/operatorText.js';
import type { Dtype } from '../../../graph/tensorType.js';
import { EventArguments, type OperatorCall, UNKNOWN } from './eventArguments.js';
import { tracedForm, tracedName } from './tracedForm.js';

/** True where `mapOperator` knows the operator, whether or not this event carries enough to use it. */
export const isMapped = (name: string): boolean => tracedName(name) !== undefined;

/**
 * An operator event in hwcast's vocabulary; an operator without a rule becomes `opaque` with its name as `kind`, its output taken to be as large
 * as its inputs broadcast. Traces hold no output shapes, so they are inferred.
 * @returns the reason as text where shapes or attributes are missing or do not fit
 */
export function mapOperator(event: OperatorCall, listDtype?: (shapes: number[][]) => Dtype | undefined): MappedOp | string {
  try {
    const name = tracedName(event.name);
    const { signature, rule } = (name && atenOperator(name)) || { signature: [], rule: undefined };
    const call = new EventArguments(event, signature);
    const made = rule ? tracedForm(rule(call)) : opaque(event.name, call);
    if (made.inputs.some((t) => t.dtype === UNKNOWN)) {
      const dtype = listDtype?.([
        ...made.inputs.map((t) => t.shape),
        inferShape(
          'concat',
          made.inputs.map((t) => t.shape),
          made.attrs,
        ),
      ]);
      if (!dtype) return 'element type of a tensor list is not recorded';
      for (const t of made.inputs) t.dtype = dtype;
    }
    const inferred =
      made.shape ??
      inferShape(
        made.op,
        made.inputs.map((t) => t.shape),
        made.attrs,
      );
    if (!inferred.every((n) => Number.isInteger(n) && n >= 0)) return 'shapes do not fit the operator';
    return {
      op: made.op,
      attrs: made.attrs,
      inputs: made.inputs,
      shape: [...inferred],
      dtype: made.dtype ?? made.inputs[0].dtype,
    };
  } catch (error) {
    if (!(error instanceof Unusable || error instanceof HwcastError)) throw error;
    return error.message.replace(/ \(inputs .*\)$/, '');
  }
}

/** Only operator names of the form `namespace::name` and generated kernels keep their name: anything else is the user's own text. */
export function kindOf(name: string): string {
  return /^[a-z_][\w]*::[\w.]+$/i.test(name) || /^triton_\w+$/.test(name) ? name.slice(0, 60) : 'other';
}

function opaque(name: string, call: EventArguments): Made {
  const inputs = call.tensors();
  if (!inputs.length) throw new Unusable('no tensor with an axis among its arguments');
  return {
    op: 'opaque',
    attrs: { kind: kindOf(name) },
    inputs,
    shape: inputs.reduce((x, y) => (elementCount(y.shape) > elementCount(x.shape) ? y : x)).shape,
  };
}
