import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import { graphCosts } from '../../operatorCost.js';
import { sameShape } from '../../operators/shapes.js';
import type { OpNode } from '../../opGraph.js';
import type { Shape } from '../../tensorType.js';
import { bindInputs } from '../bindInputs.js';
import { ChannelsLastBuilder } from '../channelsLast.js';
import { locatedIn, ModelBuilder } from '../modelBuilder.js';
import type { ReadModel, ReadModelOptions } from '../modelReader.js';
import { foldedOutput } from './foldedValues.js';
import { tfliteRule } from './rules/index.js';
import type { TfliteModel, TfliteOperator, TfliteSubgraph, TfliteTensor } from './tfliteModel.js';
import { storedValue, type TfliteOutput, type TfliteValue } from './tfliteValue.js';
import { type TfliteShared, TfliteVisit } from './tfliteVisit.js';

/** Subgraphs that call each other this deep call themselves. */
const DEEPEST_CALL = 64;

/** One model of a file on its way into a graph. */
export class TfliteReading implements TfliteShared {
  readonly build = new ChannelsLastBuilder(new ModelBuilder('fp32'));
  readonly counted = new Set<unknown>();
  readonly kept: string[] = [];
  /** the nodes that each operator of the outermost subgraph became */
  readonly madeOf = new Map<TfliteOperator, readonly OpNode[]>();
  /** sizes that the file leaves open have the length that it states for them, so that its shapes hold */
  private asWritten = true;
  batch = 1;
  private depth = 0;

  constructor(
    private readonly model: TfliteModel,
    private readonly where: string,
  ) {}

  /** @throws HwcastError as `ModelReader.read` */
  read(entry: number, name: string, options: ReadModelOptions): ReadModel {
    const graph = this.model.subgraphs[entry];
    const inputs = this.inputsOf(graph, options);
    const outputs = this.run(graph, inputs).map((value) => this.tensorOf(value));
    const all = [...outputs, ...this.kept];
    if (!all.length) throw new HwcastError('corrupt', 'the graph gives out nothing', { where: this.where });
    return this.build.model.finish(name, all);
  }

  private inputsOf(graph: TfliteSubgraph, options: ReadModelOptions): TfliteValue[] {
    const tensors = graph.inputs.map((i) => graph.tensors[i]);
    const declared = tensors.map(({ name, signature }) => ({ name, dims: signature.map((n) => (n < 0 ? '' : n)) }));
    const { shapes, assumptions } = bindInputs(declared, options, this.where);
    for (const assumption of assumptions) this.build.model.assume(assumption);
    this.batch = options.batch ?? 1;
    return tensors.map((tensor) => {
      const shape = shapes.get(tensor.name)!;
      this.asWritten &&= sameShape(shape, tensor.shape);
      return { shape, dtype: tensor.dtype, place: this.build.plain(this.build.model.input(shape, tensor.dtype)) };
    });
  }

  /** Outputs of a subgraph, whose operators become part of the graph. */
  private run(graph: TfliteSubgraph, inputs: readonly (TfliteValue | undefined)[]): TfliteValue[] {
    const values = new Map<number, TfliteValue>();
    graph.inputs.forEach((tensor, i) => {
      const value = inputs[i];
      if (value) values.set(tensor, value);
    });
    const known = (index: number): TfliteValue | undefined => {
      if (index < 0) return undefined;
      const value = values.get(index) ?? this.constant(graph.tensors[index]);
      values.set(index, value);
      return value;
    };
    graph.operators.forEach((operator, i) => {
      const place = `operator ${i} (${operator.code}${operator.outputs.length ? `, '${graph.tensors[operator.outputs[0]].name}'` : ''})`;
      try {
        const before = this.build.model.length,
          made = this.visit(graph, operator, operator.inputs.map(known));
        if (this.depth === 0) this.madeOf.set(operator, this.build.model.nodesFrom(before));
        operator.outputs.forEach((tensor, k) => {
          if (made[k]) values.set(tensor, made[k]);
        });
      } catch (error) {
        throw error instanceof HwcastError && error.message.startsWith('operator ') ? error : locatedIn(place, this.where, error);
      }
    });
    return graph.outputs.map((index) => known(index)!);
  }

  private visit(graph: TfliteSubgraph, operator: TfliteOperator, inputs: readonly (TfliteValue | undefined)[]): TfliteValue[] {
    const stated = operator.outputs.map((i) => graph.tensors[i]);
    const shapes = stated.map((tensor) => this.statedShape(tensor));
    const visit = new TfliteVisit(this, operator, inputs, stated, shapes);
    const folded = foldedOutput(visit);
    if (folded) return [folded];
    const made = tfliteRule(operator.code)?.(visit) ?? visit.opaque();
    const outputs = 'length' in made ? made : [made];
    return outputs.slice(0, stated.length).map((output, i) => this.checked(visit, valued(output, stated[i]), i));
  }

  /** What an operator makes against what the file says: another number of elements is a mistake of either. */
  private checked(visit: TfliteVisit, value: TfliteValue, position: number): TfliteValue {
    const stated = visit.statedShapes[position];
    const tensor = visit.stated[position];
    // files of old converters state no axis where they know none
    if (!stated?.length || sameShape(stated, value.shape) || tensor.type.startsWith('COMPLEX')) return value;
    if (elementCount(stated) !== elementCount(value.shape))
      throw new HwcastError('corrupt', `makes [${value.shape}] for '${tensor.name}', the file states [${stated}]`, {
        hint: 'the file is damaged, or hwcast reads this operator wrongly',
      });
    if (value.sources && !value.place) return { ...value, shape: stated };
    return { ...value, shape: stated, place: this.build.reshaped(value.place!, stated) };
  }

  /** The shape that the file states, where it leaves nothing open and the sizes of the inputs are the file's. */
  private statedShape({ shape, signature }: TfliteTensor): Shape | undefined {
    return this.asWritten && signature.every((n) => n >= 0) ? shape : undefined;
  }

  private constant(tensor: TfliteTensor): TfliteValue {
    if (tensor.data.bytes.length || tensor.shape.includes(0)) return storedValue(tensor);
    // states begin empty, whatever they held after the last pass
    if (tensor.variable) return { shape: tensor.shape, dtype: tensor.dtype, sources: [] };
    throw new HwcastError('corrupt', `nothing makes '${tensor.name}', which it reads`);
  }

  private tensorOf(value: TfliteValue): string {
    const { model } = this.build;
    value.place ??= this.build.plain(model.constant(value.shape, value.dtype));
    return this.build.last(value.place);
  }

  inline(subgraph: number, inputs: readonly (TfliteValue | undefined)[]): TfliteValue[] {
    const graph = this.model.subgraphs[subgraph];
    if (!graph) throw new HwcastError('corrupt', `runs subgraph ${subgraph} of ${this.model.subgraphs.length}`);
    if (this.depth >= DEEPEST_CALL) throw new HwcastError('corrupt', `subgraph ${subgraph} calls itself`);
    this.depth++;
    const outputs = this.run(graph, inputs);
    this.depth--;
    return outputs;
  }

  behind(subgraph: number, inputs: readonly (TfliteValue | undefined)[]): string {
    const operators = `${this.model.subgraphs[subgraph]?.operators.length ?? 0} operators`;
    const trial = new TfliteReading(this.model, this.where);
    trial.asWritten = this.asWritten;
    trial.batch = this.batch;
    trial.depth = this.depth + 1;
    const adopted = inputs.map((value) => {
      if (!value?.place) return value;
      return { ...value, place: trial.build.plain(trial.build.model.input(value.shape, value.dtype)) };
    });
    try {
      const outputs = trial.inline(subgraph, adopted).map((value) => trial.tensorOf(value));
      const { macs } = graphCosts(trial.build.model.finish('', [...outputs, ...trial.kept]).graph).total;
      return `${operators}, ${macs >= 1e6 ? `${(macs / 1e6).toPrecision(3)} M` : macs} MACs`;
    } catch (error) {
      if (error instanceof HwcastError) return operators;
      throw error;
    }
  }
}

/** What a rule gives as a value between operators. */
const valued = (output: TfliteOutput, { dtype }: TfliteTensor): TfliteValue =>
  'dtype' in output ? output : { shape: output.shape, dtype, place: output };
