import { describe, expect, it } from 'vitest';
import { isProjectFile, projectDesign } from '../../../../src/fpga/readers/project/projectDesign.js';
import { CONFIG, DEFINES, KERAS, PARAMETERS } from './projectFixture.js';

const files = (texts: Record<string, string>): Map<string, Uint8Array> =>
  new Map(Object.entries(texts).map(([path, text]) => [path, new TextEncoder().encode(text)]));
const FIRMWARE = { 'prj/firmware/parameters.h': PARAMETERS, 'prj/firmware/defines.h': DEFINES };
const HEADER =
  '//Number of zeros 3\n#ifndef __SYNTHESIS__\nweight2_t w2[6];\n#else\nweight2_t w2[6] = {0, 0.5, 0, -0.03125, 0, 0.75};\n#endif\n';

describe('projectDesign', () => {
  it('finds the network by the path in the configuration, and zeros in the weights that were written', () => {
    const design = projectDesign(
      files({ 'prj/hls4ml_config.yml': CONFIG, 'prj/model.json': KERAS, ...FIRMWARE, 'prj/firmware/weights/w2.h': HEADER }),
      'prj.tgz',
    );
    expect(design).toMatchObject({
      id: 'prj',
      part: 'xc7z020clg400-1',
      layers: [{ name: 'fc1', zeroWeights: 3 }, { name: 'relu1' }],
    });
    expect(design.assumptions).toContain('zero weights counted in firmware/weights, as values of the weight types: fc1 3 of 6');
  });

  it('takes the zeros that the header states where the weights are not there', () => {
    const design = projectDesign(files({ 'prj/hls4ml_config.yml': CONFIG, 'prj/model.json': KERAS, ...FIRMWARE }), 'prj.tgz');
    expect(design.layers[0]).toMatchObject({ name: 'fc1', zeroWeights: 1 });
    expect(design.assumptions).toContain('zero weights as firmware/parameters.h states them: fc1 1');
  });

  it('builds the layers from the header where the network is not there', () => {
    const design = projectDesign(files({ ...FIRMWARE, 'prj/firmware/weights/w2.txt': '0,0.5,0,-0.03125,0,0.75' }), 'prj');
    expect(design).toMatchObject({
      ioType: 'io_parallel',
      strategy: 'latency',
      layers: [
        { name: 'config2', kind: 'dense', inShape: [2], outShape: [3], zeroWeights: 3, weight: { bits: 6, intBits: 1 } },
        { name: 'relu_config4', result: { bits: 6, rounding: 'rnd_conv', overflow: 'sat' } },
      ],
    });
    expect(design.assumptions.join()).toMatch(/no network in the project/);
  });

  it('refuses what is no project, two projects, a configuration alone and weights that are no numbers', () => {
    expect(() => projectDesign(files({ 'a.json': '{}' }), 'dir')).toThrow(/neither an hls4ml configuration nor/);
    expect(() => projectDesign(files({ 'a/hls4ml_config.yml': CONFIG, 'b/hls4ml_config.yml': CONFIG }), 'dir')).toThrow(
      /several projects: a\/hls4ml_config.yml, b\/hls4ml_config.yml/,
    );
    expect(() => projectDesign(files({ 'prj.yml': CONFIG }), 'dir')).toThrow(/neither the network that it configures/);
    expect(() =>
      projectDesign(
        files({ 'prj/hls4ml_config.yml': CONFIG, 'prj/model.json': KERAS, ...FIRMWARE, 'prj/firmware/weights/w2.txt': '0,x' }),
        'p',
      ),
    ).toThrow(expect.objectContaining({ code: 'corrupt', where: 'firmware/weights/w2.txt' }));
  });

  it('reads only files that can tell something', () => {
    const read = ['hls4ml_config.yml', 'prj/firmware/weights/w2.txt', 'firmware/parameters.h', 'a/model.keras'];
    const left = ['prj/firmware/nnet_utils/nnet_dense.h', 'firmware/weights/b2.txt', 'tb_data/tb_input.dat', 'build_prj.tcl'];
    expect(read.map(isProjectFile)).toEqual(read.map(() => true));
    expect(left.map(isProjectFile)).toEqual(left.map(() => false));
  });
});
