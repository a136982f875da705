import { HwcastError } from '../../../core/errors.js';
import { GraphBuilder } from '../../graphBuilder.js';
import type { OpGraph } from '../../opGraph.js';
import type { ReadModelOptions } from '../modelReader.js';
import { bindSymbols, userInputs } from './bindSymbols.js';
import { ProgramBuilder } from './programBuilder.js';
import { tensorNames } from './programCall.js';
import { ExportedProgram, type InputSpec } from './programSchema.js';
import { ProgramScope } from './programScope.js';
import { storedTensor } from './storedTensors.js';

const NEWEST_MAJOR = 8;

/**
 * The operator graph of an exported program (torch.export).
 * @throws HwcastError `corrupt` for JSON that is cut or no program, `newer-format`, `bad-input` for open sizes
 */
export function readProgram(text: string, options: ReadModelOptions, where: string): { graph: OpGraph; warnings: string[] } {
  const program = parseProgram(text, where);
  const { graph, signature } = program.graph_module;
  const { bindings, assumptions } = bindSymbols(program, options, where);
  const graphBuilder = new GraphBuilder();
  const scope = new ProgramScope(graph, bindings, where);
  for (const spec of signature.input_specs) placeStored(spec, scope);
  for (const name of userInputs(signature.input_specs)) {
    const { shape, dtype } = scope.tensor(name);
    scope.values.set(name, { reference: graphBuilder.input([...shape], dtype) });
  }
  const builder = new ProgramBuilder(graphBuilder);
  builder.addGraph(scope);
  const outputs = graph.outputs.flatMap(tensorNames).flatMap((name) => builder.referenceTo(name, scope) ?? []);
  if (!outputs.length) throw new HwcastError('corrupt', 'the program has no tensor as output', { where });
  for (const assumption of assumptions) graphBuilder.assume(assumption);
  return { graph: graphBuilder.build([...new Set(outputs)]), warnings: builder.notes };
}

function parseProgram(text: string, where: string): ExportedProgram {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('corrupt', `the program is cut or damaged: ${(cause as Error).message}`, { where, cause });
  }
  const version = (value as { schema_version?: { major?: number } })?.schema_version?.major;
  if (version !== undefined && version > NEWEST_MAJOR)
    throw new HwcastError('newer-format', `an exported program of schema ${version}; hwcast reads up to ${NEWEST_MAJOR}`, {
      where,
    });
  const parsed = ExportedProgram.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HwcastError('corrupt', `no whole exported program: ${issue.path.join('.')}: ${issue.message}`, {
    where,
    cause: parsed.error,
  });
}

/** Parameters, buffers and constants are named before anything reads them. */
function placeStored(spec: InputSpec, scope: ProgramScope): void {
  const [kind, content] = Object.entries(spec)[0] ?? [];
  if (kind !== 'parameter' && kind !== 'buffer' && kind !== 'tensor_constant') return;
  const { name } = (content as { arg: { name: string } }).arg;
  const { shape, dtype } = scope.tensor(name);
  scope.values.set(name, { stored: { tensor: storedTensor(shape, dtype, kind === 'parameter'), shape, dtype } });
}
