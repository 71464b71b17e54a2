// SPDX-License-Identifier: Apache-2.0
// Which tone sounds when. Pure: the player asks once a tick what to start.
//
//   severity 1  two tones, again every 5 s until answered
//   severity 2  two pulses, again every 15 s
//   severity 3  one soft pulse, once
//   severity 4  silent
//
// Only the worst group repeats, and a tone that is no worse than the last one waits for that to end. In a flood a
// minute has at most three tones, one of them kept free for a critical alarm.

export interface Group {
  key: string;
  severity: number;
}

export interface Tone {
  severity: 1 | 2 | 3;
}

const repeatMs: Record<number, number> = { 1: 5000, 2: 15_000, 3: Number.POSITIVE_INFINITY };
const toneGapMs = 5000;
const floodRepeatMs = 20_000;
const minuteMs = 60_000;
const floodTonesPerMinute = 3;

export class SoundPlan {
  readonly #known = new Set<string>();
  readonly #silenced = new Set<string>();
  /** Tones of the last minute, oldest first. */
  #played: { at: number; severity: number }[] = [];

  /** The current tone stops until something new rings; it is not an acknowledgement. */
  silence(groups: readonly Group[]): void {
    for (const group of groups) this.#silenced.add(group.key);
  }

  isSilenced(key: string): boolean {
    return this.#silenced.has(key);
  }

  next(groups: readonly Group[], flood: boolean, nowMs: number): Tone | null {
    const present = new Set(groups.map((group) => group.key));
    for (const key of this.#known) if (!present.has(key)) this.#forget(key);
    this.#played = this.#played.filter((tone) => nowMs - tone.at < minuteMs);
    const fresh = groups.filter((group) => !this.#known.has(group.key) && group.severity <= 3);
    for (const group of groups) this.#known.add(group.key);
    if (fresh.length > 0 && this.#mayStart(worst(fresh), flood, nowMs)) return this.#start(worst(fresh), nowMs);
    const loud = groups.filter((group) => !this.#silenced.has(group.key) && group.severity <= 2);
    if (loud.length === 0) return null;
    const severity = worst(loud);
    const every = flood ? floodRepeatMs : (repeatMs[severity] ?? Number.POSITIVE_INFINITY);
    const due = nowMs - (this.#played.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= every;
    return due && this.#mayStart(severity, flood, nowMs) ? this.#start(severity, nowMs) : null;
  }

  #mayStart(severity: 1 | 2 | 3, flood: boolean, nowMs: number): boolean {
    const last = this.#played.at(-1);
    if (severity === 1 && !this.#played.some((tone) => tone.severity === 1)) return true;
    if (flood && this.#played.length >= floodTonesPerMinute - (severity === 1 ? 0 : 1)) return false;
    return last === undefined || severity < last.severity || nowMs - last.at >= toneGapMs;
  }

  #start(severity: 1 | 2 | 3, nowMs: number): Tone {
    this.#played.push({ at: nowMs, severity });
    return { severity };
  }

  #forget(key: string): void {
    this.#known.delete(key);
    this.#silenced.delete(key);
  }
}

function worst(groups: readonly Group[]): 1 | 2 | 3 {
  return Math.min(...groups.map((group) => group.severity)) as 1 | 2 | 3;
}
