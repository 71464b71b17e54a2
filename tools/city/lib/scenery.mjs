// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Shapes that are not streets or houses: shore, river, hills, tracks, ring road, boundaries. Plan coordinates. */

import { direction, keepLeft, left, reverse, smooth } from './geometry.mjs';
import { DISTRICTS } from './names.mjs';
import { STRIPS, pointAt } from './streets.mjs';
import { MOUTH, PLAN, QUAY } from './terrain.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./terrain.mjs').Terrain} Terrain */

/** The elevated ring road. */
export const RING = {
  name: { ko: '하늘순환로', en: 'Haneul Ring Expressway' },
  path: smooth(
    /** @type {Point[]} */ ([
      [-3000, 12600], [-2350, 6400], [-1750, 4300], [-250, 3720], [1500, 3330], [2850, 2900], [3700, 2050], [4080, 700], [3990, -800], [3500, -2100],
      [2650, -2980], [2250, -3900], [2900, -5600], [4600, -8200], [6200, -12600],
    ]),
    14,
  ),
};

/** Piers of the harbour: v of the two corners and how far they reach into the sea. */
const PIERS = [
  [-2360, -2230, 430],
  [-1980, -1850, 470],
  [-1560, -1450, 390],
  [-1190, -1120, 250],
];

/** How far sea and coast go on beyond the tiles, so that a far view shows no edge; metres. */
const HORIZON = 70000;

/** @param {Terrain} t @returns {Point[]} the sea; counter-clockwise */
export function sea(t) {
  /** @type {Point[]} */
  const ring = [];
  for (let v = -HORIZON; v < HORIZON; v += Math.abs(v + 30) > PLAN.north ? 700 : 60) {
    const pier = PIERS.find(([low, high]) => v >= low && v < high);
    if (!pier) ring.push([t.coast(v), v]);
    else if (v - 60 < pier[0]) ring.push([QUAY.u, pier[0]], [QUAY.u - pier[2], pier[0]], [QUAY.u - pier[2], pier[1]], [QUAY.u, pier[1]]);
  }
  ring.push([-HORIZON, HORIZON], [-HORIZON, -HORIZON]);
  return ring;
}

/** @returns {Point[][]} ground of the piers, with a little of the quay */
export const piers = () => PIERS.map(([low, high, reach]) => /** @type {Point[]} */ ([[QUAY.u - reach, low], [QUAY.u + 16, low], [QUAY.u + 16, high], [QUAY.u - reach, high]]));

/** @returns {{at: Point, width: number, length: number}[]} sheds on the piers */
export const sheds = () =>
  PIERS.slice(0, 3).flatMap(([low, high, reach]) => [0.3, 0.68].map((share) => ({ at: /** @type {Point} */ ([QUAY.u - reach * share, (low + high) / 2]), width: reach * 0.3, length: (high - low) * 0.45 })));

/** @param {Terrain} t @returns {Point[][]} land in the sea: islands and breakwaters */
export function islands(t) {
  const isles = t.islands.map((isle) => t.blob(isle.at, isle.radius, 48));
  const moles = [
    thick(smooth([[-4560, -560], [-4760, -900], [-4830, -1400], [-4790, -1750]], 8), 13),
    thick(smooth([[-4300, -2900], [-4600, -2720], [-4810, -2420], [-4850, -2080]], 8), 13),
  ];
  return [...isles, ...moles];
}

/** @param {Terrain} t @returns {Point[]} */
export function river(t) {
  /** @type {Point[]} */
  const south = [];
  /** @type {Point[]} */
  const north = [];
  for (let u = MOUTH.u; u <= PLAN.east; u += 55) {
    const half = t.riverHalf(u);
    south.push([u, -half + 14 * t.bankNoise(u / 160, 11)]);
    north.push([u, half + 14 * t.bankNoise(u / 160, 17)]);
  }
  return [...south, ...north.reverse()];
}

/** A long island of reeds in the river. @param {Terrain} t @returns {Point[]} */
export const riverIsland = (t) => t.blob([2850, 8], [330, 44], 40);

/** @param {Terrain} t @returns {Point[]} the tributary from the hills to the river */
export function stream(t) {
  const strip = STRIPS[2];
  /** @type {Point[]} */
  const path = [];
  for (let d = 0; d <= strip.length + 2200; d += 70) {
    const p = pointAt(strip.line, d);
    const n = left(strip.line.dir);
    const sway = d < strip.length ? 5 : 40;
    const s = sway * t.bankNoise(d / 260, 31);
    path.push([p[0] + n[0] * s, p[1] + n[1] * s]);
  }
  return thick(path, 8);
}

/** @param {Terrain} t @returns {Point[]} sand north of the river mouth */
export function beach(t) {
  /** @type {Point[]} */
  const shore = [];
  /** @type {Point[]} */
  const inner = [];
  for (let v = 800; v <= 2680; v += 60) {
    const width = 62 * Math.sin(((v - 800) / 1880) * Math.PI) + 4;
    shore.push([t.coast(v) - 4, v]);
    inner.push([t.coast(v) + width, v]);
  }
  return [...shore.reverse(), ...inner];
}

/** @param {Terrain} t @param {-1 | 1} bank @returns {Point[]} the walk along the river */
export function riverWalk(t, bank) {
  /** @type {Point[]} */
  const path = [];
  for (let u = -3300; u <= 4700; u += 60) path.push([u, bank * Math.min(t.riverHalf(u) + 30, 262)]);
  return path;
}

/** Footpaths up a hill. @param {Terrain} t @param {import('./terrain.mjs').Hill} hill @returns {Point[][]} */
export function hillPaths(t, hill) {
  const outline = t.blob(hill.at, hill.radius, 24);
  return [2, 9, 15, 20].map((i) => {
    const start = outline[i];
    /** @type {Point[]} */
    const path = [];
    for (let k = 0; k <= 16; k++) {
      const s = k / 16;
      const swing = Math.sin(s * 9 + i) * 0.16 * s * (1 - s);
      const dx = hill.at[0] - start[0];
      const dy = hill.at[1] - start[1];
      path.push([start[0] + dx * s - dy * swing, start[1] + dy * s + dx * swing]);
    }
    return path;
  });
}

/** Tracks: main line, port branch, station sidings. @returns {Point[][]} */
export function tracks() {
  /** @type {Point[][]} */
  const out = [];
  for (const s of STRIPS.filter((x) => x.kind === 'rail')) {
    const offsets = s.id === 'rail-main' ? [-4, 4] : [0];
    for (const offset of offsets) out.push(parallel(s, 0, s.length, offset));
  }
  const main = STRIPS[0];
  for (const offset of [-14, -9, 9, 14]) out.push(parallel(main, 1840, 2560, offset));
  return out;
}

/** @param {import('./streets.mjs').Strip} s @param {number} from @param {number} to @param {number} offset @returns {Point[]} */
function parallel(s, from, to, offset) {
  const n = left(s.line.dir);
  /** @type {Point[]} */
  const path = [];
  for (let d = from; d < to; d += 60) {
    const p = pointAt(s.line, d);
    path.push([p[0] + n[0] * offset, p[1] + n[1] * offset]);
  }
  const end = pointAt(s.line, to);
  path.push([end[0] + n[0] * offset, end[1] + n[1] * offset]);
  return path;
}

/** A band around a path. @param {Point[]} path @param {number} half metres @returns {Point[]} counter-clockwise */
export function thick(path, half) {
  /** @type {Point[]} */
  const rightSide = [];
  /** @type {Point[]} */
  const leftSide = [];
  path.forEach((p, i) => {
    const n = left(direction(path[Math.max(0, i - 1)], path[Math.min(path.length - 1, i + 1)]));
    rightSide.push([p[0] - n[0] * half, p[1] - n[1] * half]);
    leftSide.push([p[0] + n[0] * half, p[1] + n[1] * half]);
  });
  return [...rightSide, ...leftSide.reverse()];
}

/** How far the city's water reaches from the shore, metres. */
const HARBOUR_WATER = 900;

/** @param {Terrain} t @returns {Point[]} the city boundary, counter-clockwise */
export function cityBoundary(t) {
  /** @type {Point[]} */
  const ring = [];
  for (let i = 0; i < 240; i++) {
    const angle = (i / 240) * 2 * Math.PI;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const wobble = 1 + 0.07 * t.edgeNoise(c * 3 + 20, s * 3) + 0.03 * t.edgeNoise(c * 9, s * 9 + 20);
    const reach = wobble / (Math.abs(c / 5450) ** 3 + Math.abs(s / 4950) ** 3) ** (1 / 3);
    const p = /** @type {Point} */ ([150 + c * reach, 120 + s * reach]);
    ring.push([Math.max(p[0], t.coast(p[1]) - HARBOUR_WATER), p[1]]);
  }
  return ring;
}

/** @param {Point[]} boundary @param {import('./streets.mjs').Streets} streets @returns {Map<string, Point[]>} the dong, cut out of the city along avenues and river */
export function districtBoundaries(boundary, streets) {
  const line = (/** @type {string} */ name) => streets.avenue(name).line;
  const river = { at: /** @type {Point} */ ([0, 0]), dir: /** @type {Point} */ ([1, 0]) };
  const northOf = (/** @type {import('./geometry.mjs').Line} */ l) => l;
  const southOf = reverse;
  const westOf = (/** @type {import('./geometry.mjs').Line} */ l) => l;
  const eastOf = reverse;
  /** @type {Record<string, import('./geometry.mjs').Line[]>} */
  const cuts = {
    D1: [northOf(river), eastOf(line('평화대로')), westOf(line('새벽대로')), southOf(line('해오름로'))],
    D2: [northOf(river), eastOf(line('새벽대로')), northOf(line('해오름로'))],
    D3: [northOf(river), westOf(line('평화대로'))],
    D4: [northOf(river), eastOf(line('새벽대로')), southOf(line('해오름로'))],
    D5: [northOf(river), eastOf(line('평화대로')), westOf(line('새벽대로')), northOf(line('해오름로'))],
    D6: [southOf(river), westOf(line('평화대로'))],
    D7: [southOf(river), eastOf(line('우체국대로'))],
    D8: [southOf(river), eastOf(line('평화대로')), westOf(line('우체국대로'))],
  };
  const out = new Map();
  for (const { id } of DISTRICTS) {
    /** @type {import('./geometry.mjs').Tagged<null> | null} */
    let polygon = { points: boundary, tags: boundary.map(() => null) };
    for (const cut of cuts[id]) polygon = polygon && keepLeft(polygon, cut, null);
    if (!polygon) throw new Error(`district ${id} is empty`);
    out.set(id, polygon.points);
  }
  return out;
}
