// Imports run one way (docs/architecture.md): a folder may import only from the folders listed for it, and no file imports itself through others,
// types included. Exits 1 with each offence.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const analysis = ['device', 'analytical', 'trace', 'measure'];
const kinds = ['networks', 'operators', 'fpga', 'llm'];
const upTo = {
  core: [],
  tensor: ['core'],
  graph: ['tensor', 'core'],
  device: ['graph', 'core'],
  analytical: ['device', 'graph', 'core'],
  trace: ['device', 'graph', 'core'],
  measure: ['graph', 'tensor', 'core'],
  dataset: [...analysis, 'graph', 'tensor', 'core'],
};
upTo.surrogate = ['dataset', ...upTo.dataset];
for (const kind of kinds) upTo[kind] = ['surrogate', ...upTo.surrogate];
upTo.evaluate = [...kinds, 'surrogate', ...upTo.surrogate];
upTo.present = ['evaluate', ...upTo.evaluate];
upTo.cli = ['present', ...upTo.present];

const root = resolve('src');
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.ts'));
const folderOf = (path) => (path.includes('/') ? path.split('/')[0] : '');
const offences = [],
  importsOf = new Map();
for (const file of files) {
  const folder = folderOf(file);
  const targets = [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\(|import)\s*['"](\.[^'"]+)['"]/g)].map(
    ([, target]) => [target, relative(root, resolve(root, dirname(file), target))],
  );
  importsOf.set(
    file,
    targets.map(([, path]) => path.replace(/\.js$/, '.ts')),
  );
  if (!folder) continue; // the public API of src/*.ts may import everything
  if (!(folder in upTo)) offences.push(`src/${file}: folder '${folder}' is not in the architecture`);
  for (const [target, path] of targets) {
    const to = folderOf(path);
    if (path.startsWith('..')) {
      if (!path.endsWith('.json')) offences.push(`src/${file}: imports outside src: ${target}`);
    } else if (to !== folder && !upTo[folder]?.includes(to)) offences.push(`src/${file}: ${folder} may not import ${to || path}`);
  }
}
offences.push(...circles(importsOf));
if (offences.length) {
  console.error(offences.join('\n'));
  process.exit(1);
}
console.error(`imports run one way: ${files.length} files checked`);

/** One line for each group of files that reach one another (Tarjan's strongly connected components). */
function circles(edges) {
  const index = new Map(),
    low = new Map(),
    stack = [],
    found = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!edges.has(next)) continue;
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || edges.get(file)?.includes(file)) found.push(`src: a circle of imports: ${group.sort().join(', ')}`);
  };
  for (const file of edges.keys()) if (!index.has(file)) visit(file);
  return found;
}
