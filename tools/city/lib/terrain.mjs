// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Sea, river, stream, hills and where the town ends; all in plan coordinates. */

import { noise2 } from './random.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {{id: string, at: Point, radius: [number, number], name: {ko: string, en: string}, height: number}} Hill */

/** Half the plan that is drawn, metres. */
export const PLAN = { west: -13200, east: 13200, south: -12600, north: 12600 };

const HILLS = /** @type {Hill[]} */ ([
  { id: 'H1', at: [-760, 2860], radius: [520, 430], name: { ko: '해오름산', en: 'Haeoreumsan' }, height: 132 },
  { id: 'H2', at: [4350, 3500], radius: [1350, 1150], name: { ko: '큰솔산', en: 'Keunsolsan' }, height: 418 },
  { id: 'H3', at: [900, -3650], radius: [1250, 720], name: { ko: '남산', en: 'Namsan' }, height: 241 },
  { id: 'H4', at: [-3050, 3750], radius: [760, 620], name: { ko: '봉수산', en: 'Bongsusan' }, height: 187 },
  { id: 'H5', at: [7800, -1900], radius: [1900, 1500], name: { ko: '가람봉', en: 'Garambong' }, height: 356 },
  { id: 'H6', at: [7300, 7400], radius: [3200, 2100], name: { ko: '새벽산', en: 'Saebyeoksan' }, height: 587 },
  { id: 'H7', at: [-900, 8200], radius: [2400, 1500], name: { ko: '북고개', en: 'Bukgogae' }, height: 302 },
  { id: 'H8', at: [2600, -7800], radius: [3000, 1600], name: { ko: '남고개', en: 'Namgogae' }, height: 334 },
  { id: 'H9', at: [-2100, -4300], radius: [520, 380], name: { ko: '등대산', en: 'Deungdaesan' }, height: 96 },
]);

const ISLANDS = /** @type {{at: Point, radius: [number, number], name: {ko: string, en: string}}[]} */ ([
  { at: [-5450, 1650], radius: [330, 210], name: { ko: '솔섬', en: 'Solseom' } },
  { at: [-6900, -1250], radius: [620, 340], name: { ko: '큰하늘섬', en: 'Keunhaneulseom' } },
  { at: [-5900, 3300], radius: [170, 130], name: { ko: '작은섬', en: 'Jageunseom' } },
]);

/** The quay of the harbour, where the coast is built and straight. */
export const QUAY = { u: -3960, south: -2500, north: -900 };

/** Where the river ends and the sea begins: one straight line, so that the two never overlap. */
export const MOUTH = { u: -3990, half: 510 };

export class Terrain {
  /** @param {number} seed */
  constructor(seed) {
    this.coastNoise = noise2(seed, 'coast');
    this.bankNoise = noise2(seed, 'bank');
    this.edgeNoise = noise2(seed, 'edge');
    this.hillNoise = noise2(seed, 'hill');
    this.hills = HILLS;
    this.islands = ISLANDS;
  }

  /** @param {number} v @returns {number} u of the shore; west of it is sea */
  coast(v) {
    const rough = 170 * this.coastNoise(v / 820, 0) + 60 * this.coastNoise(v / 240, 5);
    const far = Math.min(6, Math.max(0, Math.abs(v) - 4200) / 1000);
    const wild = -3980 + rough + far * 520 * this.coastNoise(v / 2600, 9) - far * 160;
    const built = Math.min(smoothstep(QUAY.south - 260, QUAY.south, v), 1 - smoothstep(QUAY.north, QUAY.north + 220, v));
    const mouth = 1 - smoothstep(MOUTH.half, MOUTH.half + 280, Math.abs(v));
    return mouth > 0 ? wild * (1 - mouth) + MOUTH.u * mouth : wild * (1 - built) + QUAY.u * built;
  }

  /** @param {number} u @returns {number} half the width of the river */
  riverHalf(u) {
    const mouth = 190 * Math.exp((-3750 - u) / 420);
    const upstream = u > 5000 ? Math.max(0.45, 1 - (u - 5000) / 14000) : 1;
    return (112 + 34 * this.bankNoise(u / 900, 2) + bump(u, 2850, 520) * 62) * upstream + Math.min(mouth, 420);
  }

  /** @param {Point} p @returns {boolean} sea or river, with a little margin for the bank */
  wet([u, v]) {
    return u < this.coast(v) + 18 || Math.abs(v) < this.riverHalf(u) + 14;
  }

  /** @param {Point} p @returns {Hill | undefined} the hill this point lies on */
  hillAt(p) {
    return this.hills.find((hill) => this.onBlob(p, hill.at, hill.radius));
  }

  /** @param {Point} p @param {Point} at @param {[number, number]} radius */
  onBlob(p, at, radius) {
    const dx = (p[0] - at[0]) / radius[0];
    const dy = (p[1] - at[1]) / radius[1];
    return Math.sqrt(dx * dx + dy * dy) < this.#edge(Math.atan2(dy, dx), at);
  }

  /** @param {Point} at @param {[number, number]} radius @param {number} corners @returns {Point[]} outline, counter-clockwise */
  blob(at, radius, corners) {
    /** @type {Point[]} */
    const ring = [];
    for (let i = 0; i < corners; i++) {
      const angle = (i / corners) * 2 * Math.PI;
      const edge = this.#edge(angle > Math.PI ? angle - 2 * Math.PI : angle, at);
      ring.push([at[0] + Math.cos(angle) * radius[0] * edge, at[1] + Math.sin(angle) * radius[1] * edge]);
    }
    return ring;
  }

  /** @param {Point} p @returns {boolean} inside the built-up town */
  urban([u, v]) {
    if (u < -3300 && v > -2620 && v < 2650) return true; // the town reaches the shore
    const dx = (u - 150) / 4350;
    const dy = (v - 120) / 3750;
    const angle = Math.atan2(dy, dx);
    const wobble = 0.1 * this.edgeNoise(Math.cos(angle) * 2.2 + 7, Math.sin(angle) * 2.2) + 0.05 * this.edgeNoise(u / 600, v / 600);
    return (dx ** 4 + dy ** 4) ** 0.25 < 0.94 + wobble;
  }

  /** @param {number} angle @param {Point} at */
  #edge(angle, at) {
    const x = Math.cos(angle) * 1.7 + at[0] / 500;
    const y = Math.sin(angle) * 1.7 + at[1] / 500;
    return 0.95 + 0.2 * this.hillNoise(x, y) + 0.07 * this.hillNoise(x * 3.1, y * 3.1);
  }
}

/** @param {number} low @param {number} high @param {number} x */
function smoothstep(low, high, x) {
  const t = Math.max(0, Math.min(1, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** @param {number} x @param {number} at @param {number} width */
const bump = (x, at, width) => Math.exp(-(((x - at) / width) ** 2));
