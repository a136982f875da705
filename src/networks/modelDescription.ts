import type { OpGraph } from '../graph/opGraph.js';
import type { Workload } from '../graph/workload.js';
import { featureTable } from './featureTable.js';

/** Logs of sizes of a model; NaN where neither its graph nor its table says. */
export const SIZES = ['macs', 'activations', 'params', 'pixels', 'bytes', 'kernels', 'depth'] as const;
const CLASSES = ['conv', 'pointwise', 'depthwise', 'grouped', 'gemm', 'attention'] as const;
const TRAFFIC = [...CLASSES, 'pool', 'activation', 'norm', 'add', 'other'] as const;
/** Square roots of shares of FLOPs and of bytes by class of operator; known from a graph only. */
export const SHARES: readonly string[] = [...CLASSES.map((c) => `flops.${c}`), ...TRAFFIC.map((c) => `bytes.${c}`)];

/** What a model is to the learner: its sizes, what its work is made of, and the words of its name. */
export interface ModelDescription {
  id: string;
  /** [SIZES.length]; NaN where unknown */
  sizes: Float64Array;
  /** [SHARES.length]; NaN without a graph */
  shares: Float64Array;
  /** of name, family and precision */
  words: ReadonlySet<string>;
  /** where it is known; a model that was read again from its folder has none */
  graph?: OpGraph;
}

const known = new WeakMap<Workload, ModelDescription>();

/** The description of a model, from its graph where it has one and from what its table says of it. */
export function describeModel(workload: Workload): ModelDescription {
  let description = known.get(workload);
  if (!description) {
    const { graph } = workload;
    description = { id: workload.id, ...numbersOf(workload), words: wordsOf(workload), ...(graph ? { graph } : {}) };
    known.set(workload, description);
  }
  return description;
}

/** Whether anything but a name is known of it. */
export const isDescribed = ({ sizes }: ModelDescription): boolean => sizes.some((s) => !Number.isNaN(s));

function numbersOf(workload: Workload): Pick<ModelDescription, 'sizes' | 'shares'> {
  const { graph, space, facts } = workload;
  const sizes = new Float64Array(SIZES.length).fill(Number.NaN),
    shares = new Float64Array(SHARES.length).fill(Number.NaN);
  const put = (name: (typeof SIZES)[number], value: number | undefined) => {
    if (value !== undefined && value > 0) sizes[SIZES.indexOf(name)] = Math.log(value);
  };
  put('macs', facts?.macs);
  put('activations', facts?.activations);
  put('params', facts?.params);
  put(
    'pixels',
    facts?.inputSize?.reduce((a, b) => a * b, 1),
  );
  if (!graph && !space) return { sizes, shares };
  const { names, data } = featureTable([workload]);
  const of = new Map(names.map((name, j) => [name, data[j]]));
  const compiled = (name: string): number => of.get(`compiled.${name}`) ?? 0;
  // as the models beside it that only their table tells of
  if (!facts?.macs) put('macs', compiled('flops') / 2);
  put('bytes', compiled('bytes'));
  put('params', compiled('params'));
  put(
    'kernels',
    TRAFFIC.reduce((a, c) => a + compiled(`count.${c}`), 1),
  );
  put('depth', (of.get('depth.matrix') ?? 0) + 1);
  const share = (part: 'flops' | 'bytes', c: string) => Math.sqrt(compiled(`${part}.${c}`) / Math.max(compiled(part), 1));
  shares.set([...CLASSES.map((c) => share('flops', c)), ...TRAFFIC.map((c) => share('bytes', c))]);
  return { sizes, shares };
}

/** Words of a name: `timm:resnet50.a1_in1k@224` gives resnet50, resnet, a1, a, in1k, in, 224; the names of table and file type are left out. */
function wordsOf({ id, facts }: Workload): Set<string> {
  const name = id.replace(/^[a-z][a-z0-9-]*:/, '').replace(/\.(onnx|pt2|tflite|param|keras|h5|mlir|json)(\.gz)?$/i, '');
  const words = new Set<string>();
  for (const part of `${name} ${facts?.family ?? ''} ${facts?.precision ?? ''}`.toLowerCase().split(/[^a-z0-9]+/)) {
    if (!part) continue;
    words.add(part);
    const letters = /^[a-z]+/.exec(part)?.[0];
    if (letters && letters.length > 1) words.add(letters);
  }
  return words;
}
