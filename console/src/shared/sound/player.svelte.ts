// SPDX-License-Identifier: Apache-2.0
// Plays the tones of plan.ts with Web Audio. Nothing is loaded: each class of tone is synthesised.
// Only one window of a workstation sounds: it holds the lock "bongsu.sound".
import { SoundPlan, type Group } from "./plan";

interface Note {
  /** Seconds after the start. */
  at: number;
  length: number;
  hertz: number;
  gain: number;
}

// Fundamentals are at least a fifth apart and stay within 500 to 3000 Hz.
const tones: Record<1 | 2 | 3, readonly Note[]> = {
  1: [0, 0.44, 0.88].flatMap((at) => [
    { at, length: 0.2, hertz: 1480, gain: 0.5 },
    { at: at + 0.22, length: 0.2, hertz: 1110, gain: 0.5 },
  ]),
  2: [
    { at: 0, length: 0.18, hertz: 880, gain: 0.4 },
    { at: 0.32, length: 0.18, hertz: 880, gain: 0.4 },
  ],
  3: [{ at: 0, length: 0.3, hertz: 660, gain: 0.22 }],
};

/** Each seat has its own timbre, so that neighbours know whose alarm it is. */
const timbres: readonly OscillatorType[] = ["triangle", "sine", "square", "sawtooth"];
const seatStore = "bongsu.seat";

function seat(): number {
  const kept = localStorage.getItem(seatStore);
  if (kept !== null) return Number(kept);
  const made = Math.floor(Math.random() * timbres.length);
  localStorage.setItem(seatStore, String(made));
  return made;
}

class SoundPlayer {
  /** The browser refuses to sound until somebody presses a key or button. */
  blocked = $state(true);
  leader = $state(false);
  /** Groups whose tone was silenced by hand. */
  silenced = $state(false);
  /** Every tone started, with its time: read by tests and by the sound card. */
  started = $state.raw<readonly { severity: number; at: number }[]>([]);
  #context: AudioContext | null = null;
  readonly #plan = new SoundPlan();

  /** Lets the browser sound; must come from a key or a click. */
  async unlock(): Promise<boolean> {
    this.#context ??= new AudioContext();
    await this.#context.resume().catch(() => undefined);
    this.blocked = this.#context.state !== "running";
    return !this.blocked;
  }

  /** Waits for its turn to be the one window that sounds. */
  lead(): void {
    if (!("locks" in navigator)) {
      this.leader = true;
      return;
    }
    void navigator.locks.request("bongsu.sound", () => {
      this.leader = true;
      return new Promise<never>(() => undefined);
    });
  }

  tick(groups: readonly Group[], flood: boolean): void {
    if (!this.leader) return;
    const tone = this.#plan.next(groups, flood, performance.now());
    this.silenced = groups.some((group) => this.#plan.isSilenced(group.key));
    if (tone !== null) this.play(tone.severity);
  }

  silence(groups: readonly Group[]): void {
    this.#plan.silence(groups);
    this.silenced = groups.length > 0;
  }

  play(severity: 1 | 2 | 3): void {
    this.started = [...this.started.slice(-199), { severity, at: performance.now() }];
    const context = this.#context;
    if (context === null || context.state !== "running") {
      this.blocked = true;
      return;
    }
    for (const note of tones[severity]) ring(context, note, timbres[seat() % timbres.length] ?? "sine");
  }
}

function ring(context: AudioContext, note: Note, timbre: OscillatorType): void {
  const start = context.currentTime + 0.01 + note.at;
  const end = start + note.length;
  const voice = context.createOscillator();
  const envelope = context.createGain();
  voice.type = timbre;
  voice.frequency.value = note.hertz;
  envelope.gain.setValueAtTime(0, start);
  envelope.gain.linearRampToValueAtTime(note.gain, start + 0.015);
  envelope.gain.setValueAtTime(note.gain, end - 0.03);
  envelope.gain.linearRampToValueAtTime(0, end);
  voice.connect(envelope).connect(context.destination);
  voice.start(start);
  voice.stop(end);
}

export const sound = new SoundPlayer();
