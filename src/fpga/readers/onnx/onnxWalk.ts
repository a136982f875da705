import { HwcastError } from '../../../core/errors.js';
import { intAttribute, type OnnxModel, type OnnxNode } from '../../../graph/readers/onnx/onnxModel.js';
import type { HlsLayer, LayerKind } from '../../design/hlsDesign.js';
import type { OnnxConstant } from './onnxQuantizer.js';

/** A tensor that flows through the network. */
export interface Flow {
  /** as ONNX has them, batch included (1 where it is open) */
  dims: number[];
  /** the axis of the batch */
  batch: number;
  /** axis 1 is the channel of a picture or signal: the HLS layer has it last */
  channelsFirst: boolean;
  /** the layer that makes it, '' for the network's input */
  from: string;
  /** read by others under another name */
  shared: boolean;
}

/** ONNX axes in the order of the HLS shape: without the batch, channels last. */
export function hlsAxes({ dims, batch, channelsFirst }: Pick<Flow, 'dims' | 'batch' | 'channelsFirst'>): number[] {
  const axes = dims.map((_, i) => i).filter((i) => i !== batch);
  return channelsFirst ? [...axes.slice(1), axes[0]] : axes;
}

/** Shape as hls4ml has it. */
export function hlsShape(flow: Pick<Flow, 'dims' | 'batch' | 'channelsFirst'>): number[] {
  const shape = hlsAxes(flow).map((i) => flow.dims[i]);
  return shape.length ? shape : [1];
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

const LAST = /channels_?last/i;
/** Operators of ONNX that read axis 1 as the channel. */
const CHANNEL_OPS =
  /^(Conv|ConvTranspose|MaxPool|AveragePool|LpPool|Global\w+Pool|BatchNormalization|InstanceNormalization|LRN|Resize|Upsample)$/;
/** Operators behind which axes mean something else. */
const REARRANGING = /^(Transpose|Reshape|Flatten|Squeeze|Unsqueeze|MatMul|Gemm|GRU|LSTM|RNN|Shape)$/;
const MATRIX = /^(dense|(depthwise_)?conv\dd)$/;

/** Turns a node into layers. */
export type OnnxOperator = (walk: OnnxWalk, node: OnnxNode) => void;

/** QONNX's operators with the channel on the last axis. */
export const isChannelsLast = (node: OnnxNode): boolean => LAST.test(node.domain);

/** What a walk over the nodes of an ONNX graph gathers: layers, the tensors that flow and the constants, and who reads what. */
export class OnnxWalk {
  readonly layers: HlsLayer[] = [];
  readonly assumptions: string[] = [];
  /** layers that a node became, for settings that name the node */
  readonly partsOf = new Map<string, string[]>();
  readonly flows = new Map<string, Flow>();
  readonly constants = new Map<string, OnnxConstant>();
  /** layers whose weights have no values */
  readonly withoutValues: string[] = [];
  readonly opset: number;
  private readonly readers = new Map<string, OnnxNode[]>();
  private readonly outputs: ReadonlySet<string>;
  /** operators without a rule whose shape is not known */
  private readonly guessed: string[] = [];
  private readonly names = new Map<OnnxNode, string>();
  private readonly byName = new Map<string, HlsLayer>();

  constructor(
    readonly model: OnnxModel,
    readonly where: string | undefined,
  ) {
    const { graph } = model;
    this.opset = model.opsets.get('') ?? 1;
    this.outputs = new Set(graph.outputs.map((o) => o.name));
    const counts = new Map<string, number>(),
      taken = new Set(graph.nodes.map((n) => n.name));
    const given = new Set<string>();
    for (const node of graph.nodes) {
      for (const input of new Set(node.inputs.filter(Boolean))) {
        const list = this.readers.get(input);
        if (list) list.push(node);
        else this.readers.set(input, [node]);
      }
      // a node without a name of its own gets the one that qonnx-cleanup would give it
      let name = node.name;
      while (!name || given.has(name) || (name !== node.name && taken.has(name))) {
        const count = counts.get(node.opType) ?? 0;
        counts.set(node.opType, count + 1);
        name = `${node.opType}_${count}`;
      }
      given.add(name);
      this.names.set(node, name);
    }
  }

  nameOf(node: OnnxNode): string {
    return this.names.get(node)!;
  }

  problem(node: OnnxNode, text: string, hint = this.guessedHint()): HwcastError {
    return new HwcastError('bad-input', `node '${this.nameOf(node)}' (${node.opType}) ${text}`, { where: this.where, hint });
  }

  /** What may be behind a shape that does not fit. */
  private guessedHint(): string | undefined {
    const [first] = this.guessed;
    return first && `the shape behind ${first}, which is not supported, is not in the file and was taken as that of its input`;
  }

  layerOf(flow: Flow): HlsLayer | undefined {
    return this.byName.get(flow.from);
  }

  /** The flow at an input. @throws HwcastError `bad-input` where a constant or nothing stands there. */
  flow(node: OnnxNode, i = 0): Flow {
    const flow = this.flows.get(node.inputs[i] ?? '');
    if (!flow) throw this.problem(node, `needs a tensor of the network as input ${i}, not '${node.inputs[i] ?? ''}'`);
    return flow;
  }

  constant(node: OnnxNode, i: number): OnnxConstant | undefined {
    return this.constants.get(node.inputs[i] ?? '');
  }

  /** Whether nothing but this node reads its input: what made it may be changed. */
  isSoleReader(node: OnnxNode, i = 0): boolean {
    const name = node.inputs[i];
    return this.readers.get(name)?.length === 1 && !this.outputs.has(name) && !this.flow(node, i).shared;
  }

  /** The matrix layer that makes `input`, where its result goes nowhere but into input `i` of this node, as it leaves it. */
  soleMatrix(node: OnnxNode, i: number, input: Flow): HlsLayer | undefined {
    const layer = this.layerOf(input);
    return layer && MATRIX.test(layer.kind) && !layer.result && this.isSoleReader(node, i) ? layer : undefined;
  }

  /** Whether anybody reads a tensor. */
  isRead(name: string | undefined): boolean {
    return !!name && (this.readers.has(name) || this.outputs.has(name));
  }

  /** Whether a tensor is read, through operators that keep its axes, by one that has the channel on axis 1. */
  wantsChannelsFirst(name: string): boolean {
    const seen = new Set([name]);
    // the set grows while it is walked
    for (const tensor of seen)
      for (const node of this.readers.get(tensor) ?? []) {
        if (isChannelsLast(node) || REARRANGING.test(node.opType)) continue;
        if (!CHANNEL_OPS.test(node.opType) || node.domain !== '') for (const output of node.outputs) seen.add(output);
        else if (node.inputs[0] === tensor) return true;
      }
    return false;
  }

  /** Axis of the batch of an input: 1 where a recurrent operator reads it as [steps, batch, features]. */
  batchAxis(name: string): number {
    const recurrent = (this.readers.get(name) ?? []).some(
      (n) => /^(GRU|LSTM|RNN)$/.test(n.opType) && n.inputs[0] === name && !intAttribute(n, 'layout'),
    );
    return recurrent ? 1 : 0;
  }

  /** Dims of a tensor as the file records them, an open batch as 1; undefined where it does not or other axes are open. */
  recordedDims(name: string): number[] | undefined {
    const dims = this.model.graph.valueInfo.get(name)?.dims?.map((d, i) => (i === 0 && (typeof d === 'string' || d < 1) ? 1 : d));
    return dims?.every((d): d is number => typeof d === 'number' && d > 0) ? dims : undefined;
  }

  /** A layer that reads `inputs`, and the flow behind it at the node's first output. */
  add(
    node: OnnxNode,
    kind: LayerKind,
    inputs: readonly Flow[],
    out: { dims: number[]; batch?: number; channelsFirst?: boolean },
    fields: Partial<HlsLayer> = {},
    suffix = '',
  ): Flow {
    const [first] = inputs;
    const flow: Flow = {
      dims: out.dims,
      batch: out.batch ?? first.batch,
      channelsFirst: out.channelsFirst ?? first.channelsFirst,
      from: `${this.nameOf(node)}${suffix}`,
      shared: false,
    };
    const outShape = fields.outShape ?? hlsShape(flow);
    if (!outShape.every((d) => Number.isInteger(d) && d > 0))
      throw this.problem(node, `turns [${first.dims}] into [${out.dims}], which is no shape`);
    const layer: HlsLayer = {
      name: flow.from,
      kind,
      inputs: inputs.flatMap((f) => (f.from ? [f.from] : [])),
      inShape: hlsShape(first),
      outShape,
      ...Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)),
    };
    this.layers.push(layer);
    this.byName.set(layer.name, layer);
    this.part(node, layer.name);
    if (node.outputs[0]) this.flows.set(node.outputs[0], flow);
    return flow;
  }

  /** The node went into a layer of another one. */
  part(node: OnnxNode, layer?: string): void {
    const name = this.nameOf(node),
      parts = this.partsOf.get(name) ?? [];
    if (layer) parts.push(layer);
    this.partsOf.set(name, parts);
  }

  /** The node changes nothing in hardware: its outputs are its input, perhaps with other axes. */
  pass(node: OnnxNode, axes: Partial<Pick<Flow, 'dims' | 'batch' | 'channelsFirst'>> = {}): void {
    const flow = this.flow(node);
    this.part(node, flow.from || undefined);
    for (const output of node.outputs) if (output) this.flows.set(output, { ...flow, ...axes, shared: !this.isSoleReader(node) });
  }

  /** An input with the channel where the operator needs it; a transpose layer where it is not. */
  arranged(node: OnnxNode, channelsFirst: boolean, i = 0): Flow {
    const flow = this.flow(node, i);
    if (flow.channelsFirst === channelsFirst || flow.dims.length < 3) return flow;
    return this.add(node, 'transpose', [flow], { dims: flow.dims, channelsFirst }, {}, `_transpose${i || ''}`);
  }

  /** An operator hwcast has no rule for. */
  opaque(node: OnnxNode, why: string, dims?: number[]): void {
    const inputs = node.inputs.flatMap((name) => this.flows.get(name) ?? []);
    const [first] = inputs;
    const dimsOf = (output: string): number[] => this.recordedDims(output) ?? dims ?? first.dims;
    const [main, ...others] = node.outputs;
    const isShaped = dims !== undefined || node.outputs.every((o) => !o || this.recordedDims(o) !== undefined),
      guessed = isShaped ? '' : ', its shape is taken as that of its input';
    if (guessed) this.guessed.push(`'${this.nameOf(node)}' (${node.opType})`);
    this.assumptions.push(`layer '${this.nameOf(node)}': ${why}; its cost is not counted${guessed}`);
    const layout = (output: string): Pick<Flow, 'dims' | 'batch' | 'channelsFirst'> => {
      const shape = dimsOf(output);
      return {
        dims: shape,
        batch: first.batch < shape.length ? first.batch : 0,
        channelsFirst:
          shape.length > 2 && (shape.length === first.dims.length ? first.channelsFirst : this.wantsChannelsFirst(output)),
      };
    };
    const flow = this.add(node, 'opaque', inputs, layout(main), { source: node.opType });
    for (const output of others) if (output) this.flows.set(output, { ...flow, ...layout(output) });
  }
}
