// Imports run one way (docs/architecture.md): a folder may import only from the folders listed for it. Exits 1 with each offence.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const below = {
  tensor: [],
  device: [],
  graph: [],
  trace: ['graph', 'device', 'tensor'],
  analytical: ['graph', 'device'],
  dataset: ['trace', 'graph', 'device', 'tensor'],
  features: ['analytical', 'dataset', 'graph', 'device', 'tensor'],
  surrogate: ['features', 'analytical', 'dataset', 'graph', 'device', 'tensor', 'trace'],
  evaluate: ['surrogate', 'features', 'analytical', 'dataset', 'graph', 'device', 'tensor', 'trace'],
  cli: ['evaluate', 'surrogate', 'features', 'analytical', 'dataset', 'graph', 'device', 'tensor', 'trace'],
};
const root = resolve('src');
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.ts'));
const offences = [];
for (const file of files) {
  const folder = file.includes('/') ? file.split('/')[0] : '';
  if (!folder) continue; // src/index.ts and src/*.ts leaves are checked below
  if (!(folder in below)) offences.push(`src/${file}: folder '${folder}' is not in the architecture`);
  for (const [, target] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\(|import)\s*['"](\.[^'"]+)['"]/g)) {
    const path = relative(root, resolve(root, dirname(file), target));
    const to = path.includes('/') ? path.split('/')[0] : '';
    if (path.startsWith('..')) {
      if (!path.endsWith('.json')) offences.push(`src/${file}: imports outside src: ${target}`);
    } else if (to === '' ? /^index\./.test(path) : to !== folder && !below[folder]?.includes(to))
      offences.push(`src/${file}: ${folder} may not import ${to || path}`);
  }
}
if (offences.length) {
  console.error(offences.join('\n'));
  process.exit(1);
}
console.error(`imports run one way: ${files.length} files checked`);
