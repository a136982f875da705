import { HwcastError } from '../../../core/errors.js';
import type { ReadModelOptions } from '../modelReader.js';
import { tensorNames } from './programCall.js';
import type { ExportedProgram, InputSpec, SymInt } from './programSchema.js';
import { symbolicSize, symbolsOf } from './symbolicSize.js';

/** Names of the tensors that a user gives the program. */
export function userInputs(specs: readonly InputSpec[]): string[] {
  return specs.flatMap((spec) => {
    const { user_input } = spec as { user_input?: { arg: Record<string, unknown> } };
    return user_input ? tensorNames(user_input.arg) : [];
  });
}

/**
 * Values of the symbols of a program's sizes: of the first axes from `batch` (1 unless told), of others from the shapes of its inputs.
 * @throws HwcastError `bad-input` naming the input and the flag for what stays open, or does not fit
 */
export function bindSymbols(program: ExportedProgram, options: ReadModelOptions, where: string) {
  const { graph, signature } = program.graph_module;
  const bindings = new Map<string, number>(Object.entries(options.dims ?? {}));
  const assumptions: string[] = [];
  const inputs = userInputs(signature.input_specs).map((name) => ({ name, sizes: graph.tensor_values[name]?.sizes ?? [] }));
  const unknown = Object.keys(options.shapes ?? {}).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw new HwcastError('bad-input', `the program has no input '${unknown}'`, {
      where,
      hint: `its inputs are ${inputs.map((i) => i.name).join(', ')}`,
    });
  for (const { name, sizes } of inputs) bindShape(name, sizes, options.shapes?.[name], bindings, where);
  for (const { name, sizes } of inputs) bindBatch(name, sizes, options.batch, bindings, assumptions, where);
  for (const { name, sizes } of inputs)
    sizes.forEach((size, axis) => {
      const open = 'as_expr' in size && symbolsOf(size.as_expr.expr_str).find((symbol) => !bindings.has(symbol));
      if (open)
        throw new HwcastError('bad-input', `axis ${axis} of the input '${name}' is open (${open})`, {
          where,
          hint: `say it with --shape ${name}=${sizes.map((s) => ('as_int' in s ? s.as_int : 'N')).join('x')}`,
        });
    });
  return { bindings, assumptions };
}

/** The symbol that a size is, where it is nothing else. */
function symbolOf(size: SymInt): string | undefined {
  if ('as_int' in size) return undefined;
  const text = size.as_expr.expr_str.trim();
  const symbols = symbolsOf(text);
  return symbols.length === 1 && /^(Symbol\(.*\)|[A-Za-z_]\w*)$/.test(text) ? symbols[0] : undefined;
}

function bindShape(
  name: string,
  sizes: readonly SymInt[],
  shape: readonly number[] | undefined,
  bindings: Map<string, number>,
  where: string,
): void {
  if (!shape) return;
  const misfit = (why: string) =>
    new HwcastError('bad-input', `the shape [${shape}] does not fit the input '${name}': ${why}`, { where });
  if (shape.length !== sizes.length) throw misfit(`it has ${sizes.length} axes`);
  sizes.forEach((size, axis) => {
    const symbol = symbolOf(size);
    const known = symbol === undefined ? undefined : bindings.get(symbol);
    if (symbol !== undefined && known === undefined) bindings.set(symbol, shape[axis]);
    else if (known !== undefined && known !== shape[axis]) throw misfit(`axis ${axis} is ${known} elsewhere`);
    else if ('as_int' in size && size.as_int !== shape[axis])
      throw new HwcastError(
        'bad-input',
        `axis ${axis} of the input '${name}' is fixed to ${size.as_int} in the file, not ${shape[axis]}`,
        {
          where,
          hint: 'export the model with dynamic_shapes',
        },
      );
  });
  for (const [axis, size] of sizes.entries())
    if ('as_expr' in size && symbolsOf(size.as_expr.expr_str).every((s) => bindings.has(s))) {
      const value = symbolicSize(size.as_expr.expr_str, bindings);
      if (value !== shape[axis]) throw misfit(`axis ${axis} is ${value}`);
    }
}

function bindBatch(
  name: string,
  sizes: readonly SymInt[],
  batch: number | undefined,
  bindings: Map<string, number>,
  assumptions: string[],
  where: string,
): void {
  const first = sizes[0];
  if (!first) return;
  if ('as_int' in first) {
    if (batch !== undefined && batch !== first.as_int)
      throw new HwcastError(
        'bad-input',
        `the batch of the input '${name}' is fixed to ${first.as_int} in the file, not ${batch}`,
        {
          where,
          hint: 'export the model with that batch, or with dynamic_shapes',
        },
      );
    return;
  }
  const symbol = symbolOf(first);
  if (symbol === undefined || bindings.has(symbol)) return;
  bindings.set(symbol, batch ?? 1);
  if (batch === undefined) assumptions.push(`batch 1: the first axis of the input '${name}' is open (--batch sets it)`);
}
