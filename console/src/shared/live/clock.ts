// SPDX-License-Identifier: Apache-2.0
// The platform's clock as seen from this console. A virtual clock runs `scale` times as fast as the wall.
//
// Each server stamp is compared with the local monotonic clock. The stamp with the least delay of the last minute is the
// anchor; how much later than that a stamp arrived is the lag.

interface Sample {
  local: number;
  server: number;
}

const windowMs = 60_000;

export class PlatformClock {
  #scale = 1;
  #samples: Sample[] = [];
  #anchor: Sample | null = null;
  #lag = 0;
  #heardAt: number | null = null;

  /** Starts anew, at each connection. */
  start(scale: number): void {
    this.#scale = scale > 0 ? scale : 1;
    this.#samples = [];
    this.#anchor = null;
    this.#lag = 0;
  }

  /** @param local monotonic ms of this browser; @param server ms since the epoch by the platform */
  stamp(local: number, server: number): void {
    const sample = { local, server };
    this.#heardAt = local;
    this.#samples.push(sample);
    this.#samples = this.#samples.filter((one) => local - one.local <= windowMs);
    let best = sample;
    for (const one of this.#samples) if (this.#delay(one, sample) < this.#delay(best, sample)) best = one;
    this.#anchor = best;
    this.#lag = Math.max(0, this.#delay(sample, best));
  }

  /** How much later than `other` this sample arrived, in wall ms. */
  #delay(one: Sample, other: Sample): number {
    return one.local - other.local - (one.server - other.server) / this.#scale;
  }

  /** Platform time now, ms since the epoch. Without any stamp it is the browser's own. */
  now(local: number, wall: number): number {
    if (this.#anchor === null) return wall;
    return this.#anchor.server + (local - this.#anchor.local) * this.#scale;
  }

  /** Wall ms the live picture is behind: measured delay, or silence beyond the one-second heartbeat. */
  lag(local: number): number {
    if (this.#heardAt === null) return 0;
    return Math.max(this.#lag, local - this.#heardAt - 1500, 0);
  }

  get scale(): number {
    return this.#scale;
  }
}
