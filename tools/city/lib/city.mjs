// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The city as one value: terrain, streets, blocks, places, buildings, boundaries. */

import { Buildings } from './buildings.mjs';
import { contains, distance, distanceToPath } from './geometry.mjs';
import { Frame } from './frame.mjs';
import { DISTRICTS } from './names.mjs';
import { RESERVED, settle } from './places.mjs';
import { RING, cityBoundary, districtBoundaries } from './scenery.mjs';
import { Streets } from './streets.mjs';
import { Terrain } from './terrain.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */

export class City {
  /** @param {number} seed */
  constructor(seed) {
    this.seed = seed;
    this.frame = new Frame(seed);
    this.terrain = new Terrain(seed);
    this.streets = new Streets(seed, this.terrain, RESERVED);
    this.boundary = cityBoundary(this.terrain);
    this.districtRings = districtBoundaries(this.boundary, this.streets);
    this.#freeTheStation();
    this.places = settle(seed, this.streets.blocks);
    this.buildings = new Buildings(seed, this.frame, (p) => distanceToPath(p, RING.path) < 34);
    for (const block of this.streets.blocks) if (block.kind === 'urban') this.buildings.fill(block);
    this.districtCentres = this.#districtCentres();
  }

  /** The block in front of the central station is a square. */
  #freeTheStation() {
    const front = /** @type {Point} */ ([-300, 1375]);
    const plaza = this.streets.blocks.find((block) => block.kind === 'urban' && contains(block.polygon.points, front));
    if (plaza) plaza.use = 'plaza';
  }

  /** @returns {Map<string, Point>} where the dong's name is written: the middle of its built-up part */
  #districtCentres() {
    const out = new Map();
    for (const { id } of DISTRICTS) {
      const blocks = this.streets.blocks.filter((block) => block.kind === 'urban' && block.district === id);
      const mean = /** @type {Point} */ ([0, 1].map((c) => blocks.reduce((sum, b) => sum + b.at[c], 0) / blocks.length));
      const nearest = blocks.reduce((a, b) => (distance(b.at, mean) < distance(a.at, mean) ? b : a));
      out.set(id, nearest.at);
    }
    return out;
  }
}
