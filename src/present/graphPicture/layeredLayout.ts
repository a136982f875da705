import { layersOf } from './layersOf.js';

/** Where a box is drawn: its upper left corner. */
export interface Place {
  x: number;
  y: number;
}

/** A drawn edge: from the bottom of one box past others to the top of another. */
export interface Route {
  from: number;
  to: number;
  points: Place[];
}

export interface Layout {
  places: Place[];
  routes: Route[];
  width: number;
  height: number;
}

/** Sizes in pixels. */
export interface LayoutSizes {
  boxWidth: number;
  boxHeight: number;
  /** between boxes of a layer */
  gap: number;
  /** between layers */
  rise: number;
  /** room of an edge that passes a layer */
  lane: number;
}

const SWEEPS = 8;
/** How much more an edge over several layers wants to be straight than a box wants to stand between its neighbours. */
const STRAIGHT = 4;
/** How much of its distance to the middle of the picture a box gives up each time, lest long graphs drift aside. */
const TO_MIDDLE = 0.15;

/** A box, or where an edge over several layers passes a layer. */
interface Vertex {
  layer: number;
  width: number;
  /** centre */
  x: number;
  above: Vertex[];
  below: Vertex[];
  isLane: boolean;
  /** for the order within a layer */
  rank: number;
}

/**
 * Places of boxes in layers from top to bottom, every edge downwards (Sugiyama et al., IEEE SMC 1981): layers by the longest way from a source, the order
 * within a layer by the mean of the neighbours, then the places nearest to the neighbours that keep order and distance.
 * @param feeds of each box, the boxes that it feeds, all later in the list
 */
export function layeredLayout(feeds: readonly (readonly number[])[], sizes: LayoutSizes): Layout {
  const { boxWidth, boxHeight, rise, lane } = sizes;
  const layer = boxLayers(feeds);
  const vertex = (at: number, isLane: boolean): Vertex => ({
    ...{ layer: at, width: isLane ? lane : boxWidth, isLane },
    ...{ x: 0, rank: 0, above: [], below: [] },
  });
  const boxes = feeds.map((_, i) => vertex(layer[i], false));
  const rows: Vertex[][] = [];
  const add = (v: Vertex) => {
    rows[v.layer] ??= [];
    rows[v.layer].push(v);
  };
  boxes.forEach(add);
  const link = (upper: Vertex, lower: Vertex) => {
    upper.below.push(lower);
    lower.above.push(upper);
  };
  const ways = feeds.flatMap((all, from) => {
    // edges of one box share their lanes
    const way = [boxes[from]];
    const lowest = Math.max(...all.map((to) => layer[to]));
    for (let at = layer[from] + 1; at < lowest; at++) {
      way.push(vertex(at, true));
      add(way[way.length - 1]);
      link(way[way.length - 2], way[way.length - 1]);
    }
    return all.map((to) => {
      const passed = way.slice(0, layer[to] - layer[from]);
      link(passed[passed.length - 1], boxes[to]);
      return { from, to, way: [...passed, boxes[to]] };
    });
  });
  order(rows);
  place(rows, sizes.gap);
  const left = Math.min(...boxes.map((b) => b.x - boxWidth / 2), ...rows.flat().map((v) => v.x - v.width / 2));
  const top = (at: number) => at * (boxHeight + rise);
  const right = Math.max(...rows.flat().map((v) => v.x + v.width / 2));
  return {
    places: boxes.map((b) => ({ x: b.x - boxWidth / 2 - left, y: top(b.layer) })),
    routes: ways.map(({ from, to, way }) => ({ from, to, points: route(way, left, top, boxHeight) })),
    width: right - left,
    height: top(rows.length - 1) + boxHeight,
  };
}

/** Layers of boxes; those that read nothing stand right above what they feed. */
function boxLayers(feeds: readonly (readonly number[])[]): number[] {
  const all = feeds.map((_, i) => i);
  const layer = layersOf(all, new Map(feeds.map((f, i) => [i, f])));
  const isFed = new Set(feeds.flat());
  return all.map((i) => (isFed.has(i) || !feeds[i].length ? layer.get(i)! : Math.min(...feeds[i].map((f) => layer.get(f)!)) - 1));
}

/** Orders each layer by the mean rank of the neighbours above, then below, and so on. */
function order(rows: Vertex[][]): void {
  const number = (row: Vertex[]) => row.forEach((v, i) => (v.rank = i - (row.length - 1) / 2));
  rows.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const row of isDown ? rows : [...rows].reverse()) {
      const wish = new Map(row.map((v) => [v, meanOf(isDown ? v.above : v.below, 'rank') ?? v.rank]));
      row.sort((a, b) => wish.get(a)! - wish.get(b)! || a.rank - b.rank);
      number(row);
    }
  }
}

const meanOf = (vertices: readonly Vertex[], field: 'rank' | 'x'): number | undefined =>
  vertices.length ? vertices.reduce((sum, v) => sum + v[field], 0) / vertices.length : undefined;

/** Moves the vertices of each layer towards their neighbours. */
function place(rows: Vertex[][], gap: number): void {
  for (const row of rows) settle(row, gap, () => 0);
  for (let sweep = 0; sweep < 3 * SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const row of isDown ? rows : [...rows].reverse())
      settle(row, gap, (v) => {
        const both = sweep >= 2 * SWEEPS ? [...v.above, ...v.below] : isDown ? v.above : v.below;
        const mean = meanOf(both, 'x');
        return mean === undefined ? undefined : mean * (1 - TO_MIDDLE);
      });
  }
}

/**
 * The places of a row that are nearest to those wished for, by weighted squares, in order and at least their distance apart: neighbours that would come
 * too near are moved as one block (pool adjacent violators).
 */
function settle(row: readonly Vertex[], gap: number, wish: (v: Vertex) => number | undefined): void {
  let offset = 0;
  const blocks: { weight: number; sum: number; from: number }[] = [];
  const offsets = row.map((v, i) => {
    if (i) offset += (row[i - 1].width + v.width) / 2 + (v.isLane && row[i - 1].isLane ? 0 : gap);
    return offset;
  });
  row.forEach((v, i) => {
    const weight = v.isLane ? STRAIGHT : 1;
    blocks.push({ weight, sum: weight * ((wish(v) ?? v.x) - offsets[i]), from: i });
    const meanAt = (k: number) => blocks[k].sum / blocks[k].weight;
    while (blocks.length > 1 && meanAt(blocks.length - 2) > meanAt(blocks.length - 1)) {
      const last = blocks.pop()!;
      blocks[blocks.length - 1].weight += last.weight;
      blocks[blocks.length - 1].sum += last.sum;
    }
  });
  blocks.forEach(({ sum, weight, from }, k) => {
    const end = blocks[k + 1]?.from ?? row.length;
    for (let i = from; i < end; i++) row[i].x = sum / weight + offsets[i];
  });
}

/** Points of an edge, through the middle of its lanes. */
function route(way: readonly Vertex[], left: number, top: (layer: number) => number, boxHeight: number): Place[] {
  return way.flatMap((v, i) => {
    const x = v.x - left;
    const [above, below] = [
      { x, y: top(v.layer) },
      { x, y: top(v.layer) + boxHeight },
    ];
    return i === 0 ? [below] : i === way.length - 1 ? [above] : [above, below];
  });
}
