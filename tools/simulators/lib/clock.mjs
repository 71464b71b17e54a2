// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The server's clock, which may run faster than the wall. It never goes back here. */

/** What GET /health says about time. @typedef {{now: number, scale: number}} Reading */

export class ServerClock {
  /** @param {() => Promise<Reading>} read @param {() => number} [real] monotonic milliseconds */
  constructor(read, real = () => performance.now()) {
    this.read = read;
    this.real = real;
    this.scale = 1;
    this.anchor = { virtual: 0, real: 0 };
    this.last = 0;
  }

  /** Asks the server; throws when it does not answer. @returns {Promise<void>} */
  async sync() {
    const before = this.real();
    const { now, scale } = await this.read();
    const after = this.real();
    this.scale = scale;
    this.anchor = { virtual: now + ((after - before) / 2) * scale, real: after };
  }

  /** @returns {number} ms UTC */
  now() {
    const value = this.anchor.virtual + (this.real() - this.anchor.real) * this.scale;
    if (value > this.last) this.last = value;
    return this.last;
  }

  /** @param {number} at ms UTC @returns {number} real milliseconds until then, 0 when past */
  until(at) {
    return Math.max(0, (at - this.now()) / this.scale);
  }
}

/** @param {string} server base URL @returns {() => Promise<Reading>} */
export function healthReader(server) {
  return async () => {
    const response = await fetch(new URL('/health', server), { signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(`${server}/health answers ${response.status}`);
    const { clock } = /** @type {any} */ (await response.json());
    const now = typeof clock?.now === 'number' ? clock.now : Date.parse(clock?.now);
    const scale = Number(clock?.scale);
    if (!Number.isFinite(now) || !(scale > 0)) throw new Error(`${server}/health has no clock: ${JSON.stringify(clock)}`);
    return { now, scale };
  };
}
