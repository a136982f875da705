import { describe, expect, test } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { waHls4mlLabels } from '../../../src/fpga/readers/layerListRecord.js';
import { readHlsDesign, readHlsDesigns } from '../../../src/fpga/readers/readHlsDesign.js';

const caught = (read: () => unknown): HwcastError => {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(HwcastError);
    return error as HwcastError;
  }
  throw new Error('nothing was thrown');
};

const SEQUENTIAL = JSON.stringify({
  class_name: 'Sequential',
  config: {
    name: 'jets',
    layers: [
      { class_name: 'InputLayer', config: { batch_input_shape: [null, 16], name: 'fc1_input' } },
      {
        class_name: 'QDense',
        config: {
          name: 'fc1',
          units: 8,
          activation: 'linear',
          use_bias: true,
          kernel_quantizer: { class_name: 'quantized_bits', config: { bits: 6, integer: 0 } },
        },
      },
      {
        class_name: 'QActivation',
        config: { name: 'relu1', activation: { class_name: 'quantized_relu', config: { bits: 6, integer: 0 } } },
      },
      { class_name: 'Dense', config: { name: 'output', units: 5, activation: 'softmax' } },
    ],
  },
  keras_version: '2.4.0',
});

const YAML = `# hls4ml configuration
Backend: Vitis
ClockPeriod: 5
HLSConfig:
  LayerName:
    fc1:
      Precision:
        weight: fixed<8,1>
        bias: auto
        result: fixed<12,4,RND_CONV,SAT>
      ReuseFactor: 4
    fc1_input:
      Precision:
        result: fixed<10,3>
    fc1_linear:
      Precision: {result: 'fixed<16,6>'}
    output_softmax:
      Strategy: Stable
      table_size: 512
    nobody:
      ReuseFactor: 2
  LayerType:
    Dense:
      Strategy: Resource
      ReuseFactor: 2
  Model:
    Precision: ap_fixed<16,6>
    ReuseFactor: 1
    Strategy: Latency
IOType: io_parallel
KerasModel: !keras_model 'prj/keras_model.json'
Part: xcu250-figd2104-2L-e
ProjectName: myproject
`;

describe('Keras JSON', () => {
  test('a sequential model; hls4ml defaults are assumptions', () => {
    const design = readHlsDesign(SEQUENTIAL, 'm.json');
    expect(design).toMatchObject({
      id: 'jets',
      reuseFactor: 1,
      strategy: 'latency',
      ioType: 'io_parallel',
      precision: { bits: 16, intBits: 6 },
    });
    expect(design.layers.map((l) => [l.name, l.kind, l.outShape])).toEqual([
      ['fc1', 'dense', [8]],
      ['relu1', 'activation', [8]],
      ['output', 'dense', [5]],
      ['output_softmax', 'activation', [5]],
    ]);
    expect(design.layers[0].weight).toEqual({ bits: 6, intBits: 1, signed: true });
    expect(design.assumptions.filter((a) => a.includes('default of hls4ml'))).toHaveLength(4);
  });

  test('settings beside it count and need no assumption', () => {
    const settings = {
      precision: { bits: 8, intBits: 3, signed: true },
      reuseFactor: 4,
      strategy: 'resource',
      ioType: 'io_stream',
      part: 'xc7z020',
      clockNs: 10,
    } as const;
    const design = readHlsDesign(SEQUENTIAL, 'm.json', { settings });
    expect(design).toMatchObject({
      precision: { bits: 8 },
      reuseFactor: 4,
      strategy: 'resource',
      ioType: 'io_stream',
      part: 'xc7z020',
      clockS: 1e-8,
      assumptions: [],
    });
    expect(design.layers.every((l) => l.weight === undefined)).toBe(true);
  });

  const dense = (name: string, inbound: unknown) => ({
    class_name: 'Dense',
    name,
    config: { name, units: 4 },
    inbound_nodes: inbound,
  });
  const functional = (layers: unknown[]) =>
    JSON.stringify({
      class_name: 'Functional',
      config: {
        name: 'f',
        layers: [
          { class_name: 'InputLayer', name: 'in', config: { name: 'in', batch_shape: [null, 4] }, inbound_nodes: [] },
          ...layers,
        ],
      },
    });
  const keras3 = (...names: string[]) => {
    const tensors = names.map((n) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 4], keras_history: [n, 0, 0] },
    }));
    return [{ args: names.length > 1 ? [tensors] : tensors, kwargs: {} }];
  };

  test.each([
    [
      'Keras 2',
      [
        dense('b', [[['a', 0, 0, {}]]]),
        dense('a', [[['in', 0, 0, {}]]]),
        {
          class_name: 'Add',
          config: { name: 'add' },
          inbound_nodes: [
            [
              ['a', 0, 0, {}],
              ['b', 0, 0, {}],
            ],
          ],
        },
      ],
    ],
    [
      'Keras 3',
      [
        dense('b', keras3('a')),
        dense('a', keras3('in')),
        { class_name: 'Add', config: { name: 'add' }, inbound_nodes: keras3('a', 'b') },
      ],
    ],
  ])('edges of a functional model, %s', (_, layers) => {
    expect(readHlsDesign(functional(layers)).layers.map((l) => [l.name, l.inputs])).toEqual([
      ['a', []],
      ['b', ['a']],
      ['add', ['a', 'b']],
    ]);
  });

  test('models inside models, shared layers and circles are refused', () => {
    expect(
      caught(() =>
        readHlsDesign(functional([{ class_name: 'Sequential', config: { name: 's', layers: [] }, inbound_nodes: [] }])),
      ).code,
    ).toBe('unsupported');
    expect(caught(() => readHlsDesign(functional([dense('a', [[['in', 0, 0, {}]], [['in', 0, 0, {}]]])]))).message).toContain(
      'shared',
    );
    expect(
      caught(() => readHlsDesign(functional([dense('a', [[['b', 0, 0, {}]]]), dense('b', [[['a', 0, 0, {}]]])]))).message,
    ).toContain('read each other');
    expect(caught(() => readHlsDesign('{"class_name":"Sequential","config":{}}')).message).toContain("no 'layers'");
  });
});

describe('hls4ml YAML', () => {
  test('with the Keras JSON it names; the special setting counts', () => {
    const wanted: string[] = [];
    const design = readHlsDesign(YAML, 'hls4ml_config.yml', {
      find: (file) => {
        wanted.push(file);
        return SEQUENTIAL;
      },
    });
    expect(wanted).toEqual(['prj/keras_model.json']);
    expect(design).toMatchObject({
      id: 'myproject',
      part: 'xcu250-figd2104-2L-e',
      backend: 'Vitis',
      tool: 'vitis_hls',
      clockS: 5e-9,
      reuseFactor: 1,
      strategy: 'latency',
      precision: { bits: 10, intBits: 3 },
    });
    const [fc1, relu, output, softmax] = design.layers;
    expect(fc1).toMatchObject({
      weight: { bits: 8, intBits: 1 },
      result: { bits: 12, intBits: 4 },
      reuseFactor: 4,
      strategy: 'resource',
    });
    expect(relu.result).toEqual({ bits: 6, intBits: 0, signed: false });
    expect(output).toMatchObject({
      reuseFactor: 2,
      strategy: 'resource',
      weight: { bits: 16, intBits: 6 },
      result: { bits: 16 },
    });
    expect(softmax).toMatchObject({ tableSize: 512 });
    expect(softmax.strategy).toBeUndefined();
    expect(design.assumptions.join('\n')).toMatch(
      /settings of 'nobody' fit no layer[\s\S]*'fc1': types are 'auto', inferred as hls4ml does: bias fixed<16,6>/,
    );
    expect(design.assumptions.join('\n')).not.toContain('fc1_linear');
  });

  test('in the other order and as JSON it is the same', () => {
    const design = readHlsDesign(YAML, 'c.yml', { other: SEQUENTIAL });
    expect(readHlsDesign(SEQUENTIAL, 'm.json', { other: YAML })).toEqual(design);
  });

  test('settings alone are no design', () => {
    const error = caught(() => readHlsDesign(YAML, 'c.yml'));
    expect(error).toMatchObject({ code: 'bad-input', where: 'c.yml' });
    expect(error.hint).toContain('prj/keras_model.json');
    expect(caught(() => readHlsDesign('HLSConfig: {Model: {}}\nPytorchModel: a.pt\n', 'c.yml'))).toMatchObject({
      code: 'unsupported',
      hint: 'export the network as ONNX',
    });
  });

  test.each([
    ['ReuseFactor: 4', 'ReuseFactor: 0', 'reuse factor 0'],
    ['ReuseFactor: 4', 'ReuseFactor: two', 'reuse factor "two"'],
    ['Strategy: Latency', 'Strategy: Fast', 'strategy "Fast"'],
    ['ap_fixed<16,6>', 'ap_fixed<six>', 'ap_fixed<six>'],
    ['io_parallel', 'io_serial', 'io_serial'],
    ['ClockPeriod: 5', 'ClockPeriod: -5', 'ClockPeriod'],
    ['HLSConfig:', 'HLSConfig: [', 'not YAML'],
  ])('%s -> %s', (from, to, text) => {
    const error = caught(() => readHlsDesign(YAML.replace(from, to), 'c.yml', { other: SEQUENTIAL }));
    expect(error).toMatchObject({ code: 'bad-input', where: 'c.yml' });
    expect(error.message).toContain(text);
  });
});

const RECORD = {
  meta_data: { uuid: 'u1', model_name: 'dense_16_8', artifacts_file: 'u1.tar.gz' },
  model_config: [
    {
      class_name: 'InputLayer',
      name: 'in',
      input_shape: [[null, 16]],
      output_shape: [[null, 16]],
      parameters: 0,
      trainable_parameters: 0,
      dtype: 'float32',
      reuse_factor: 128,
    },
    {
      class_name: 'QDense',
      name: 'd1',
      input_shape: [null, 16],
      output_shape: [null, 8],
      parameters: 136,
      neurons: 8,
      use_bias: true,
      reuse_factor: 64,
    },
    {
      class_name: 'QActivation',
      name: 'a1',
      input_shape: [null, 8],
      output_shape: [null, 8],
      activation: 'quantized_relu(8,0)',
      reuse_factor: 128,
    },
    {
      class_name: 'QDense',
      name: 'd2',
      input_shape: [null, 8],
      output_shape: [null, 4],
      neurons: 4,
      use_bias: false,
      reuse_factor: 32,
    },
  ],
  hls_config: {
    Model: { Precision: 'ap_fixed<16, 6>', ReuseFactor: 100, Strategy: 'Resource', BramFactor: 1000000000, TraceOutput: false },
    LayerName: { d1: { Precision: { weight: 'ap_fixed<8,1>', bias: 'ap_fixed<8,1>' }, ReuseFactor: 100 } },
    clock_period: 5,
    io_type: 'io_parallel',
  },
  resource_report: { bram: '2.5', dsp: '3', ff: '100', lut: '200', uram: '0' },
  hls_resource_report: { bram: '7', dsp: '3', ff: '150', lut: '400', uram: '0' },
  latency_report: {
    cycles_min: '20',
    cycles_max: '21',
    target_clock: '5.00',
    estimated_clock: '4.1',
    interval_min: '16',
    interval_max: '16',
  },
  target_part: 'xcu250-figd2104-2L-e',
  vivado_version: '2023.2',
  hls4ml_version: '1.1.0',
};

describe('wa-hls4ml records', () => {
  test('layers, settings and the factor that was asked for', () => {
    const design = readHlsDesign(JSON.stringify(RECORD));
    expect(design).toMatchObject({
      id: 'u1',
      part: 'xcu250-figd2104-2L-e',
      tool: 'vitis_hls',
      toolVersion: '2023.2',
      hls4mlVersion: '1.1.0',
      reuseFactor: 100,
      strategy: 'resource',
      ioType: 'io_parallel',
      clockS: 5e-9,
      precision: { bits: 16, intBits: 6 },
      assumptions: [],
    });
    expect(design.layers).toMatchObject([
      { name: 'd1', kind: 'dense', inShape: [16], outShape: [8], weight: { bits: 8, intBits: 1 }, reuseFactor: 100 },
      { name: 'a1', activation: 'relu', result: { bits: 8, intBits: 0, signed: false } },
      { name: 'd2', kind: 'dense', inputs: ['a1'], useBias: false },
    ]);
    expect(design.layers[2].reuseFactor).toBeUndefined();
  });

  test('labels by stage; block RAM of logic synthesis is in tiles', () => {
    expect(waHls4mlLabels(RECORD)).toEqual({
      csynth: { lut: 400, ff: 150, dsp: 3, uram: 0, bram18: 7, cycles_min: 20, cycles: 21, ii_min: 16, ii: 16, clockEstNs: 4.1 },
      vsynth: { lut: 200, ff: 100, dsp: 3, uram: 0, bram18: 5 },
    });
    expect(waHls4mlLabels({ ...RECORD, resource_report: {}, latency_report: { cycles_min: 'undef' } }).vsynth).toEqual({});
  });

  test('the older fields: backend_version, precision as a table, no layer names', () => {
    const old = {
      ...RECORD,
      vivado_version: undefined,
      backend: 'VivadoAccelerator',
      backend_version: '2019.1',
      model_config: RECORD.model_config.map(({ name: _, ...l }) => l),
      hls_config: { Model: { Precision: { default: 'fixed<16,6>' }, ReuseFactor: 4, Strategy: 'Latency' } },
    };
    const design = readHlsDesign(JSON.stringify([old]));
    expect(design).toMatchObject({
      tool: 'vivado_hls',
      toolVersion: '2019.1',
      backend: 'VivadoAccelerator',
      ioType: 'io_parallel',
      clockS: 5e-9,
    });
    expect(design.layers.map((l) => l.kind)).toEqual(['dense', 'activation', 'dense']);
    expect(design.assumptions.join()).toContain('io type not recorded');
  });

  test('convolutions: stride and window follow from the shapes; branches by their shapes', () => {
    const l = (class_name: string, name: string, a: number[], b: number[], more = {}) => ({
      class_name,
      name,
      input_shape: [null, ...a],
      output_shape: [null, ...b],
      ...more,
    });
    const layers = [
      l('Conv2D', 'c1', [8, 8, 1], [4, 4, 4], { n_filter: 4, kernel_size: [3, 3], padding: 'same' }),
      l('MaxPooling2D', 'p', [4, 4, 4], [2, 2, 4]),
      l('Conv2D', 'c2', [2, 2, 4], [2, 2, 4], { filters: 4, kernel_size: [1, 1], padding: 'valid', strides: [1, 1] }),
      {
        class_name: 'Add',
        name: 'add',
        input_shape: [
          [null, 2, 2, 4],
          [null, 2, 2, 4],
        ],
        output_shape: [null, 2, 2, 4],
      },
      l('Flatten', 'f', [2, 2, 4], [16]),
      l('Dense', 'd', [16], [3]),
    ];
    const design = readHlsDesign(
      JSON.stringify({ ...RECORD, model_config: layers, hls_config: { ...RECORD.hls_config, io_type: undefined } }),
    );
    expect(design.ioType).toBe('io_stream');
    expect(design.layers.map((x) => [x.name, x.inputs, x.stride])).toEqual([
      ['c1', [], [2, 2]],
      ['p', ['c1'], [2, 2]],
      ['c2', ['p'], [1, 1]],
      ['add', ['p', 'c2'], undefined],
      ['f', ['add'], undefined],
      ['d', ['f'], undefined],
    ]);
    expect(design.assumptions.join('\n')).toMatch(
      /stride not recorded[\s\S]*window not recorded[\s\S]*producers are not recorded/,
    );
  });

  test('stated and computed shapes must agree', () => {
    const wrong = {
      ...RECORD,
      model_config: [{ class_name: 'Dense', name: 'd', input_shape: [null, 4], output_shape: [null, 5], neurons: 8 }],
    };
    expect(caught(() => readHlsDesign(JSON.stringify(wrong), 'r.json'))).toMatchObject({ code: 'bad-input', where: 'r.json' });
    const open = {
      ...RECORD,
      model_config: [
        ...RECORD.model_config,
        { class_name: 'Dense', name: 'x', input_shape: [null, 99], output_shape: [null, 5] },
      ],
    };
    expect(caught(() => readHlsDesign(JSON.stringify(open))).message).toContain('which no layer before it gives');
    const { hls_config: _, ...bare } = RECORD;
    expect(caught(() => readHlsDesign(JSON.stringify(bare))).message).toContain('no precision');
  });
});

test('a rule4ml dictionary', () => {
  const design = readHlsDesign(
    JSON.stringify({
      model_name: 'mlp',
      board: 'pynq-z2',
      strategy: 'Latency',
      precision: 'ap_fixed<8, 3>',
      reuse_factor: 4,
      hls4ml_version: '0.8.1',
      clock_period: 10,
      layers: [
        {
          layer_type: 'Dense',
          input_shape: [null, 16],
          output_shape: [null, 32],
          parameters: 544,
          reuse_factor: 4,
          activation: 'relu',
        },
        { layer_type: 'Activation', activation: 'relu', input_shape: [null, 32], output_shape: [null, 32] },
        { layer_type: 'BatchNormalization', input_shape: [null, 32], output_shape: [null, 32] },
        { layer_type: 'Dense', input_shape: [null, 32], output_shape: [null, 5], precision: 'ap_fixed<6,2>' },
      ],
    }),
  );
  expect(design).toMatchObject({
    id: 'mlp',
    part: 'pynq-z2',
    strategy: 'latency',
    precision: { bits: 8, intBits: 3 },
    reuseFactor: 4,
    clockS: 1e-8,
  });
  expect(design.layers.map((l) => l.kind)).toEqual(['dense', 'activation', 'batch_norm', 'dense']);
  expect(design.layers[3].weight).toEqual({ bits: 6, intBits: 2, signed: true });
});

describe('readHlsDesigns', () => {
  const own = hlsNetwork({ input: [4], id: 'own' })
    .dense(2)
    .build();

  test('own JSON comes back as it is', () => expect(readHlsDesign(JSON.stringify(own, null, 2))).toEqual(own));

  test('own JSON with a layer of an unknown kind: opaque, and said', () => {
    const foreign = { name: 'att', kind: 'attention', inputs: ['dense_0'], inShape: [2], outShape: [2], heads: 2 };
    const design = readHlsDesign(JSON.stringify({ ...own, layers: [...own.layers, foreign] }));
    expect(design.layers[1]).toEqual({
      name: 'att',
      kind: 'opaque',
      source: 'attention',
      inputs: ['dense_0'],
      inShape: [2],
      outShape: [2],
    });
    expect(design.assumptions).toEqual([
      ...own.assumptions,
      "layer 'att': kind 'attention' is not known; its cost is not counted",
    ]);
    const broken = { ...own, layers: [{ ...foreign, inputs: [], inShape: undefined }] };
    expect(caught(() => readHlsDesign(JSON.stringify(broken))).message).toContain('inShape');
  });

  test('a line each, an array, a CSV', () => {
    expect(readHlsDesigns(`${JSON.stringify(own)}\n${JSON.stringify(RECORD)}\n`).map((d) => d.id)).toEqual(['own', 'u1']);
    expect(readHlsDesigns(JSON.stringify([own, RECORD])).map((d) => d.id)).toEqual(['own', 'u1']);
    const csv =
      'model_id,n_in,n_out,weight_bits,reuse_factor,strategy,io_type,part,tool,tool_version\na,8,4,4,2,resource,io_parallel,xcu250-figd2104-2L-e,vivado_hls,2020.1\n';
    expect(readHlsDesigns(csv, 'f.csv')).toMatchObject([{ layers: [{ inShape: [8], outShape: [4] }] }]);
    expect(caught(() => readHlsDesigns(csv.replace(',8,4,4', ',8,x,4'), 'f.csv'))).toMatchObject({
      where: 'f.csv:2',
      code: 'bad-input',
    });
  });

  test.each([
    ['', 'bad-input', 'empty'],
    ['{"class_name": "Sequential", "config"', 'bad-input', 'not whole JSON'],
    ['{"hello": 1}', 'unsupported', 'not a design'],
    ['[]', 'unsupported', 'not a design'],
    ['just some words', 'unsupported', 'not a design'],
    [`${JSON.stringify(own)}\n{"x": 1}`, 'unsupported', 'not a design'],
    [JSON.stringify({ ...own, reuseFactor: 0 }), 'bad-input', 'reuseFactor'],
    [JSON.stringify({ ...own, ioType: 'io_serial' }), 'bad-input', 'ioType'],
  ])('%#: %s', (text, code, message) => {
    const error = caught(() => readHlsDesigns(text, 'f'));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.where).toMatch(/^f/);
  });

  test('one design is wanted', () =>
    expect(caught(() => readHlsDesign(JSON.stringify([own, own]))).message).toContain('2 designs'));
});

describe('what is no design of hls4ml', () => {
  test('a folding configuration of FINN without its network says what to give', () => {
    const folding = JSON.stringify({ Defaults: {}, MVAU_hls_0: { PE: 16, SIMD: 49, mem_mode: 'internal_decoupled' } });
    const error = caught(() => readHlsDesign(folding, 'folding_config.json'));
    expect(error.code).toBe('bad-input');
    expect(error.message).toContain('MVAU_hls_0');
    expect(error.hint).toContain('--network');
  });

  test('a share of the clock is read, another form refused', () => {
    const yaml = (uncertainty: string) => YAML.replace(/^Backend:/m, `ClockUncertainty: ${uncertainty}\nBackend:`);
    const read = (text: string) => readHlsDesign(text, 'c.yml', { find: () => SEQUENTIAL });
    expect(read(yaml('27%')).clockUncertainty).toBe(0.27);
    expect(read(yaml('1.25')).clockUncertainty).toBeUndefined();
    expect(caught(() => read(yaml('much'))).message).toMatch(/ClockUncertainty "much"/);
  });

  test('a table that is cut in its header, a report of a tool and an empty network are named as what they are', () => {
    const table = caught(() => readHlsDesigns('family,model_id,model_string,weight_bits,reuse_f', 'rows.csv'));
    expect(table.message).toBe('a table of designs without a row');
    const report = caught(() => readHlsDesign('<profile><AreaEstimates>', 'csynth.xml'));
    expect([report.code, report.message]).toEqual(['unsupported', 'a report of a tool (csynth-xml), no design']);
    expect(report.hint).toContain('fpga report');
    const empty = caught(() => readHlsDesign(YAML, 'c.yml', { other: ' ', otherName: 'empty.json' }));
    expect([empty.where, empty.message]).toEqual(['empty.json', 'the file is empty']);
  });
});
