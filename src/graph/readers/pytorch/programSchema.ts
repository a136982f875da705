import { z } from 'zod';

/** Schema of exported programs (torch/_export/serde/schema.py, versions 5 to 8): the fields that costs need. Unknown fields and arguments pass. */
const SymInt = z.union([z.object({ as_int: z.number() }), z.object({ as_expr: z.object({ expr_str: z.string() }) })]);
export type SymInt = z.output<typeof SymInt>;

const TensorMeta = z.object({
  dtype: z.number(),
  sizes: z.array(SymInt),
  strides: z.array(SymInt).default([]),
});

const Argument = z.record(z.string(), z.unknown());
/** One of `as_tensor`, `as_ints`, ..: the value under the name of its type. */
export type Argument = z.output<typeof Argument>;

const Node = z.object({
  target: z.string(),
  inputs: z.array(z.object({ name: z.string(), arg: Argument, kind: z.number().nullish() })),
  outputs: z.array(Argument),
});
export type ProgramNode = z.output<typeof Node>;

export const Graph = z.object({
  inputs: z.array(Argument),
  outputs: z.array(Argument),
  nodes: z.array(Node),
  tensor_values: z.record(z.string(), TensorMeta),
  sym_int_values: z.record(z.string(), SymInt).default({}),
});
export type ProgramGraph = z.output<typeof Graph>;

const Named = z.object({ arg: z.object({ name: z.string() }) });
const InputSpec = z.union([
  z.object({ parameter: Named }),
  z.object({ buffer: Named }),
  z.object({ tensor_constant: Named }),
  z.object({ user_input: z.object({ arg: Argument }) }),
  z.record(z.string(), z.unknown()),
]);
export type InputSpec = z.output<typeof InputSpec>;

export const ExportedProgram = z.object({
  graph_module: z.object({
    graph: Graph,
    signature: z.object({ input_specs: z.array(InputSpec) }),
  }),
  schema_version: z.union([z.object({ major: z.number(), minor: z.number() }), z.number()]).optional(),
});
export type ExportedProgram = z.output<typeof ExportedProgram>;
