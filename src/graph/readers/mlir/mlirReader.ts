import { HwcastError } from '../../../core/errors.js';
import type { Shape } from '../../tensorType.js';
import { checkedShape, locatedIn, ModelBuilder } from '../modelBuilder.js';
import type { ModelReader, ReadModel, ReadModelOptions } from '../modelReader.js';
import { linalgRule } from './linalgRules.js';
import { type MlirFunction, type MlirOperation, mlirFunctions } from './mlirText.js';
import { tensorTypes } from './mlirTypes.js';
import { type MlirValue, MlirVisit } from './mlirVisit.js';
import { stablehloRule } from './stablehloRules.js';

/** Textual MLIR: StableHLO (and MHLO), linalg on tensors; a model a public function. */
export const mlirReader: ModelReader = {
  format: 'mlir',
  about: 'MLIR text: StableHLO, MHLO or linalg on tensors',
  detect(head) {
    const text = Buffer.from(head).toString('latin1');
    if (!/\bfunc(\.func)?\s+((public|private)\s+)?@/.test(text))
      return /^\s*(#\w+ = |builtin\.)?module\b.*[{@]/m.test(text) ? 'likely' : undefined;
    return /\b(stablehlo|mhlo|linalg|tensor|arith|torch)\b|tensor</.test(text) ? 'certain' : 'likely';
  },
  async read({ bytes, name }, options) {
    const { functions, globals } = mlirFunctions(Buffer.from(bytes).toString('utf8'), name);
    if (!functions.length)
      throw new HwcastError('corrupt', 'there is no function with a body', { where: name, hint: 'the file is cut or damaged' });
    const called = new Set(
      functions.flatMap((f) => f.operations.flatMap(({ name: op, text }) => (isCall(op) ? [calledName(text)] : []))),
    );
    const entries = functions.filter((f) => !called.has(f.name));
    const reading = { functions, globals, where: name, options };
    return readable(entries.length ? entries : functions, (entry) => new FunctionReading(reading, entry).model());
  },
};

/** The models that are read; those that are not are named with the first. @throws HwcastError where none is */
function readable(entries: readonly MlirFunction[], read: (entry: MlirFunction) => ReadModel): ReadModel[] {
  const models: ReadModel[] = [];
  const failures: HwcastError[] = [];
  for (const entry of entries)
    try {
      models.push(read(entry));
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      failures.push(error);
    }
  if (!models.length) throw failures[0];
  models[0].warnings.push(...failures.map(({ message, hint }) => `not read: ${message}${hint ? ` (${hint})` : ''}`));
  return models;
}

const isCall = (name: string): boolean => /^(func\.)?call$/.test(name);
const calledName = (text: string): string => /@("[^"]*"|[\w$.-]+)/.exec(text)?.[1].replaceAll('"', '') ?? '';

interface Reading {
  functions: readonly MlirFunction[];
  globals: ReadonlyMap<string, string>;
  where: string;
  options: ReadModelOptions;
}

/** Dialects of other levels, whose operations mean nothing to the rules here. */
const FOREIGN = /^(torch|tosa|onnx|tf|tfl|hlo|hal|flow|vm|llvm|memref|gpu|spirv|triton|tt)\./;

/** One function on its way to a graph; those that it calls are written in its place. */
class FunctionReading {
  private readonly builder = new ModelBuilder('fp32');
  private readonly stored = new Map<string, MlirValue>();

  constructor(
    private readonly reading: Reading,
    private readonly entry: MlirFunction,
  ) {}

  model(): ReadModel {
    const values = new Map<string, MlirValue>();
    for (const parameter of this.entry.parameters) {
      const shape = this.inputShape(parameter.name, parameter.type);
      if (shape) values.set(parameter.name, { tensor: this.builder.input(shape, tensorTypes(parameter.type)[0].dtype), shape });
    }
    const outputs = this.body(this.entry, values, 0);
    if (!outputs.length) throw this.problem('unsupported', this.entry.line, `function @${this.entry.name} gives no tensor`);
    return this.builder.finish(
      `${this.reading.where} @${this.entry.name}`,
      outputs.map(({ tensor }) => tensor),
    );
  }

  private problem(code: 'bad-input' | 'unsupported', line: number, message: string, hint?: string): HwcastError {
    return new HwcastError(code, `line ${line}: ${message}`, { where: this.reading.where, hint });
  }

  /** The shape of a tensor that comes from outside; undefined for what is no tensor. */
  private inputShape(name: string, type: string): Shape | undefined {
    const [tensor] = tensorTypes(type);
    if (!tensor) return undefined;
    const { shapes, batch } = this.reading.options;
    const key = name.replace('%', '');
    const given = shapes?.[key] ?? shapes?.[name] ?? shapes?.[`${this.entry.name}.${key}`];
    if (given) return checkedShape(key, given, this.reading.where);
    const shape = tensor.dims.map((n, i) => n ?? (i === 0 && batch ? batch : undefined));
    if (shape.every((n) => n !== undefined)) return shape;
    const text = tensor.dims.map((n) => n ?? '?').join(',');
    throw this.problem(
      'bad-input',
      this.entry.line,
      `function @${this.entry.name} leaves the shape ${text} of '${key}' open`,
      `give it: --shape ${key}=${text.replaceAll('?', 'SIZE')}`,
    );
  }

  /** Adds the operations of a function; gives what it returns. */
  private body(fn: MlirFunction, values: Map<string, MlirValue>, depth: number): MlirValue[] {
    let returned: MlirValue[] = [];
    for (const operation of fn.operations) {
      try {
        const made = this.operation(operation, values, depth);
        if (/(^|\.)return$/.test(operation.name)) returned = made;
        else operation.results.forEach((result, i) => made[i] && values.set(result, made[i]));
      } catch (error) {
        throw locatedIn(`line ${operation.line}, ${operation.name}`, this.reading.where, error);
      }
    }
    return returned;
  }

  private operation(operation: MlirOperation, values: ReadonlyMap<string, MlirValue>, depth: number): MlirValue[] {
    const { name, text, line } = operation;
    const visit = new MlirVisit(this.builder, operation, values);
    if (/(^|\.)return$/.test(name)) return visit.operands;
    if (isCall(name)) return this.call(visit, depth);
    if (/global\.?_?(load|address)/.test(name)) return this.global(text, visit);
    const rule = stablehloRule(name) ?? linalgRule(name);
    if (FOREIGN.test(name))
      throw this.problem(
        'unsupported',
        line,
        `'${name}' is of a dialect that is not read`,
        'lower the file to StableHLO or to linalg on tensors',
      );
    // scalars and sizes: no tensor comes of them
    if (
      !visit.stated.length ||
      !operation.results.length ||
      (visit.stated[0].dims.length === 0 && !visit.operands.length && name !== 'stablehlo.constant' && !rule)
    )
      return [];
    if (!rule) {
      if (/\b(while|if|case|for)$/.test(name))
        this.builder.warn(`line ${line}: what '${name}' repeats or chooses is not counted`);
      return visit.opaque(/custom_call\s*$/.test(name) ? `custom_call ${calledName(text)}` : name);
    }
    return [rule(visit)].flat();
  }

  private call(visit: MlirVisit, depth: number): MlirValue[] {
    const name = calledName(visit.text);
    const target = this.reading.functions.find((f) => f.name === name);
    if (!target || depth > 64) return visit.opaque(`call @${name}`);
    const values = new Map(visit.operands.map((operand, i) => [target.parameters[i]?.name ?? `%arg${i}`, operand]));
    return this.body(target, values, depth + 1);
  }

  /** A tensor of the module, the same whenever it is loaded. */
  private global(text: string, visit: MlirVisit): MlirValue[] {
    const [source] = visit.operands;
    if (source) return [source];
    const name = calledName(text);
    const known = this.stored.get(name);
    if (known) return [known];
    const [type] = tensorTypes(this.reading.globals.get(name) ?? text);
    if (!type) return [];
    const shape = type.dims.map((n) => n ?? 1);
    const value = { tensor: this.builder.weight(shape, type.dtype), shape, fixed: { counted: false } };
    this.stored.set(name, value);
    return [value];
  }
}
