// A graph of your own, what it costs, and how long each operator takes on a device of the catalogue.
import { deviceNamed, graph, graphCosts, roofline } from 'hwcast';

const x = graph('fp16').input([8, 197, 768]); // batch, tokens, width
const y = x.layerNorm();
const heads = { heads: 12 };
const attended = y.linear(768).attention(y.linear(768), y.linear(768), heads).linear(768).add(x);
const block = attended.layerNorm().linear(3072).gelu().linear(768).add(attended).build();

const { total } = graphCosts(block);
console.log(
  `${block.nodes.length} nodes, ${(total.params / 1e6).toFixed(2)} M parameters, ${(total.flops / 1e9).toFixed(1)} GFLOP`,
);

for (const hypothesis of ['eager', 'compiled'] as const) {
  const { latency, launches, operators } = roofline(block, deviceNamed('A100-SXM4-80GB'), { hypothesis });
  console.log(`${hypothesis}: ${(latency * 1e6).toFixed(0)} us, ${launches} kernels`);
  const slowest = [...operators].sort((a, b) => b.time - a.time).slice(0, 3);
  for (const { id, op, time, bound } of slowest) console.log(`  ${id} ${op}: ${(time * 1e6).toFixed(1)} us, ${bound} bound`);
}
