// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * What the story does to the physical world: water rises, a lamp circuit is dark, a switch is off.
 * Devices ask it and otherwise measure an ordinary day. Times are seconds after midnight of the story's day.
 */

import { secondsOf } from './time.mjs';

/** One entry of `world` in story.json: either a curve (straight between its points, absent outside) or states, each until the next.
 *  @typedef {{device: string, field: string, curve?: [string, number][], states?: [string, any][]}} Influence */

export class World {
  /** @param {Influence[]} influences */
  constructor(influences) {
    /** @type {Map<string, {times: number[], values: any[], curve: boolean}>} */
    this.table = new Map();
    this.devices = new Set(influences.map((i) => i.device));
    for (const i of influences) {
      const rows = /** @type {[string, any][]} */ (i.curve ?? i.states ?? []);
      this.table.set(`${i.device}.${i.field}`, { times: rows.map(([t]) => secondsOf(t)), values: rows.map(([, v]) => v), curve: i.curve !== undefined });
    }
  }

  /** @param {string} device @param {string} field @param {number} seconds @returns {any} undefined when the story says nothing */
  at(device, field, seconds) {
    const row = this.table.get(`${device}.${field}`);
    if (!row || seconds < row.times[0]) return undefined;
    let i = 0;
    while (i + 1 < row.times.length && row.times[i + 1] <= seconds) i++;
    if (!row.curve) return row.values[i] ?? undefined;
    if (i + 1 === row.times.length) return undefined;
    const share = (seconds - row.times[i]) / (row.times[i + 1] - row.times[i]);
    return row.values[i] + (row.values[i + 1] - row.values[i]) * share;
  }

  /** @param {string | undefined} device @returns {boolean} the story says something about it */
  touches(device) {
    return device !== undefined && this.devices.has(device);
  }

  /** @param {string} device @returns {number[]} the moments something changes at once on a device (states, not curves) */
  changes(device) {
    const out = [];
    for (const [key, row] of this.table) if (key.startsWith(`${device}.`) && !row.curve) out.push(...row.times);
    return [...new Set(out)].sort((a, b) => a - b);
  }
}
