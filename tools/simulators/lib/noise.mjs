// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Numbers that look like measurements and depend only on a name and a time. */

/** @param {string} text @returns {number} 32-bit hash */
export function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** @param {string} name @param {number} seconds @returns {number} in [0, 1), another one each second */
export const chance = (name, seconds) => hash(`${name}@${Math.floor(seconds)}`) / 4294967296;

/** A slow wander in [-1, 1]. @param {string} name @param {number} seconds @param {number} period s between two independent values @returns {number} */
export function drift(name, seconds, period) {
  const cell = Math.floor(seconds / period);
  const t = seconds / period - cell;
  const ease = t * t * (3 - 2 * t);
  const value = (/** @type {number} */ i) => hash(`${name}#${i}`) / 2147483648 - 1;
  return value(cell) * (1 - ease) + value(cell + 1) * ease;
}

/** @param {number} value @param {number} decimals @returns {number} */
export const round = (value, decimals) => Number(value.toFixed(decimals));
