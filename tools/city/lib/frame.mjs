// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Three coordinate frames.
 *
 *   plan (u, v)    straight: the river runs along v = 0, avenues are straight lines; metres
 *   ground (x, y)  the plan bent by smooth waves and turned: rivers meander, avenues curve; metres east and north of the centre
 *   lon, lat       WGS84
 *
 * Streets and blocks are laid out in the plan, where splitting convex polygons is exact, and drawn on the ground.
 */

import { Random } from './random.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */

export const CENTRE = /** @type {Point} */ ([126.61, 35.81]);
const METRES_PER_DEGREE_LAT = 110950; // at 35.8 degrees north, WGS84
const METRES_PER_DEGREE_LON = 90380;
const TURN = (14 * Math.PI) / 180;

/** @param {number} value @returns {number} rounded to 1e-6 degree, about 0.1 m */
export const degrees = (value) => Math.round(value * 1e6) / 1e6;

export class Frame {
  /** @param {number} seed */
  constructor(seed) {
    const random = new Random(seed, 'frame');
    this.phase = [random.between(-0.5, 0.5), random.between(0.2, 1.2), random.between(-0.6, 0.6), random.between(-0.6, 0.6)];
  }

  /** @param {Point} plan @returns {Point} */
  ground([u, v]) {
    const [p0, p1, p2, p3] = this.phase;
    // Wave amplitudes and lengths keep the turn of a street below about 22 degrees and the map one-to-one.
    const x = u + 250 * Math.sin(v / 830 + p1) + 90 * Math.sin(v / 1900 + u / 2600 + p3);
    const y = v + 330 * Math.sin(u / 960 + p0) + 130 * Math.sin(u / 2300 - v / 2100 + p2);
    return [x * Math.cos(TURN) - y * Math.sin(TURN), x * Math.sin(TURN) + y * Math.cos(TURN)];
  }

  /** @param {Point} ground @returns {Point} lon, lat */
  lonLat([x, y]) {
    return [degrees(CENTRE[0] + x / METRES_PER_DEGREE_LON), degrees(CENTRE[1] + y / METRES_PER_DEGREE_LAT)];
  }

  /** @param {Point} lonLat @returns {Point} ground */
  fromLonLat([lon, lat]) {
    return [(lon - CENTRE[0]) * METRES_PER_DEGREE_LON, (lat - CENTRE[1]) * METRES_PER_DEGREE_LAT];
  }

  /** @param {Point} plan @returns {Point} lon, lat */
  place(plan) {
    return this.lonLat(this.ground(plan));
  }
}
