import type { LlmArchitecture } from '../llm/architecture/llmArchitecture.js';
import type { LlmEstimate, LlmValue, PhaseOperator } from '../llm/estimateLlm.js';
import { plainTable } from './plainTable.js';

/** Whole numbers (bytes, counts) as they are, others to seven digits, so that the same value is the same text everywhere. */
const digits = (value: number): number => (Number.isSafeInteger(value) ? value : Number(value.toPrecision(7)));

/** A value with its interval in another unit. */
const valueIn = (v: LlmValue | null, scale = 1): LlmValue | null =>
  v && {
    value: digits(v.value * scale),
    low: v.low === null ? null : digits(v.low * scale),
    high: v.high === null ? null : digits(v.high * scale),
    provenance: v.provenance,
  };

const MS = 1e3;

function operatorRecord(o: PhaseOperator): object {
  return {
    phase: o.phase,
    name: o.name,
    count: digits(o.count),
    flops: digits(o.flops),
    bytes: digits(o.bytes),
    timeMs: {
      value: digits(o.time * MS),
      low: o.low === null ? null : digits(o.low * MS),
      high: o.high === null ? null : digits(o.high * MS),
      provenance: o.provenance,
    },
    share: digits(o.share),
    bound: o.bound,
    energyJ: o.energy === null ? null : digits(o.energy),
    provenance: o.provenance,
  };
}

/** One element of `hwcast llm --json`. */
export function llmRecord(e: LlmEstimate, architecture: LlmArchitecture): object {
  const { setup, memory } = e,
    { device, batch, isl, osl, tp, pp, ep, formats, kv } = setup;
  const devices = Math.max(tp * pp, ep);
  const perSecond = valueIn(e.tokensPerSecond);
  return {
    device: device.name,
    model: architecture.name,
    architecture: architecture.family,
    params: e.params,
    activeParams: digits(e.activeParams),
    batch,
    isl,
    osl,
    ...{ tp, pp, ep, sp: setup.sp ?? false, imbalance: setup.imbalance ?? 0, devices },
    dtype: formats.weights.name,
    kvDtype: kv.name,
    ttftMs: valueIn(e.ttft, MS),
    ttftSteadyMs: valueIn(e.steadyTtft, MS),
    tpotMs: valueIn(e.tpot, MS),
    tpotInclusiveMs: valueIn(e.tpotInclusive, MS),
    requestMs: valueIn(e.requestTime, MS),
    tokensPerS: perSecond,
    tokensPerSPerUser:
      e.tpot &&
      valueIn({ ...e.tpot, value: 1 / e.tpot.value, low: e.tpot.high && 1 / e.tpot.high, high: e.tpot.low && 1 / e.tpot.low }),
    tokensPerSPerDevice: valueIn(e.tokensPerSecond, 1 / devices),
    joulesPerToken: valueIn(e.joulesPerToken),
    powerCapW: setup.powerCap ?? null,
    powerCapSlowdown: e.capSlowdown && {
      prefill: digits(e.capSlowdown.prefill),
      decode: e.capSlowdown.decode && digits(e.capSlowdown.decode),
    },
    equivalentFlops: e.generation && {
      total: digits(e.generation.total),
      attentionShare: digits(e.generation.attentionShare),
      operationsPerByte: digits(e.generation.intensity),
    },
    contextSwitchMs: valueIn(e.contextSwitch, MS),
    weightBytes: digits(e.weightBytes),
    kvBytesPerToken: digits(e.kvBytesPerToken),
    kvBytesPerTokenBeyondWindows: digits(e.kvBytesPerTokenBeyondWindows),
    stateBytesPerRequest: digits(e.stateBytes),
    memoryBytes: digits(memory.total),
    memory: {
      weights: digits(memory.weights),
      kvCache: digits(memory.cache),
      activations: digits(memory.activations),
      reserve: digits(memory.reserve),
      offloaded: digits(memory.offloaded),
      capacity: memory.capacity,
    },
    fits: memory.verdict,
    maxBatch: memory.maxBatch,
    maxContext: memory.maxContext,
    operators: e.operators.map(operatorRecord),
    assumptions: e.assumptions,
  };
}

const gib = (bytes: number): string => {
  const unit = bytes >= 2 ** 30 ? (['GiB', 2 ** 30] as const) : (['MiB', 2 ** 20] as const);
  return `${Number((bytes / unit[1]).toPrecision(3))} ${unit[0]}`;
};
const short = (value: number): string => String(Number(value.toPrecision(3)));
const interval = (v: LlmValue, scale = 1): string => {
  const range = v.low === null || v.high === null ? '' : ` (${short(v.low * scale)} to ${short(v.high * scale)})`;
  return `${short(v.value * scale)}${range}`;
};

/** Width of the bar of memory, characters. */
const BAR = 48;

/** Parts of the memory as characters: weights, cache, activations, reserve, free. */
function memoryBar({ memory }: LlmEstimate): string {
  if (memory.capacity === null) return '';
  const most = Math.max(memory.capacity, memory.total);
  const parts: [string, number][] = [
    ['#', memory.weights],
    ['=', memory.cache],
    ['+', memory.activations],
    ['-', memory.reserve],
  ];
  let text = '',
    sum = 0;
  for (const [mark, bytes] of parts) {
    sum += bytes;
    text += mark.repeat(Math.max(0, Math.round((BAR * sum) / most) - text.length));
  }
  return `  [${text.padEnd(BAR, '.')}] # weights, = cache, + activations, - framework, . free`;
}

const VERDICTS = { fits: 'fits', tight: 'tight: more than nine tenths of the memory', no: 'does NOT fit' } as const;

/** Verdict first, then speed, then where the time goes. `most` operators of each phase. */
export function llmText(e: LlmEstimate, architecture: LlmArchitecture, { most = 6, detail = false } = {}): string {
  const { setup, memory } = e,
    { device, batch, isl, osl, tp, pp, ep, formats, kv } = setup;
  const parallel = [
    ['tensor', tp],
    ['pipeline', pp],
    ['expert', ep],
  ].flatMap(([name, n]) => (Number(n) > 1 ? [`${name} parallel ${n}`] : []));
  if (setup.sp) parallel.push('sequence parallel');
  const capacity =
    memory.capacity === null ? 'memory of the device not known' : `${gib(memory.total)} of ${gib(memory.capacity)}`;
  const known = memory.verdict === null ? '' : `${VERDICTS[memory.verdict]}: `;
  const lines = [
    `${architecture.name} (${architecture.family}, ${short(e.params / 1e9)} G parameters${e.activeParams < e.params ? `, ${short(e.activeParams / 1e9)} G for a token` : ''}, ${formats.weights.name}, cache ${kv.name}) on ${device.name}${parallel.length ? `, ${parallel.join(', ')}` : ''}${setup.powerCap === undefined ? '' : `, capped at ${setup.powerCap} W`}`,
    `${isl} tokens in, ${osl} out, batch ${batch}`,
    '',
    `memory      ${known}${capacity}${Math.max(tp * pp, ep) > 1 ? ' a device' : ''}`,
    memoryBar(e),
    `  weights ${gib(memory.weights)}, cache ${gib(memory.cache)}, activations ${gib(memory.activations)}, framework ${gib(memory.reserve)}`,
    ...(memory.offloaded ? [`  on the host ${gib(memory.offloaded)} of weights, brought over in every pass`] : []),
    `  cache of a token ${gib2(e.kvBytesPerToken)}${e.kvBytesPerTokenBeyondWindows === e.kvBytesPerToken ? '' : `, beyond the windows ${gib2(e.kvBytesPerTokenBeyondWindows)}`}${e.stateBytes ? `, fixed for a request ${gib(e.stateBytes)}` : ''}`,
    ...(memory.maxBatch === null
      ? []
      : [
          `  at most batch ${memory.maxBatch} at this length, ${memory.maxContext === null ? 'any number of' : memory.maxContext} tokens at this batch`,
        ]),
    ...(e.contextSwitch ? [`  switching a request to the host and another back ${short(e.contextSwitch.value * MS)} ms`] : []),
    '',
    `TTFT        ${interval(e.ttft, MS)} ms, until all ${batch} have their first token`,
    ...(e.steadyTtft
      ? [`            ${interval(e.steadyTtft, MS)} ms for a request that comes while the others are served`]
      : []),
    ...(e.tpot
      ? [
          `TPOT        ${interval(e.tpot, MS)} ms between tokens after the first; ${short(e.tpotInclusive!.value * MS)} ms with the first (request time / tokens)`,
        ]
      : []),
    ...(e.tokensPerSecond
      ? [`throughput  ${interval(e.tokensPerSecond)} tokens/s${e.tpot ? `, ${short(1 / e.tpot.value)} for each user` : ''}`]
      : []),
    ...(e.joulesPerToken
      ? [`energy      ${interval(e.joulesPerToken)} J a token made`]
      : e.tokensPerSecond
        ? ['energy      not known: the catalogue has no power of the device']
        : []),
    ...furtherLines(e, detail),
    '',
    ...operatorTables(e.operators, detail ? Number.POSITIVE_INFINITY : most),
    'assumed:',
    ...e.assumptions.map((a) => `  - ${a}`),
  ];
  return lines.filter((line, i) => line !== '' || lines[i - 1] !== '').join('\n');
}

/** What the power cap costs by phase; with `detail` the equivalent FLOPs. */
function furtherLines({ capSlowdown, generation }: LlmEstimate, detail: boolean): string[] {
  const slower = (factor: number) => `${short(100 * (factor - 1))} %`;
  return [
    ...(capSlowdown
      ? [
          `power cap   prompts ${slower(capSlowdown.prefill)} slower${capSlowdown.decode === null ? '' : `, tokens ${slower(capSlowdown.decode)}`}`,
        ]
      : []),
    ...(generation && detail
      ? [
          `eFLOPs      ${short(generation.total / 1e12)} T for the tokens of a request at ${short(generation.intensity)} operations a byte, ${short(100 * generation.attentionShare)} % attention (Kinetics)`,
        ]
      : []),
  ];
}

const gib2 = (bytes: number): string =>
  bytes >= 2 ** 20 ? gib(bytes) : bytes >= 1024 ? `${short(bytes / 1024)} KiB` : `${bytes} B`;

function operatorTables(operators: readonly PhaseOperator[], most: number): string[] {
  return (['prefill', 'decode'] as const).flatMap((phase) => {
    const own = operators.filter((o) => o.phase === phase);
    if (!own.length) return [];
    const shown = own.slice(0, most);
    const rows = shown.map((o) => [
      o.name,
      short(o.count),
      short(o.time * MS),
      o.low === null || o.high === null ? '' : `${short(o.low * MS)} to ${short(o.high * MS)}`,
      `${Math.round(100 * o.share)} %`,
      o.bound,
      short(o.flops / 1e12),
      short(o.bytes / 1e9),
      o.provenance,
    ]);
    const numbers = ['runs', 'ms', 'share', 'TFLOP', 'GB'];
    return [
      plainTable([phase, 'runs', 'ms', '90 % interval', 'share', 'bound', 'TFLOP', 'GB', 'from'], rows, numbers),
      ...(own.length > shown.length ? [`${own.length - shown.length} more with --detail`] : []),
      '',
    ];
  });
}

/** Rows as `llama-bench` prints them: prompts `pp`, tokens `tg`, tokens a second. */
export function llamaBenchTable(e: LlmEstimate, architecture: LlmArchitecture): string {
  const { setup } = e,
    { batch, isl, osl, device, formats } = setup;
  const half = (v: LlmValue, amount: number) =>
    v.low === null || v.high === null ? '' : ` ± ${((amount / v.low - amount / v.high) / 2).toFixed(2)}`;
  const line = (test: string, v: LlmValue, amount: number) =>
    `| ${architecture.name} ${formats.weights.name} | ${gib(e.weightBytes)} | ${(e.params / 1e9).toFixed(2)} B | ${device.name} | 99 | ${test} | ${(amount / v.value).toFixed(2)}${half(v, amount)} |`;
  return [
    '| model | size | params | backend | ngl | test | t/s |',
    '| --- | ---: | ---: | --- | --: | --: | ---: |',
    line(`pp${isl}`, e.ttft, batch * isl),
    ...(e.tpot ? [line(`tg${osl}`, e.tpot, batch)] : []),
  ].join('\n');
}

/** Commands that would check the numbers. */
export function verifyLines({ setup }: LlmEstimate, architecture: LlmArchitecture): string[] {
  const { batch, isl, osl, tp, pp, ep, sp, formats, kv } = setup;
  const model = /\.json$/.test(architecture.name) ? 'MODEL' : architecture.name;
  const flags = [
    tp > 1 && `--tensor-parallel-size ${tp}`,
    pp > 1 && `--pipeline-parallel-size ${pp}`,
    ep > 1 && '--enable-expert-parallel',
    sp && `--compilation-config '{"pass_config":{"enable_sp":true}}'`,
    kv.name === 'fp8' && '--kv-cache-dtype fp8',
  ];
  const parallel = flags.flatMap((flag) => (flag ? [` ${flag}`] : [])).join('');
  const isGguf = /^(q\d|iq|tq)/.test(formats.weights.name);
  return [
    'verify with:',
    ...(isGguf
      ? []
      : [`  vllm bench latency --model ${model} --input-len ${isl} --output-len ${osl} --batch-size ${batch}${parallel}`]),
    `  llama-bench -m ${isGguf ? model : `${model}.gguf`} -p ${isl} -n ${osl} -b ${batch}`,
  ];
}
