// SPDX-License-Identifier: Apache-2.0
// What this seat has in hand: the selected alarm or incident, its detail, what is previewed, what waits as a chip.
import { readAlarm } from "@/features/alarms/api";
import { compareAlarms, greet, onDesk, setAside, unanswered } from "@/features/alarms/model";
import type { Alarm, AlarmDetail } from "@/shared/api/contract.gen";
import { desk } from "@/shared/live/live";
import { explain } from "./acts.svelte";

const refreshMs = 400;

class DeskView {
  selected = $state<string | null>(null);
  /** Shown without being asked for, or while moving along the board: no ownership. */
  preview = $state(false);
  /** An incident without an alarm (opened by hand). */
  incidentId = $state<string | null>(null);
  detail = $state.raw<AlarmDetail | null>(null);
  problem = $state<string | null>(null);
  /** Critical alarms that came while something was being handled. */
  chips = $state.raw<readonly string[]>([]);
  camera = $state(0);
  #read: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastInput = performance.now();

  get alarm(): Alarm | null {
    return this.selected === null ? null : (desk.alarms.get(this.selected) ?? null);
  }

  noteInput(): void {
    this.#lastInput = performance.now();
  }

  select(id: string | null, preview: boolean): void {
    this.preview = preview;
    this.incidentId = null;
    this.chips = this.chips.filter((one) => one !== id);
    if (this.selected === id) return;
    this.selected = id;
    this.detail = null;
    this.problem = null;
    this.camera = 0;
    this.#fetch();
  }

  showIncident(id: string): void {
    this.select(null, false);
    this.incidentId = id;
  }

  /** After a snapshot: an operator who just sat down sees the worst unanswered alarm without asking. */
  greetDesk(alarms: readonly Alarm[]): void {
    if (this.selected !== null || this.incidentId !== null) return;
    const worst = alarms.filter((alarm) => unanswered(alarm) && !setAside(alarm) && alarm.parent === null && onDesk(alarm)).sort(compareAlarms)[0];
    if (worst !== undefined) this.select(worst.id, true);
  }

  retry(): void {
    this.problem = null;
    this.#fetch();
  }

  /** A change of the alarm in hand may change its reasons and surroundings. */
  touched(alarm: Alarm, before: Alarm | undefined): void {
    if (alarm.id === this.selected) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#fetch(), refreshMs);
    }
    if (before === undefined || before.occurrence !== alarm.occurrence) this.#greet(alarm);
  }

  #greet(alarm: Alarm): void {
    const inHand = this.alarm;
    const handling = this.incidentId !== null || (inHand !== null && !this.preview && onDesk(inHand));
    const what = greet(alarm, performance.now() - this.#lastInput, handling);
    const worse = inHand === null || !this.preview || alarm.severity <= inHand.severity;
    if (what === "preview" && worse) this.select(alarm.id, true);
    else if (what === "chip" || (what === "preview" && alarm.severity === 1)) this.chips = [...this.chips.slice(-4), alarm.id];
  }

  #fetch(): void {
    this.#read?.abort();
    const id = this.selected;
    if (id === null) return;
    const stop = new AbortController();
    this.#read = stop;
    readAlarm(id, stop.signal).then(
      (detail) => {
        if (this.selected !== id) return;
        this.detail = detail;
        this.problem = null;
        if (detail.incident) desk.putIncident(detail.incident);
      },
      (error: unknown) => {
        if (!stop.signal.aborted && this.selected === id) this.problem = explain(error);
      },
    );
  }
}

export const view = new DeskView();
