import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { designsOf } from '../../../src/cli/fpga/designs.js';
import { registerFpgaExplore } from '../../../src/cli/fpga/explore.js';
import { registerFpgaPredict } from '../../../src/cli/fpga/predict.js';
import { encodeOnnx } from '../../graph/readers/onnx/encodeOnnx.js';
import { runCommand } from '../runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-fpga-designs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, data: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
};

const onnx = encodeOnnx({
  name: 'tagger',
  inputs: { x: ['N', 4] },
  constants: { w: { dims: [4, 2], values: [1, 0, 3, 4, 5, 6, 7, 8] } },
  nodes: [
    { op: 'MatMul', in: ['x', 'w'], out: ['h'], name: 'fc' },
    { op: 'Relu', in: ['h'], out: ['y'], name: 'act' },
  ],
});
const keras = JSON.stringify({
  class_name: 'Sequential',
  config: {
    name: 'tagger',
    layers: [
      { class_name: 'InputLayer', config: { batch_input_shape: [null, 4], name: 'x' } },
      { class_name: 'Dense', config: { name: 'fc', units: 2 } },
    ],
  },
});
const yaml = (key: string, file: string): string =>
  `HLSConfig:\n  LayerName: {fc: {ReuseFactor: 2}}\n  Model: {Precision: 'ap_fixed<12,4>', ReuseFactor: 1, Strategy: Resource}\n${key}: ${file}\nIOType: io_parallel\nProjectName: prj\n`;

describe('designsOf', () => {
  it('names the network given by hand where that is broken, and refuses a folder that is no project', async () => {
    const config = write('named.yml', yaml('KerasJson', 'other.json'));
    const empty = write('empty.json', '');
    await expect(designsOf(config, empty)).rejects.toThrow(expect.objectContaining({ where: empty }));
    await expect(designsOf(config, folder)).rejects.toThrow(/a folder or archive is no network/);
    await expect(designsOf(write('prj.tar.gz', gzipSync('x')))).rejects.toThrow(/neither an hls4ml configuration nor/);
  });

  it('reads ONNX by content, whatever the file is called', async () => {
    const [design] = await designsOf(write('network.bin', onnx));
    expect(design).toMatchObject({ id: 'tagger', layers: [{ name: 'fc', kind: 'dense', zeroWeights: 1 }, { name: 'act' }] });
  });

  it.each([
    ['OnnxModel', 'model.onnx', onnx],
    ['KerasJson', 'model.json', keras],
  ])('reads the network that %s of a YAML file names beside it, or that is given', async (key, file, content) => {
    const network = write(file, content),
      [beside] = await designsOf(write('config.yml', yaml(key, file)));
    expect(beside).toMatchObject({
      id: 'prj',
      precision: { bits: 12 },
      strategy: 'resource',
      layers: [{ name: 'fc', reuseFactor: 2 }, {}].slice(0, beside.layers.length),
    });
    expect(await designsOf(write('elsewhere.yml', yaml(key, 'nowhere')), network)).toEqual([beside]);
    // the network first, the settings as the other file
    expect(await designsOf(network, join(folder, 'elsewhere.yml'))).toEqual([beside]);
  });

  it('reads gzipped files', async () => {
    expect((await designsOf(write('model.json.gz', gzipSync(keras))))[0].id).toBe('tagger');
    const [plain] = await designsOf(write('plain.onnx', onnx)),
      [packed] = await designsOf(write('model.onnx.gz', gzipSync(onnx)));
    expect({ ...packed, id: plain.id }).toEqual(plain);
    write('beside.onnx.gz', gzipSync(onnx));
    expect((await designsOf(write('packed.yml', yaml('OnnxModel', 'beside.onnx.gz'))))[0].layers[0]).toMatchObject({
      name: 'fc',
    });
    await expect(designsOf(write('cut.onnx.gz', gzipSync(onnx).subarray(0, 60)))).rejects.toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });

  it('reads a whole project, from its folder and from an archive of it', async () => {
    const project = join(folder, 'project');
    mkdirSync(join(project, 'firmware'), { recursive: true });
    writeFileSync(join(project, 'hls4ml_config.yml'), yaml('KerasJson', 'somewhere/model.json'));
    writeFileSync(join(project, 'model.json'), keras);
    const [read] = await designsOf(project);
    expect(read).toMatchObject({ id: 'prj', layers: [{ name: 'fc', reuseFactor: 2 }] });
    const files = { 'project/hls4ml_config.yml': strToU8(yaml('KerasJson', 'model.json')), 'project/model.json': strToU8(keras) };
    expect(await designsOf(write('project.zip', zipSync(files)))).toEqual([read]);
    await expect(designsOf(write('bad.zip', zipSync(files).subarray(0, 90)))).rejects.toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });

  it('names a file that is cut', async () => {
    const path = write('cut.onnx', onnx.subarray(0, onnx.length - 40));
    await expect(designsOf(path)).rejects.toThrow(expect.objectContaining({ code: 'corrupt', where: path }));
  });
});

it('fpga explore takes an ONNX file', async () => {
  const args = ['--part', 'xc7z020', '--method', 'analytical', '--reuse', '1,2', '--bits', '8,12', '--json'];
  const { stdout, error } = await runCommand(
    (program) => registerFpgaExplore(program.command('fpga')),
    ['fpga', 'explore', write('explored.onnx', onnx), ...args],
  );
  expect(error).toBeUndefined();
  expect(JSON.parse(stdout)).toMatchObject({ layers: ['fc'], evaluated: 4 });
});

describe('fpga predict of a folding configuration', () => {
  const folding = write('folding_config.json', JSON.stringify({ Defaults: {}, MVAU_hls_0: { PE: 2, SIMD: 4 } })),
    network = write('qkeras.json', keras.replace('"units":2', '"units":2,"kernel_quantizer":"quantized_bits(4,0,alpha=1)"'));

  it.each(['--network', '--keras', '--model'])('takes the network by %s, and says whose formulas these are', async (flag) => {
    const { stdout, stderr } = await runCommand(registerFpgaPredict, ['predict', folding, flag, network, '--csv']);
    expect(stdout.split('\n')[1]).toMatch(/^folding_config,csynth,\d+,,0,1,0,1,1,1,1,unknown/);
    expect(stderr).toMatch(/FINN's own formulas/);
  });

  it('refuses two networks, and exploring such a design', async () => {
    const two = await runCommand(registerFpgaPredict, ['predict', folding, '--network', network, '--keras', network]);
    expect(two.error?.message).toMatch(/2 networks are named/);
    const explored = await runCommand(registerFpgaExplore, ['explore', folding, '--keras', network]);
    expect(explored.error?.message).toMatch(/a design of FINN/);
  });
});
