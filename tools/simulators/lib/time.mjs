// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Korean local time without the machine's time zone. Instants are milliseconds since 1970 UTC. */

const KST = 9 * 3600 * 1000;
const DAY = 24 * 3600 * 1000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @param {number} at @returns {string} 2026-11-22T01:00:00.000Z */
export const utc = (at) => new Date(at).toISOString();

/** @param {number} at @returns {string} 2026-11-22T10:00:00.000+09:00 */
export const kst = (at) => `${new Date(at + KST).toISOString().slice(0, 23)}+09:00`;

/** @param {number} at @returns {string} 20261122100000, Korean local */
export const digits14 = (at) => new Date(at + KST).toISOString().replace(/[-:T]/g, '').slice(0, 14);

/** @param {number} at @returns {string} 2026-11-22, Korean local */
export const dateOf = (at) => new Date(at + KST).toISOString().slice(0, 10);

/** @param {number} at @returns {string} 10:00, Korean local */
export const hourMinute = (at) => new Date(at + KST).toISOString().slice(11, 16);

/** @param {number} at @returns {string} 10:00:00, Korean local */
export const clockTime = (at) => new Date(at + KST).toISOString().slice(11, 19);

/** @param {number} at @returns {string} "Nov 22 10:00:00", Korean local, as RFC 3164 wants it */
export function rfc3164Time(at) {
  const d = new Date(at + KST);
  return `${MONTHS[d.getUTCMonth()]} ${String(d.getUTCDate()).padStart(2, ' ')} ${d.toISOString().slice(11, 19)}`;
}

/** @param {number} at @returns {number} the last Korean midnight */
export const midnight = (at) => Math.floor((at + KST) / DAY) * DAY - KST;

/** @param {string} text "HH:MM" or "HH:MM:SS" @returns {number} seconds after midnight */
export function secondsOf(text) {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!match || +match[1] > 24 || +match[2] > 59 || +(match[3] ?? 0) > 59) throw new Error(`"${text}" is no time of day (HH:MM:SS)`);
  return +match[1] * 3600 + +match[2] * 60 + +(match[3] ?? 0);
}

/** @param {number} seconds @returns {string} HH:MM:SS */
export const timeOfDay = (seconds) => new Date(Math.max(0, seconds) * 1000).toISOString().slice(11, 19);
