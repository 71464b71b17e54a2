// SPDX-License-Identifier: Apache-2.0
// Decides what becomes of each numbered frame of /live, so that nothing is lost and nothing is applied twice.
//
//   prev === held            apply, hold seq
//   seq  <= held             seen before: drop
//   otherwise                something is missing: ask for a replay from held
//
// Counter and presence frames are not records of the desk: their seq equals their prev. They are always applied,
// but a prev beyond what is held still betrays a loss.

export interface Numbered {
  readonly type: string;
  readonly seq: number;
  readonly prev: number | null;
}

export type Verdict = "apply" | "drop" | "lost";

export class Sequence {
  #held = 0;

  /** The last seq applied; 0 before the first snapshot. */
  get held(): number {
    return this.#held;
  }

  /** A frame that states the whole desk moves to its seq whatever was held. */
  accept(frame: Numbered): Verdict {
    if (frame.type === "hello" || frame.type === "gap") return "apply";
    if (frame.type === "snapshot") {
      this.#held = frame.seq;
      return "apply";
    }
    if (frame.seq <= this.#held) return "drop";
    if (frame.prev !== this.#held) return "lost";
    this.#held = frame.seq;
    return "apply";
  }

  /** Whether an unnumbered frame shows that records before it never came. */
  behind(frame: Numbered): boolean {
    return frame.seq > this.#held;
  }

  /** Another desk (tenant, restored server): what was held means nothing there. */
  reset(): void {
    this.#held = 0;
  }
}

export function isUnnumbered(frame: Numbered): boolean {
  return frame.type === "counter" || frame.type === "presence";
}

/** What a server that has too much to do closes a socket with. */
export const tryAgainLater = 1013;

/** Waiting time before attempt n (0 = first), with a fifth of jitter: 1, 2, 4 s, so that a seat is back 5 s after its server;
 *  1, 2, 5, 10, 30 s when the server asked to be left alone. */
export function reconnectDelayMs(attempt: number, random: number, asked: boolean): number {
  const steps = asked ? [1000, 2000, 5000, 10_000, 30_000] : [1000, 2000, 4000];
  const base = steps[Math.min(attempt, steps.length - 1)] ?? 1000;
  return Math.round(base * (0.8 + 0.4 * random));
}
