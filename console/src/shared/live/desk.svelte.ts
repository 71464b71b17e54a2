// SPDX-License-Identifier: Apache-2.0
// What is open on the desk: alarms, incidents, counters. Filled by /live and by the answers of one's own acts; every
// object in it is replaced as a whole, never changed.
import type { Alarm, AuditChain, Counters, Incident, Notice, Person, Step } from "@/shared/api/contract.gen";

/** Closed alarms kept for undo and reference; older ones are forgotten. */
const closedKept = 300;

export class Desk {
  readonly #alarms = new Map<string, Alarm>();
  readonly #incidents = new Map<string, Incident>();
  #alarmVersion = $state(0);
  #incidentVersion = $state(0);
  counters = $state.raw<Counters | null>(null);
  /** When the counters were heard, monotonic ms. */
  countersAt = $state(0);
  people = $state.raw<readonly Person[]>([]);
  audit = $state.raw<AuditChain | null>(null);
  /** False until the first snapshot: the board shows a skeleton, not "no alarms". */
  filled = $state(false);
  #listeners = new Set<(alarm: Alarm, before: Alarm | undefined) => void>();

  get alarms(): ReadonlyMap<string, Alarm> {
    return this.#alarmVersion >= 0 ? this.#alarms : this.#alarms;
  }

  get incidents(): ReadonlyMap<string, Incident> {
    return this.#incidentVersion >= 0 ? this.#incidents : this.#incidents;
  }

  /** A number that changes with every alarm; what is derived from alarms depends on it. */
  get version(): number {
    return this.#alarmVersion;
  }

  get incidentVersion(): number {
    return this.#incidentVersion;
  }

  /** Told of each changed alarm that did not come in a snapshot. */
  onAlarm(listener: (alarm: Alarm, before: Alarm | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  replace(alarms: readonly Alarm[], incidents: readonly Incident[], counters: Counters | null): void {
    this.#alarms.clear();
    this.#incidents.clear();
    for (const alarm of alarms) this.#alarms.set(alarm.id, alarm);
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    if (counters !== null) this.setCounters(counters);
    this.filled = true;
    this.#alarmVersion++;
    this.#incidentVersion++;
  }

  putAlarm(alarm: Alarm): void {
    const before = this.#alarms.get(alarm.id);
    this.#alarms.set(alarm.id, alarm);
    this.#forgetOldClosed();
    this.#alarmVersion++;
    for (const listener of this.#listeners) listener(alarm, before);
  }

  putIncident(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
    this.#incidentVersion++;
  }

  putStep(incidentId: string, step: Step): void {
    const incident = this.#incidents.get(incidentId);
    if (!incident?.procedure) return;
    const steps = incident.procedure.steps.map((one) => (one.n === step.n ? step : one));
    this.putIncident({ ...incident, procedure: { ...incident.procedure, steps } });
  }

  putNotice(notice: Notice): void {
    const incident = notice.incident === null ? undefined : this.#incidents.get(notice.incident);
    if (incident === undefined) return;
    const others = incident.notices.filter((one) => one.id !== notice.id);
    this.putIncident({ ...incident, notices: [...others, notice] });
  }

  setCounters(counters: Counters): void {
    this.counters = counters;
    this.countersAt = performance.now();
  }

  clear(): void {
    this.replace([], [], null);
    this.filled = false;
    this.counters = null;
    this.audit = null;
    this.people = [];
  }

  #forgetOldClosed(): void {
    if (this.#alarms.size % 64 !== 0) return;
    const closed = [...this.#alarms.values()].filter((alarm) => alarm.closed !== null);
    for (const alarm of closed.slice(0, Math.max(0, closed.length - closedKept))) this.#alarms.delete(alarm.id);
  }
}

export const desk = new Desk();
