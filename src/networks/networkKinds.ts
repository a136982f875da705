import { anyWorkload } from '../graph/anyWorkload.js';
import { SPACES } from '../graph/spaces/index.js';
import { parseWorkload, spaceWorkload } from '../graph/workload.js';
import { type Kind, registerKind } from '../surrogate/kind.js';
import { featureTable } from './featureTable.js';

/** Networks of a search space: costs add up over layers, and any network can be drawn. */
const spaceKinds = Object.values(SPACES).map(
  (space): Kind => ({
    name: space.name,
    link: 'linear',
    holds: (workload) => workload.space === space,
    parse: parseWorkload,
    columns: featureTable,
    draw: (random) => spaceWorkload(space, space.draw(random.next)),
  }),
);

/** Free operator graphs, of all sizes. */
const graphs: Kind = {
  name: 'graphs',
  link: 'log',
  holds: ({ id, graph, facts }) => graph !== undefined && !facts && !id.startsWith('op:'),
  parse: anyWorkload,
  columns: featureTable,
};

/** Real models known by name, with a graph or without; the method `multi-task` learns from what is known of them. */
const models: Kind = {
  name: 'models',
  link: 'log',
  holds: ({ facts }) => facts !== undefined,
  parse: anyWorkload,
  columns: featureTable,
};

for (const kind of [...spaceKinds, graphs, models]) registerKind(kind);
