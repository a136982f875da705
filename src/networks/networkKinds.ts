import { HwcastError } from '../core/errors.js';
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
  holds: ({ graph }) => graph !== undefined,
  parse: anyWorkload,
  columns: featureTable,
};

/** Models known by name alone: they are stored, inspected and merged; what a table says of them is not learned from. */
const models: Kind = {
  name: 'models',
  link: 'log',
  holds: ({ facts, graph }) => facts !== undefined && !graph,
  parse: parseWorkload,
  columns([first]) {
    throw new HwcastError(
      'unsupported',
      `'${first?.id ?? 'a model'}' is known by name only, which this version does not learn from`,
      {
        hint: 'measure networks of a space, or models whose graphs are known',
      },
    );
  },
};

for (const kind of [...spaceKinds, graphs, models]) registerKind(kind);
