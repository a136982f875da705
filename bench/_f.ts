import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { initBackend } from '../src/tensor/backend.js';
import { nasbench201 as space } from '../src/graph/spaces/nasbench201.js';
import { trainFeatures } from '../src/surrogate/metaTraining/trainFeatures.js';
import { featuresOf, embeddings } from '../src/surrogate/metaTraining/featureModel.js';
import { createRandom } from '../src/tensor/random.js';
import { spearman, mean } from '../src/statistics.js';
const D = '/work/shared/data/';
const table = (f: string): Record<string, string>[] => parse(gunzipSync(readFileSync(D + f)), { columns: true });
const splits = JSON.parse(readFileSync(D + 'nasbench201-latency/splits.json', 'utf8'));
const lat: Record<string, Map<number, number>> = {};
for (const f of ['nasbench201-latency/latency.csv.gz', 'nasbench201-extra-devices/latency.csv.gz']) for (const r of table(f)) for (const [k, v] of Object.entries(r)) if (k !== 'arch_index' && v) (lat[k] ??= new Map()).set(Number(r.arch_index), Number(v) / 1000);
await initBackend();
const kind = (process.argv[2] ?? 'mlp') as 'mlp' | 'gnn', epochs = Number(process.argv[3] ?? 200), F = Number(process.argv[4] ?? 16), wd = Number(process.argv[5] ?? 0.05);
function ridge(X: Float64Array[], y: number[], l: number): Float64Array { // X rows
  const n = X[0].length, A = Array.from({ length: n }, () => new Float64Array(n + 1));
  X.forEach((r, i) => { for (let a = 0; a < n; a++) { for (let b = 0; b < n; b++) A[a][b] += r[a] * r[b]; A[a][n] += r[a] * y[i]; } });
  for (let a = 0; a < n; a++) A[a][a] += l;
  for (let c = 0; c < n; c++) { let p = c; for (let r = c + 1; r < n; r++) if (Math.abs(A[r][c]) > Math.abs(A[p][c])) p = r; [A[c], A[p]] = [A[p], A[c]]; for (let r = 0; r < n; r++) if (r !== c) { const f = A[r][c] / A[c][c]; for (let k = c; k <= n; k++) A[r][k] -= f * A[c][k]; } }
  return Float64Array.from(A, (r, i) => r[n] / r[i]);
}
for (const name of (process.argv[6] ?? 'ND,N1,N2,N3,N4,NA').split(',')) {
  const t = splits.nasflat_tasks[name], rnd = createRandom(1);
  const tasks = t.train.filter((d: string) => lat[d]).map((d: string) => { const idx = [...lat[d].keys()].sort((a, b) => a - b); const rows = idx.length > 5000 ? [...Array(900).keys()] : rnd.fork(d).sample(idx.length, 900).map((i) => idx[i]); return { id: d, space, archs: rows.map((i) => space.at!(i)), values: Float64Array.from(rows, (i) => lat[d].get(i)!) }; });
  const t0 = performance.now(); let loss = 0;
  const m = await trainFeatures(tasks, { encoder: kind, epochs, features: F, weightDecay: wd, onProgress: (p) => { loss = p.loss; } });
  const secs = (performance.now() - t0) / 1000;
  const line: string[] = [];
  for (const d of t.test.filter((x: string) => lat[x])) {
    const idx = [...lat[d].keys()].filter((_, i, a) => i % Math.ceil(a.length / 2000) === 0);
    const y = idx.map((i) => lat[d].get(i)!);
    const archs = idx.map((i) => space.at!(i));
    const f = featuresOf(m, archs), e = embeddings(m.encoder, m.parameters, archs);
    const rowsOf = (data: Float32Array, w: number) => idx.map((_, i) => Float64Array.from([1, ...data.subarray(i * w, (i + 1) * w)]));
    const pcs = rowsOf(f.data, f.width), emb = rowsOf(e, m.encoder.features);
    const evalK = (X: Float64Array[], k: number, l: number) => mean(Array.from({ length: k > 500 ? 1 : 10 }, (_, s) => { const pick = createRandom(`s${s}`).sample(idx.length, k); const c = mean(pick.map((i) => y[i])); const w = ridge(pick.map((i) => X[i]), pick.map((i) => y[i] / c - 1), l); return spearman(X.map((r) => r.reduce((a, v, j) => a + v * w[j], 0)), y); }));
    line.push(`${d.slice(0, 22)} pc900 ${evalK(pcs, 900, 1e-3).toFixed(3)} emb900 ${evalK(emb, 900, 1e-3).toFixed(3)} pc20 ${Math.max(...[1e-3,1e-2,1e-1].map((l) => evalK(pcs, 20, l))).toFixed(3)} emb20 ${Math.max(...[1e-2,1e-1,1].map((l) => evalK(emb, 20, l))).toFixed(3)}`);
  }
  console.log(`${name} ${kind} ${secs.toFixed(0)} s loss ${loss.toFixed(4)} shares ${m.config.shares.map((s) => s.toFixed(4)).join(' ')}\n  ${line.join('\n  ')}`);
}
