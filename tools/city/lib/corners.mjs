// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Street corners and kerbs: the places where something can be put up. */

import { along, direction, distance, lerp } from './geometry.mjs';
import { Grid } from './grid.mjs';
import { HALF_WIDTH, RANK, pointAt } from './streets.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./streets.mjs').Road} Road */
/** @typedef {import('./streets.mjs').Block} Block */
/** A corner of a block: `kerb` (plan) is on the pavement, `arms` are the directions (plan) one can look along.
 *  @typedef {{at: Point, kerb: Point, roads: Road[], rank: number, arms: Point[], block: Block}} Corner */
/** A place on the pavement between two corners. @typedef {{kerb: Point, road: Road, dir: Point, block: Block}} Kerb */

/** @param {Block[]} blocks @returns {Corner[]} one per street junction, in the order of the blocks */
export function corners(blocks) {
  /** @type {Grid<Corner>} */
  const seen = new Grid(20);
  /** @type {Corner[]} */
  const out = [];
  for (const block of blocks) {
    if (block.kind !== 'urban') continue;
    const { points, tags } = block.polygon;
    points.forEach((at, i) => {
      const roads = [tags[(i + points.length - 1) % points.length], tags[i]].filter((r, k, all) => r !== null && r.pieces.length > 0 && all.indexOf(r) === k);
      if (roads.length < 2) return;
      const known = seen.within(at, 9)[0]?.value;
      if (known) {
        for (const road of roads) if (road && !known.roads.includes(road)) known.roads.push(road);
        return;
      }
      const real = /** @type {Road[]} */ (roads);
      const wide = Math.max(...real.map((r) => HALF_WIDTH[r.class]));
      const inward = direction(at, block.at);
      const corner = { at, kerb: /** @type {Point} */ ([at[0] + inward[0] * wide * 1.25, at[1] + inward[1] * wide * 1.25]), roads: real, rank: 0, arms: [], block };
      seen.add(at, corner);
      out.push(corner);
    });
  }
  for (const corner of out) finish(corner);
  return out;
}

/** @param {Corner} corner */
function finish(corner) {
  corner.roads.sort((a, b) => RANK[b.class] - RANK[a.class] || a.id - b.id);
  corner.rank = corner.roads.reduce((sum, r) => sum + RANK[r.class], 0);
  for (const road of corner.roads) {
    const t = along(road.line, corner.at);
    for (const way of [1, -1]) {
      if (!road.pieces.some((piece) => piece.from <= t + way * 35 && piece.to >= t + way * 35)) continue;
      corner.arms.push([road.line.dir[0] * way, road.line.dir[1] * way]);
    }
  }
}

/** @param {Block[]} blocks @returns {Kerb[]} the middle of each street side */
export function kerbs(blocks) {
  /** @type {Kerb[]} */
  const out = [];
  for (const block of blocks) {
    if (block.kind !== 'urban') continue;
    block.polygon.tags.forEach((road, i) => {
      if (!road || road.pieces.length === 0) return;
      const a = block.polygon.points[i];
      const b = block.polygon.points[(i + 1) % block.polygon.points.length];
      if (distance(a, b) < 30) return;
      const middle = lerp(a, b, 0.5);
      const onRoad = pointAt(road.line, along(road.line, middle));
      const inward = direction(onRoad, block.at);
      const off = HALF_WIDTH[road.class] + 1;
      out.push({ kerb: [onRoad[0] + inward[0] * off, onRoad[1] + inward[1] * off], road, dir: road.line.dir, block });
    });
  }
  return out;
}

/** Position of a point on a space-filling curve: sorting by it puts neighbours next to each other.
 *  @param {Point} p plan metres within +-16 km @returns {number} */
export function hilbert(p) {
  const n = 1024;
  let x = Math.floor(((p[0] + 16000) / 32000) * n);
  let y = Math.floor(((p[1] + 16000) / 32000) * n);
  let d = 0;
  for (let s = n / 2; s > 0; s = Math.floor(s / 2)) {
    const rx = (x & s) > 0 ? 1 : 0;
    const ry = (y & s) > 0 ? 1 : 0;
    d += s * s * ((3 * rx) ^ ry);
    if (ry === 0) {
      if (rx === 1) {
        x = n - 1 - x;
        y = n - 1 - y;
      }
      [x, y] = [y, x];
    }
  }
  return d;
}
