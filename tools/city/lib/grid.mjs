// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Finds near points fast: a hash of square cells. Ground or plan metres. */

import { distance } from './geometry.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */

/** @template T */
export class Grid {
  /** @param {number} size of a cell, metres */
  constructor(size) {
    this.size = size;
    /** @type {Map<number, {at: Point, value: T}[]>} */
    this.cells = new Map();
  }

  /** @param {Point} at @param {T} value */
  add(at, value) {
    const key = this.#key(at[0], at[1]);
    const cell = this.cells.get(key);
    if (cell) cell.push({ at, value });
    else this.cells.set(key, [{ at, value }]);
  }

  /** @param {Point} at @param {number} radius metres @returns {{value: T, metres: number}[]} nearest first; equal distances in the order of adding */
  within(at, radius) {
    /** @type {{value: T, metres: number}[]} */
    const found = [];
    const reach = Math.ceil(radius / this.size);
    for (let i = -reach; i <= reach; i++) {
      for (let j = -reach; j <= reach; j++) {
        for (const entry of this.cells.get(this.#key(at[0] + i * this.size, at[1] + j * this.size)) ?? []) {
          const metres = distance(at, entry.at);
          if (metres <= radius) found.push({ value: entry.value, metres });
        }
      }
    }
    return found.sort((a, b) => a.metres - b.metres);
  }

  /** @param {Point} at @param {number} [limit] metres @returns {T | null} */
  nearest(at, limit = 3000) {
    for (let radius = this.size; radius <= limit * 2; radius *= 2) {
      const found = this.within(at, Math.min(radius, limit));
      if (found.length > 0) return found[0].value;
    }
    return null;
  }

  /** @param {number} x @param {number} y */
  #key(x, y) {
    return (Math.floor(x / this.size) + 32768) * 65536 + Math.floor(y / this.size) + 32768;
  }
}
