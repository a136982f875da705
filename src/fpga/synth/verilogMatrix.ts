import { signedDigits } from '../design/signedDigits.js';
import { bitsFor, counterBits, highest, lowest, signedBits } from './fixedPoint.js';
import type { MatrixStage } from './integerStage.js';
import { binary, element, literal, muxTree, quantiser, range, streamPorts } from './verilogText.js';

/** Terms added up between two pipeline registers. */
const FAN_IN = 4;

interface Pipeline {
  lines: string[];
  /** cycles from the last input step to the sum entering the accumulator */
  depth: number;
}

/** Stages of registers of a tree that adds up `terms` terms, four between registers. */
export const adderTreeDepth = (terms: number): number => {
  let depth = 0;
  for (let n = terms; n > 1; n = Math.ceil(n / FAN_IN)) depth++;
  return depth;
};

/**
 * A matrix-vector product y = W x + b as a module: `in_data` holds n_in, `out_data` n_out packed elements; the whole module stalls while its output is not
 * taken.
 *
 * | strategy, reuse factor | multipliers | weights | cycles |
 * |---|---|---|---|
 * | latency, 1 | none: canonical signed digits, shifted operands in a tree of adders, registered every four terms | wired in | II 1 |
 * | resource, 1 | n_in n_out products by constants, left to the tool (a DSP block, or shifts and additions) | wired in | II 1 |
 * | resource, RF | n_in n_out / RF, each of them RF times | ROM of RF words, registered read (block or distributed RAM as the tool chooses) | II RF |
 *
 * With RF <= n_in every output owns n_in / RF multipliers; else a multiplier serves RF / n_in outputs one after another, as in hls4ml's dense_resource.
 * `in_data` must stay until `in_ready`, which comes with the last of the RF steps. Latency is counted from the first cycle an input is offered to the first
 * cycle its output is valid.
 */
export function matrixModule(name: string, stage: MatrixStage): { text: string; latency: number } {
  const { nIn, nOut, reuseFactor: rf, output } = stage;
  const lines = [...streamPorts(name, nIn * stage.input.bits, nOut * output.bits, true), 'wire ce = !out_valid || out_ready;'];
  const body = stage.strategy === 'latency' ? additions(stage) : products(stage);
  lines.push(...body.lines);
  return { text: [...lines, 'endmodule', ''].join('\n'), latency: rf - 1 + body.depth + 2 };
}

/** Valid flags `v[0..depth]`, one a pipeline register; v[0] is the input itself. */
const validFlags = (depth: number, first: string): string[] => {
  if (depth === 0) return [`wire done = ${first};`];
  return [
    `reg ${range(depth)} v;`,
    `always @(posedge clk) if (rst) v <= 0; else if (ce) v <= {${depth > 1 ? `v[${depth - 2}:0], ` : ''}${first}};`,
    `wire done = v[${depth - 1}];`,
  ];
};

const biasOf = (stage: MatrixStage, o: number) => stage.bias?.[o] ?? 0;

/** Adds bias, and writes the output register one cycle later. */
function finish(stage: MatrixStage, sums: readonly string[]): string[] {
  const { nOut, accumulatorBits: bits, output } = stage;
  const lines = ['reg ready;', 'always @(posedge clk) if (rst) ready <= 0; else if (ce) ready <= done;'];
  for (let o = 0; o < nOut; o++) {
    lines.push(
      `reg signed ${range(bits)} acc${o};`,
      `always @(posedge clk) if (ce) acc${o} <= ${sums[o]} + ${literal(biasOf(stage, o), bits)};`,
      ...quantiser(`q${o}`, `acc${o}`, bits, stage.shift, output),
    );
  }
  return [...lines, ...outputRegister(stage, 'ready')];
}

const outputRegister = (stage: MatrixStage, when: string): string[] => [
  'always @(posedge clk) begin',
  `  if (rst) out_valid <= 0; else if (ce) out_valid <= ${when};`,
  `  if (ce && ${when}) out_data <= {${Array.from({ length: stage.nOut }, (_, o) => `q${stage.nOut - 1 - o}`).join(', ')}};`,
  'end',
];

/** A number in the adder tree: (+/-) expression 2^shift, the expression within lo..hi. */
interface Term {
  name: string;
  lo: number;
  hi: number;
  shift: number;
  negative: boolean;
}

/** The latency strategy: every weight as signed digits, all terms of an output in one tree of exactly sized adders. */
function additions(stage: MatrixStage): Pipeline {
  const { nIn, input } = stage;
  const lines = Array.from({ length: nIn }, (_, i) => element(`x${i}`, 'in_data', i, input));
  const terms = stage.weights.map((row) =>
    row
      .flatMap((w, i) =>
        signedDigits(w).map(
          ({ shift, sign }): Term => ({ name: `x${i}`, lo: lowest(input), hi: highest(input), shift, negative: sign < 0 }),
        ),
      )
      .sort((a, b) => a.shift - b.shift),
  );
  const depth = Math.max(...terms.map((t) => adderTreeDepth(t.length)));
  const sums = terms.map((row, o) => {
    let level = row;
    for (let d = 0; d < depth; d++) {
      const next: Term[] = [];
      for (let at = 0; at < level.length; at += FAN_IN) {
        const group = level.slice(at, at + FAN_IN),
          tag = `t${o}_${d}_${at / FAN_IN}`;
        const pairs = [add(group[0], group[1], `${tag}_a`, lines), add(group[2], group[3], `${tag}_b`, lines)];
        const sum = add(pairs[0], pairs[1], `${tag}_s`, lines)!;
        lines.push(
          `reg signed ${range(bitsFor(sum.lo, sum.hi))} ${tag};`,
          `always @(posedge clk) if (ce) ${tag} <= ${sum.name};`,
        );
        next.push({ ...sum, name: tag });
      }
      level = next;
    }
    if (level.length === 0) return literal(0, stage.accumulatorBits);
    const [{ name, shift, negative }] = level;
    const value = shift ? `(${name} <<< ${shift})` : name;
    return negative ? `${literal(0, stage.accumulatorBits)} - ${value}` : value;
  });
  lines.push('assign in_ready = ce;', ...validFlags(depth, 'in_valid'), ...finish(stage, sums));
  return { lines, depth };
}

function add(a: Term | undefined, b: Term | undefined, name: string, lines: string[]): Term | undefined {
  if (!a || !b) return a ?? b;
  const shift = Math.min(a.shift, b.shift);
  const scaled = (t: Term) => ({
    text: t.shift > shift ? `(${t.name} <<< ${t.shift - shift})` : t.name,
    lo: t.lo * 2 ** (t.shift - shift),
    hi: t.hi * 2 ** (t.shift - shift),
  });
  let [p, q] = [scaled(a), scaled(b)];
  const differ = a.negative !== b.negative;
  if (differ && a.negative) [p, q] = [q, p];
  const lo = differ ? p.lo - q.hi : p.lo + q.lo,
    hi = differ ? p.hi - q.lo : p.hi + q.hi;
  lines.push(`wire signed ${range(bitsFor(lo, hi))} ${name} = ${p.text} ${differ ? '-' : '+'} ${q.text};`);
  return { name, lo, hi, shift, negative: !differ && a.negative };
}

/** Writes a tree of adders over signed `names` of `bits` bits, none wider than `most`; returns the sum's name. */
function tree(names: readonly string[], bits: number, most: number, tag: string, lines: string[]): string {
  let level = [...names];
  for (let d = 0; level.length > 1; d++) {
    const next: string[] = [];
    bits = Math.min(most, bits + (level.length > 2 ? 2 : 1));
    for (let at = 0; at < level.length; at += FAN_IN) {
      const sum = `${tag}_${d}_${at / FAN_IN}`;
      lines.push(
        `reg signed ${range(bits)} ${sum};`,
        `always @(posedge clk) if (ce) ${sum} <= ${level.slice(at, at + FAN_IN).join(' + ')};`,
      );
      next.push(sum);
    }
    level = next;
  }
  return level[0];
}

/** The resource strategy. */
function products(stage: MatrixStage): Pipeline {
  const { nIn, nOut, reuseFactor: rf, weightBits, input, weights } = stage;
  const multipliers = (nIn * nOut) / rf,
    xBits = signedBits(input),
    productBits = xBits + weightBits;
  const groups = rf <= nIn ? nIn / rf : 1, // multipliers an output
    turns = rf <= nIn ? 1 : rf / nIn; // outputs a multiplier
  const flat = weights.flat();
  const lines: string[] = [];
  const steps = Math.min(rf, nIn); // inputs a multiplier sees for one output
  if (rf === 1) {
    for (let i = 0; i < nIn; i++) lines.push(element(`x${i}`, 'in_data', i, input));
    lines.push('assign in_ready = ce;');
  } else {
    const stepBits = counterBits(rf - 1);
    lines.push(
      `reg ${range(stepBits)} step;`,
      `wire last = step == ${rf - 1};`,
      'assign in_ready = ce && last;',
      'always @(posedge clk) if (rst) step <= 0; else if (ce && in_valid) step <= last ? 0 : step + 1;',
      ...inputCounters(steps, turns, stepBits),
    );
    for (let g = 0; g < groups; g++) {
      const choices = Array.from({ length: steps }, (_, s) => {
        const at = g * steps + s;
        return `in_data[${(at + 1) * input.bits - 1}:${at * input.bits}]`;
      });
      const picked = muxTree(choices, 'index');
      lines.push(
        `reg signed ${range(xBits)} x${g};`,
        `always @(posedge clk) if (ce) x${g} <= ${input.signed ? picked : `{1'b0, ${picked}}`};`,
      );
    }
    lines.push(
      `reg ${range(multipliers * weightBits)} rom [0:${rf - 1}];`,
      'initial begin',
      ...Array.from({ length: rf }, (_, step) => {
        const words = Array.from({ length: multipliers }, (_, m) => binary(flat[step + rf * m], weightBits)).reverse();
        return `  rom[${step}] = ${multipliers * weightBits}'b${words.join('_')};`;
      }),
      'end',
      `reg ${range(multipliers * weightBits)} w;`,
      'always @(posedge clk) if (ce) w <= rom[step];',
    );
  }
  for (let m = 0; m < multipliers; m++) {
    const x = rf === 1 ? `x${m % nIn}` : `x${m % groups}`;
    const w = rf === 1 ? literal(flat[m], weightBits) : `$signed(w[${(m + 1) * weightBits - 1}:${m * weightBits}])`;
    lines.push(`reg signed ${range(productBits)} p${m};`, `always @(posedge clk) if (ce) p${m} <= ${x} * ${w};`);
  }
  const sums = Array.from({ length: multipliers / groups }, (_, s) =>
    tree(
      Array.from({ length: groups }, (_, g) => `p${s * groups + g}`),
      productBits,
      stage.accumulatorBits,
      `t${s}`,
      lines,
    ),
  );
  const depth = (rf === 1 ? 1 : 2) + adderTreeDepth(groups);
  if (rf === 1) {
    lines.push(...validFlags(depth, 'in_valid'), ...finish(stage, sums));
    return { lines, depth };
  }
  lines.push(...accumulators(stage, sums, depth, turns));
  return { lines, depth };
}

/** `index` of the input within a run, `turn` of the output a multiplier serves; both are bits of `step` where n_in is a power of two. */
function inputCounters(steps: number, turns: number, stepBits: number): string[] {
  if (turns === 1) return ['wire run_end = last;', `wire ${range(stepBits)} index = step;`, 'wire run_start = step == 0;'];
  if (steps === 1) return ['wire run_end = 1, run_start = 1;', `wire ${range(stepBits)} turn = step;`, "wire index = 1'b0;"];
  const indexBits = counterBits(steps - 1),
    turnBits = counterBits(turns - 1);
  const flags = [`wire run_end = index == ${steps - 1};`, 'wire run_start = index == 0;'];
  if (2 ** indexBits === steps)
    return [
      `wire ${range(indexBits)} index = step[${indexBits - 1}:0];`,
      `wire ${range(turnBits)} turn = step[${stepBits - 1}:${indexBits}];`,
      ...flags,
    ];
  return [
    `reg ${range(indexBits)} index;`,
    `reg ${range(turnBits)} turn;`,
    ...flags,
    'always @(posedge clk) if (rst) begin index <= 0; turn <= 0; end else if (ce && in_valid) begin',
    '  index <= run_end ? 0 : index + 1;',
    '  if (run_end) turn <= last ? 0 : turn + 1;',
    'end',
  ];
}

/** Running sums over the steps of a run; a finished one is quantised a cycle later and written to its output. */
function accumulators(stage: MatrixStage, sums: readonly string[], depth: number, turns: number): string[] {
  const { nOut, accumulatorBits: bits, output } = stage;
  const turnBits = counterBits(turns - 1);
  const lines = [
    `reg ${range(depth)} v, vstart, vend, vlast;`,
    ...['v', 'vstart', 'vend', 'vlast'].map(
      (flag, i) =>
        `always @(posedge clk) if (rst) ${flag} <= 0; else if (ce) ${flag} <= {${flag}[${depth - 2}:0], ${['in_valid', 'run_start', 'in_valid && run_end', 'in_valid && last'][i]}};`,
    ),
    `wire take = v[${depth - 1}], start = vstart[${depth - 1}];`,
    'reg ended, ready;',
    `always @(posedge clk) if (rst) begin ended <= 0; ready <= 0; end else if (ce) begin ended <= vend[${depth - 1}]; ready <= vlast[${depth - 1}]; end`,
  ];
  if (turns > 1) {
    // the turn travels with the products, one register a stage
    for (let d = 0; d <= depth; d++)
      lines.push(
        `reg ${range(turnBits)} turn${d};`,
        `always @(posedge clk) if (ce) turn${d} <= ${d === 0 ? 'turn' : `turn${d - 1}`};`,
      );
  }
  sums.forEach((sum, s) => {
    const own = Array.from({ length: turns }, (_, t) => literal(biasOf(stage, s * turns + t), bits));
    const bias = turns === 1 ? own[0] : muxTree(own, `turn${depth - 1}`);
    lines.push(
      `reg signed ${range(bits)} acc${s};`,
      `wire signed ${range(bits)} base${s} = start ? ${bias} : acc${s};`,
      `always @(posedge clk) if (ce && take) acc${s} <= base${s} + ${sum};`,
      ...quantiser(turns === 1 ? `q${s}` : `r${s}`, `acc${s}`, bits, stage.shift, output),
    );
  });
  if (turns === 1) return [...lines, ...outputRegister(stage, 'ready')];
  lines.push(
    'always @(posedge clk) begin',
    '  if (rst) out_valid <= 0; else if (ce) out_valid <= ready;',
    '  if (ce && ended) begin',
  );
  for (let o = 0; o < nOut; o++)
    lines.push(
      `    if (turn${depth} == ${o % turns}) out_data[${(o + 1) * output.bits - 1}:${o * output.bits}] <= r${Math.floor(o / turns)};`,
    );
  return [...lines, '  end', 'end'];
}
