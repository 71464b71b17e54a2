// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** What stands in a block: rows of lots with a house each, slab blocks of flats, halls, schools, stalls. */

import { along, centre, contains, direction, distance, extent, inset, left, longestEdge, side } from './geometry.mjs';
import { roadAddress } from './names.mjs';
import { Random } from './random.mjs';
import { HALF_WIDTH } from './streets.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./streets.mjs').Block} Block */
/** @typedef {import('./streets.mjs').Road} Road */
/** @typedef {{ring: Point[], at: Point, height: number, class: string, block: Block}} Building ground ring, plan centre */
/** @typedef {{point: Point, plan: Point, road: Road, number: string, block: Block}} Address ground point */

/** Lots by zone: front and depth of a lot, share of the lot that is built, heights, share of empty lots. */
const LOTS = {
  oldtown: { front: [11, 19], depth: 21, built: [0.72, 0.9], height: [4, 12], empty: 0.05, class: 'house' },
  commercial: { front: [18, 34], depth: 28, built: [0.68, 0.88], height: [10, 34], empty: 0.08, class: 'commercial' },
  houses: { front: [15, 24], depth: 24, built: [0.5, 0.72], height: [5, 13], empty: 0.1, class: 'house' },
  industrial: { front: [48, 110], depth: 78, built: [0.55, 0.8], height: [7, 15], empty: 0.15, class: 'industrial' },
  port: { front: [46, 100], depth: 62, built: [0.5, 0.75], height: [7, 13], empty: 0.3, class: 'warehouse' },
  market: { front: [7, 11], depth: 13, built: [0.86, 0.94], height: [4, 8], empty: 0.02, class: 'commercial' },
  hospital: { front: [60, 90], depth: 62, built: [0.55, 0.75], height: [28, 52], empty: 0.1, class: 'public' },
  civic: { front: [42, 64], depth: 48, built: [0.6, 0.75], height: [16, 42], empty: 0.1, class: 'public' },
};

export class Buildings {
  /** @param {number} seed @param {import('./frame.mjs').Frame} frame @param {(plan: Point) => boolean} blocked where nothing may stand */
  constructor(seed, frame, blocked) {
    this.random = new Random(seed, 'buildings');
    this.frame = frame;
    this.blocked = blocked;
    /** @type {Building[]} */
    this.list = [];
    /** @type {Address[]} */
    this.addresses = [];
    this.numbers = new Map();
  }

  /** @param {Block} block */
  fill(block) {
    const yard = inset(block.polygon, (edge) => (block.polygon.tags[edge] ? HALF_WIDTH[/** @type {Road} */ (block.polygon.tags[edge]).class] + 1.5 : 5));
    if (!yard) return;
    const use = block.use;
    if (use === 'park' || use === 'plaza' || use === 'parking') return;
    if (use === 'school' || use === 'university') return this.#school(block, yard.points, use);
    if (use === 'flats') return this.#flats(block, yard.points);
    const kind = use === 'market' ? 'market' : use === 'hospital' ? 'hospital' : use === 'civic' ? 'civic' : block.zone;
    this.#rows(block, yard.points, kind in LOTS ? /** @type {keyof typeof LOTS} */ (kind) : 'houses');
  }

  /** @param {Block} block @param {Point[]} yard @param {keyof typeof LOTS} kind */
  #rows(block, yard, kind) {
    const lot = LOTS[kind];
    const edge = longestEdge(yard);
    const dir = direction(yard[edge.index], yard[(edge.index + 1) % yard.length]);
    const across = left(dir);
    const [low, high] = extent(yard, across);
    const rows = Math.max(1, Math.round((high - low) / lot.depth));
    const depth = (high - low) / rows;
    for (let row = 0; row < rows; row++) {
      const middle = low + (row + 0.5) * depth;
      const [from, to] = this.#crossSection(yard, dir, across, middle);
      let at = from;
      while (to - at > lot.front[0] * 0.8) {
        let front = this.random.between(lot.front[0], lot.front[1]);
        if (to - at - front < lot.front[0] * 0.8) front = to - at;
        this.#lot(block, yard, dir, across, at, Math.min(front, lot.front[1] * 1.25), middle, depth, row < rows / 2 ? -1 : 1, kind);
        at += front;
      }
    }
  }

  /** @param {Point[]} yard @param {Point} dir @param {Point} across @param {number} middle @returns {[number, number]} */
  #crossSection(yard, dir, across, middle) {
    let from = Infinity;
    let to = -Infinity;
    for (let i = 0; i < yard.length; i++) {
      const a = yard[i];
      const b = yard[(i + 1) % yard.length];
      const sa = a[0] * across[0] + a[1] * across[1] - middle;
      const sb = b[0] * across[0] + b[1] * across[1] - middle;
      if (sa > 0 === sb > 0) continue;
      const t = sa / (sa - sb);
      const d = (a[0] + (b[0] - a[0]) * t) * dir[0] + (a[1] + (b[1] - a[1]) * t) * dir[1];
      if (d < from) from = d;
      if (d > to) to = d;
    }
    return [from, to];
  }

  /** @param {Block} block @param {Point[]} yard @param {Point} dir @param {Point} across @param {number} at @param {number} front
   *  @param {number} middle @param {number} depth @param {number} street which side of the row the street is @param {keyof typeof LOTS} kind */
  #lot(block, yard, dir, across, at, front, middle, depth, street, kind) {
    const lot = LOTS[kind];
    const built = this.random.between(lot.built[0], lot.built[1]);
    const empty = this.random.chance(lot.empty);
    const tall = this.random.next();
    const wing = this.random.next();
    if (empty) return;
    const width = front * Math.min(0.93, built + 0.12);
    const length = depth * built;
    const a = at + front / 2;
    const b = middle + street * Math.max(0, (depth - length) / 2 - 1.2);
    const middlePoint = /** @type {Point} */ ([dir[0] * a + across[0] * b, dir[1] * a + across[1] * b]);
    const height = this.#height(block, kind, tall);
    const shape = wing > 0.86 && kind !== 'market' ? 'ell' : 'box';
    this.#stand(block, yard, middlePoint, dir, width, length, height, lot.class, shape, street);
  }

  /** @param {Block} block @param {keyof typeof LOTS} kind @param {number} x */
  #height(block, kind, x) {
    const [low, high] = LOTS[kind].height;
    let height = low + (high - low) * x * x;
    if (kind === 'commercial') height += 46 * Math.max(0, 1 - distance(block.at, [-150, 1150]) / 900) * x;
    return Math.round(height * 10) / 10;
  }

  /** @param {Block} block @param {Point[]} yard */
  #flats(block, yard) {
    const [west, east] = extent(yard, [1, 0]);
    const [south, north] = extent(yard, [0, 1]);
    const tall = this.random.between(38, 84);
    const gap = 30 + tall * 0.42;
    let placed = 0;
    for (let v = south + 20; v < north - 8; v += gap) {
      let u = west + this.random.between(8, 26);
      while (u < east - 34) {
        const width = this.random.between(42, 68);
        const at = /** @type {Point} */ ([u + width / 2, v + this.random.between(-3, 3)]);
        const height = Math.round((tall + this.random.between(-6, 6)) / 2.8) * 2.8;
        const turn = this.random.between(-0.05, 0.05);
        if (this.#stand(block, yard, at, [Math.cos(turn), Math.sin(turn)], width, 12.5, Math.round(height * 10) / 10, 'flats', 'box', -1)) placed++;
        u += width + this.random.between(14, 24);
      }
    }
    if (placed === 0) this.#rows(block, yard, 'houses');
  }

  /** @param {Block} block @param {Point[]} yard @param {string} use */
  #school(block, yard, use) {
    const [south, north] = extent(yard, [0, 1]);
    const [west, east] = extent(yard, [1, 0]);
    const middle = centre(yard);
    const width = (east - west) * 0.6;
    const offsets = use === 'university' ? [0.34, 0.1, -0.14, -0.34] : [0.3];
    for (const share of offsets) {
      const at = /** @type {Point} */ ([middle[0] + this.random.between(-0.06, 0.06) * width, middle[1] + (north - south) * share]);
      this.#stand(block, yard, at, [1, 0], Math.min(width, use === 'university' ? 74 : 92), 17, use === 'university' ? 24.5 : 15.4, 'public', 'ell', 1);
    }
  }

  /** @param {Block} block @param {Point[]} yard @param {Point} at @param {Point} dir @param {number} width @param {number} length @param {number} height
   *  @param {string} cls @param {'box' | 'ell'} shape @param {number} street @returns {boolean} */
  #stand(block, yard, at, dir, width, length, height, cls, shape, street) {
    if (this.blocked(at)) return false;
    const across = left(dir);
    const put = (/** @type {number} */ x, /** @type {number} */ y) =>
      /** @type {Point} */ ([at[0] + dir[0] * x + across[0] * y, at[1] + dir[1] * x + across[1] * y]);
    let scale = 1;
    for (; scale > 0.55; scale -= 0.15) {
      const w = (width * scale) / 2;
      const l = (length * scale) / 2;
      if ([put(-w, -l), put(w, -l), put(w, l), put(-w, l)].every((p) => contains(yard, p))) break;
    }
    if (scale <= 0.55) return false;
    this.list.push({ ring: this.#footprint(at, dir, width * scale, length * scale, shape, street), at, height, class: cls, block });
    this.#address(block, at);
    return true;
  }

  /** A true rectangle (or an L) on the ground, turned as its street is there.
   *  @param {Point} at @param {Point} dir @param {number} width @param {number} length @param {'box' | 'ell'} shape @param {number} street @returns {Point[]} */
  #footprint(at, dir, width, length, shape, street) {
    const origin = this.frame.ground(at);
    const x = direction(origin, this.frame.ground([at[0] + dir[0], at[1] + dir[1]]));
    const acrossGround = this.frame.ground([at[0] - dir[1], at[1] + dir[0]]);
    const y = left(x);
    // The waves shear lots by a few degrees; keep the rectangle inside the sheared lot.
    const lean = Math.abs(x[0] * (acrossGround[0] - origin[0]) + x[1] * (acrossGround[1] - origin[1]));
    const w = Math.max(width * 0.5, width - lean * length * 0.9) / 2;
    const l = length / 2;
    const put = (/** @type {number} */ a, /** @type {number} */ b) => /** @type {Point} */ ([origin[0] + x[0] * a + y[0] * b, origin[1] + x[1] * a + y[1] * b]);
    if (shape === 'box') return [put(-w, -l), put(w, -l), put(w, l), put(-w, l)];
    return street < 0 ? [put(-w, -l), put(w, -l), put(w, 0.1 * l), put(0, 0.1 * l), put(0, l), put(-w, l)] : [put(-w, -l), put(0, -l), put(0, -0.1 * l), put(w, -0.1 * l), put(w, l), put(-w, l)];
  }

  /** @param {Block} block @param {Point} at */
  #address(block, at) {
    const front = frontage(block, at);
    if (!front) return;
    const { road } = front;
    const metres = Math.max(0, along(road.line, at) - road.start);
    const onLeft = side(road.line, at) > 0;
    const base = `${Math.floor(metres / 20) * 2 + (onLeft ? 1 : 2)}`;
    const key = `${road.id}/${base}`;
    const used = this.numbers.get(key) ?? 0;
    this.numbers.set(key, used + 1);
    this.addresses.push({ point: this.frame.ground(at), plan: at, road, number: used === 0 ? base : `${base}-${used}`, block });
  }
}

/** The street a point of a block is reached from. @param {Block} block @param {Point} at @returns {{road: Road, metres: number} | null} */
export function frontage(block, at) {
  /** @type {{road: Road, metres: number} | null} */
  let best = null;
  for (const road of block.polygon.tags) {
    if (!road || road.pieces.length === 0) continue;
    const metres = Math.abs(side(road.line, at));
    if (!best || metres < best.metres) best = { road, metres };
  }
  return best;
}

/** @param {Address} address @param {Map<string, import('./names.mjs').Name>} districts */
export const written = (address, districts) =>
  roadAddress(address.road.name, address.number, /** @type {import('./names.mjs').Name} */ (districts.get(address.block.district)));
