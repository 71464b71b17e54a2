// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Seeded randomness. Nothing in the generator may use Math.random or the clock: same seed, same bytes. */

/** @param {string} text @returns {number} 32-bit FNV-1a hash */
export function hash32(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  return h >>> 0;
}

/** A stream of numbers that depends on nothing but its seed and name (sfc32). */
export class Random {
  /** @param {number} seed @param {string} name streams of different names are independent */
  constructor(seed, name) {
    this.a = 0x9e3779b9;
    this.b = hash32(name);
    this.c = seed >>> 0;
    this.d = 1;
    for (let i = 0; i < 16; i++) this.next();
  }

  /** @returns {number} in [0, 1) */
  next() {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return (t >>> 0) / 4294967296;
  }

  /** @param {number} low @param {number} high @returns {number} in [low, high) */
  between(low, high) {
    return low + (high - low) * this.next();
  }

  /** @param {number} low @param {number} high @returns {number} whole number in [low, high] */
  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** @param {number} p @returns {boolean} true with probability p */
  chance(p) {
    return this.next() < p;
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  /** @template T @param {T[]} list shuffled in place @returns {T[]} */
  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = Math.floor(this.next() * (i + 1));
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}

/** Smooth value noise over the plane, in [-1, 1].
 *  @param {number} seed @param {string} name @returns {(x: number, y: number) => number} */
export function noise2(seed, name) {
  const salt = hash32(`${name}/${seed}`);
  const corner = (/** @type {number} */ i, /** @type {number} */ j) => {
    let h = Math.imul(i | 0, 0x27d4eb2d) ^ Math.imul(j | 0, 0x165667b1) ^ salt;
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2147483648 - 1;
  };
  const ease = (/** @type {number} */ t) => t * t * (3 - 2 * t);
  return (x, y) => {
    const i = Math.floor(x);
    const j = Math.floor(y);
    const s = ease(x - i);
    const t = ease(y - j);
    const low = corner(i, j) * (1 - s) + corner(i + 1, j) * s;
    const high = corner(i, j + 1) * (1 - s) + corner(i + 1, j + 1) * s;
    return low * (1 - t) + high * t;
  };
}
