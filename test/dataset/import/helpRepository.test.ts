import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importPublic } from '../../../src/dataset/import/importPublic.js';
import { nasbench201 } from '../../../src/graph/spaces/nasbench201.js';
import { PICKLES } from './pickles.js';
import { torchFileOf } from './pickleWriter.js';

const root = mkdtempSync(join(tmpdir(), 'hwcast-help-'));
afterAll(() => rmSync(root, { recursive: true }));
const put = (path: string, bytes: Uint8Array) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
  return join(root, path);
};
const ramp = Array.from({ length: 15625 }, (_, i) => 1 + i / 1000);
const blocks = [Array.from({ length: 22 }, (_, i) => i % 9), Array.from({ length: 22 }, () => 8)];
const ofaNetwork = (r: unknown) =>
  new Map<string, unknown>([
    ['ks', Array(20).fill(5)],
    ['e', Array(20).fill(6)],
    ['d', [2, 3, 4, 2, 3]],
    ['r', r],
  ]);

beforeAll(() => {
  put('help/data/nasbench201/latency/1080ti_32.pt', torchFileOf(ramp));
  put('help/data/nasbench201/latency/essential_ph_1.pt', torchFileOf(ramp.map(Math.ceil)));
  put(
    'help/data/nasbench201/str_arch2idx.pt',
    torchFileOf(new Map([0, 1, 77].map((i) => [nasbench201.format(nasbench201.at!(i)), i]))),
  );
  put('help/data/nasbench201/hardware_embedding_index.pt', torchFileOf([5, 9]));
  put('help/data/fbnet/latency/raspi4.pt', torchFileOf([20.5, 10]));
  put('help/data/fbnet/metainfo.pt', torchFileOf(new Map([['arch', blocks.map((b) => new Map([['op_idx_list', b]]))]])));
  put('help/data/ofa/latency/titan_xp_64.pt', torchFileOf([3, 4]));
  put('help/data/ofa/ofa_archs.pt', torchFileOf(new Map([['arch', [ofaNetwork(224), ofaNetwork([128])]]])));
});

describe('importPublic of HELP', () => {
  it('reads a clone: the standard order, seconds, conditions from names, pools', async () => {
    const told: string[] = [];
    const dataset = await importPublic(join(root, 'help'), { report: (m) => told.push(m) });
    expect(told).toEqual(['format help, space nasbench201; choose another with --space: fbnet, ofa']);
    expect([dataset.workloads.length, dataset.workloads[77].id]).toEqual([
      15625,
      `nasbench201:${nasbench201.format(nasbench201.at!(77))}`,
    ]);
    expect(dataset.tasks.map((t) => t.device)).toEqual(['1080ti_32', 'essential_ph_1']);
    expect([dataset.tasks[0].rows[400], dataset.tasks[0].values[400]]).toEqual([400, 1.4e-3]);
    expect(dataset.card.devices).toEqual({
      '1080ti_32': { hardware: 'GTX-1080Ti', conditions: { '': { batch: 32 } } },
      essential_ph_1: { conditions: { '': {} } },
    });
    expect(dataset.card.licence).toBe('MIT');
    expect(dataset.splits['help/reference']).toEqual(['5', '9']);
    expect([dataset.splits['help/train_pool'].length, dataset.splits['help/query_pool'][0]]).toEqual([900, '900']);
    expect(dataset.splits['help/meta_train']).toContain('silver_4114');
  });

  it('reads FBNet and OFA with their lists of networks, from the clone or the folder of the space', async () => {
    const fbnet = await importPublic(join(root, 'help'), { space: 'fbnet' });
    expect(fbnet.workloads.map((w) => w.id)).toEqual(['fbnet:0123456780123456780123', `fbnet:${'8'.repeat(22)}`]);
    expect(Array.from(fbnet.tasks[0].values)).toEqual([0.0205, 0.01]);
    expect(fbnet.splits['help/train_pool']).toBeUndefined();
    const ofa = await importPublic(join(root, 'help/data/ofa'), { name: 'mine' });
    expect(ofa.card.name).toBe('mine');
    expect(ofa.workloads.map((w) => w.id)).toEqual(
      ['224', '128'].map((r) => `ofa:${r},23423,${'5'.repeat(20)},${'6'.repeat(20)}`),
    );
    expect(ofa.card.devices.titan_xp_64).toEqual({ hardware: 'Titan-Xp', conditions: { '': { batch: 64 } } });
  });

  it('reads one file, and tells a cells list by its place', async () => {
    const dataset = await importPublic(join(root, 'help/data/nasbench201/latency/1080ti_32.pt'));
    expect([dataset.tasks.length, dataset.workloads.length]).toEqual([1, 15625]);
    const lone = put('lone/dev.pt', torchFileOf(ramp));
    expect((await importPublic(lone)).tasks[0].device).toBe('dev');
  });

  it.each<[string, string, Uint8Array, object]>([
    [
      'a forbidden global',
      'latency/bad.pt',
      PICKLES.evilTorch,
      { code: 'forbidden', message: expect.stringContaining('posix.system') },
    ],
    ['the old format', 'latency/bad.pt', PICKLES.legacy, { code: 'unsupported' }],
    [
      'a list of the wrong length',
      'latency/bad.pt',
      torchFileOf([1, 2, 3]),
      { code: 'bad-input', message: "3 values for 15625 networks of space 'nasbench201'" },
    ],
    [
      'a negative latency',
      'latency/bad.pt',
      torchFileOf(ramp.with(12, -0.5)),
      { code: 'bad-input', message: expect.stringContaining('-0.5'), where: expect.stringMatching(/bad\.pt, item 12$/) },
    ],
    [
      'a latency of NaN',
      'latency/bad.pt',
      torchFileOf(ramp.with(13, Number.NaN)),
      { code: 'bad-input', where: expect.stringMatching(/bad\.pt, item 13$/) },
    ],
    [
      'text among the values',
      'latency/bad.pt',
      torchFileOf([1, 'fast']),
      { code: 'bad-input', message: expect.stringContaining('item 1 is no number') },
    ],
    [
      'another order of the cells',
      'str_arch2idx.pt',
      torchFileOf(new Map([[nasbench201.format(nasbench201.at!(3)), 4]])),
      { code: 'bad-input', message: expect.stringMatching(/stands at 4, in the standard order at 3/) },
    ],
  ])('refuses %s', async (_, name, bytes, error) => {
    const folder = join(root, 'spoilt');
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(root, 'help/data/nasbench201'), join(folder, 'nasbench201'), { recursive: true });
    put(join('spoilt/nasbench201', name), bytes);
    await expect(importPublic(join(folder, 'nasbench201'))).rejects.toMatchObject(error);
  });

  it('refuses networks that are none of the space, naming which, and lists without networks', async () => {
    put('odd/fbnet/latency/d.pt', torchFileOf([1]));
    await expect(importPublic(join(root, 'odd/fbnet'))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('metainfo.pt or arch.pt'),
    });
    put('odd/fbnet/arch.pt', torchFileOf([[1, 2, 9]]));
    await expect(importPublic(join(root, 'odd/fbnet'))).rejects.toMatchObject({
      code: 'bad-input',
      where: expect.stringContaining('network 0'),
      message: expect.stringContaining("'129'"),
    });
    mkdirSync(join(root, 'empty'));
    await expect(importPublic(join(root, 'empty'), { from: 'help' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no latency lists'),
    });
    await expect(importPublic(join(root, 'help'), { space: 'darts' })).rejects.toMatchObject({ code: 'not-found' });
  });
});
