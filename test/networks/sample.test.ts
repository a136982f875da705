import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/graph/workload.js';
import { saveModel } from '../../src/networks/modelFolder.js';
import { sample } from '../../src/networks/sample.js';
import { type SmallModel, temporaryFolder, trainSmall, unseenNetworks } from './smallModel.js';

const { path, remove } = temporaryFolder();
let model: SmallModel;
beforeAll(async () => {
  model = await trainSmall();
  saveModel(path('model'), model);
});
afterAll(remove);
const ids = (list: readonly { id: string }[]) => list.map((w) => w.id);
const candidates = unseenNetworks(40);

describe('sample', () => {
  it('gives different networks of the space, the same from the folder, another seed others', async () => {
    const ten = await sample({ model, n: 10 });
    expect(new Set(ids(ten)).size).toBe(10);
    expect(ten.every((w) => w.space?.name === 'nasbench201')).toBe(true);
    expect(ids(await sample({ model: path('model'), n: 10 }))).toEqual(ids(ten));
    expect(ids(await sample({ model, n: 10, seed: 2 }))).not.toEqual(ids(ten));
  });

  it('the most informative first: fewer are the beginning of more', async () => {
    const ten = await sample({ model, n: 10, candidates });
    expect(ids(await sample({ model, n: 3, candidates }))).toEqual(ids(ten.slice(0, 3)));
    expect(ids(ten)).toEqual(ids(model.learner.choose(candidates, 10)));
  });

  it('takes candidates once, however they were written', async () => {
    const twice = [candidates[0], { ...candidates[0] }, candidates[1], parseWorkload(candidates[1].id)];
    expect(new Set(ids(await sample({ model, n: 2, candidates: twice }))).size).toBe(2);
    await expect(sample({ model, n: 3, candidates: twice })).rejects.toMatchObject({
      code: 'bad-input',
      message: '2 different candidates for 3 measurements',
    });
  });

  it('completes what was measured', async () => {
    const four = await sample({ model, n: 4, candidates });
    expect(ids(await sample({ model, n: 2, candidates, measured: four.slice(0, 2) }))).toEqual(ids(four.slice(2)));
    const all = await sample({ model, n: 38, candidates, measured: four.slice(0, 2) });
    expect(ids(all)).not.toContain(four[0].id);
    expect(all).toHaveLength(38);
  });

  it('takes files of candidates and of measurements by their path', async () => {
    const four = await sample({ model, n: 4, candidates });
    writeFileSync(path('candidates.txt'), candidates.map((w) => `${w.id}\n`).join(''));
    writeFileSync(
      path('measured.csv'),
      `workload,latency_ms\n${four
        .slice(0, 2)
        .map((w) => `${w.id},1\n`)
        .join('')}`,
    );
    const fromFile = { model, candidates: path('candidates.txt') };
    expect(ids(await sample({ ...fromFile, n: 4 }))).toEqual(ids(four));
    expect(ids(await sample({ ...fromFile, n: 2, measured: path('measured.csv') }))).toEqual(ids(four.slice(2)));
    await expect(sample({ model, n: 1, candidates: path('absent.txt') })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('takes all candidates where as many are wanted', async () => {
    expect(new Set(ids(await sample({ model, n: 40, candidates })))).toEqual(new Set(ids(candidates)));
  });

  it('refuses a target that the model was not trained on, with those it knows', async () => {
    await expect(sample({ model, n: 2, candidates, target: 'peak_memory' })).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('latency'),
    });
    expect(await sample({ model, n: 2, candidates, target: 'latency' })).toEqual(await sample({ model, n: 2, candidates }));
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses n = %d', async (n) => {
    await expect(sample({ model, n })).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(String(n)) });
  });

  it('refuses what it cannot choose from', async () => {
    await expect(sample({ model, n: 41, candidates })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(sample({ model, n: 1, candidates: [] })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(sample({ model, n: 1, candidates: [parseWorkload('fbnet:0123456780123456780123')] })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(sample({ model: path('nowhere'), n: 1 })).rejects.toMatchObject({ code: 'not-found' });
    const graphs = { ...model, info: { ...model.info, domain: 'graphs' } } as SmallModel;
    await expect(sample({ model: graphs, n: 1 })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--input'),
    });
  });
});
