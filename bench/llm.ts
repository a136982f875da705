/**
 * Operators a second through the rules: `npx tsx bench/llm.ts`. Of language models (`passCost`; those of equal layers count as often as they run in a pass),
 * and of graphs of networks that were not seen before (`rooflineTimes`). Seconds of processor time, since other work may run beside it. Goal: 200,000
 * different operators a second each.
 */
import { rooflineTimes } from '../src/analytical/roofline.js';
import { createRandom } from '../src/core/random.js';
import { deviceNamed } from '../src/device/deviceNamed.js';
import { nasbench201 } from '../src/graph/spaces/nasbench201.js';
import { knownLlm } from '../src/llm/architecture/readLlm.js';
import { chooseFormats, DEFAULT_CHUNK } from '../src/llm/llmSetup.js';
import { passOperators } from '../src/llm/passOperators.js';
import { passCost } from '../src/llm/passTime.js';

const device = deviceNamed('H100-SXM5-80GB'),
  model = knownLlm('meta-llama/Meta-Llama-3-70B');
const { formats, kv } = chooseFormats(model, device, {});
const setup = { device, isl: 1024, osl: 128, batch: 1, tp: 1, pp: 1, ep: 1, formats, kv, chunk: DEFAULT_CHUNK, framework: 'vllm' as const }; // biome-ignore format: one setup
const cost = passCost(setup);
/** Seconds of processor time so far. */
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const start = clock();
let entries = 0,
  runs = 0;
for (let before = 1; clock() - start < 2; before++) {
  const { operators } = cost(passOperators(model, { batch: 1, length: 1, before, outputs: 1 }, setup), 1);
  entries += operators.length;
  for (const o of operators) runs += o.count;
}
const seconds = clock() - start;
process.stdout.write(
  `${Math.round(entries / seconds)} different operators a second, ${Math.round(runs / seconds)} with those of equal layers\n`,
);

const random = createRandom(1),
  graphs = Array.from({ length: 400 }, () => nasbench201.toOpGraph(nasbench201.draw(random.next))),
  nodes = graphs.reduce((sum, g) => sum + g.nodes.length, 0),
  begin = clock();
for (const graph of graphs) rooflineTimes(graph, device, { hypothesis: 'compiled' });
process.stdout.write(`${Math.round(nodes / (clock() - begin))} operators of graphs a second\n`);
