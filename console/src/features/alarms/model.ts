// SPDX-License-Identifier: Apache-2.0
// The board as a pure function of the desk: which alarms are shown, in which order, grouped how, frozen when.
import type { Alarm, Position } from "@/shared/api/contract.gen";

export type Tab = "all" | "unanswered" | "mine" | "shelved";

/** Unanswered: nobody has acknowledged it, whether or not the condition still holds. */
export const unanswered = (alarm: Alarm) => alarm.state === "unacked" || alarm.state === "returned";
/** On the desk: neither closed nor (normal and answered). */
export const onDesk = (alarm: Alarm) => alarm.closed === null;
/** Kept off the board by a person, by design, or because its source is out of service. */
export const setAside = (alarm: Alarm) => alarm.shelved !== null || alarm.suppressed || alarm.out_of_service;

/** Severity 1 first; in a severity the unanswered first; then the newest. Ties by id, so that order never flickers. */
export function compareAlarms(a: Alarm, b: Alarm): number {
  return (
    a.severity - b.severity ||
    Number(!unanswered(a)) - Number(!unanswered(b)) ||
    Date.parse(b.first_at) - Date.parse(a.first_at) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

export interface Selection {
  tab: Tab;
  /** Severities shown; empty = all. */
  severities: ReadonlySet<number>;
  /** The position this seat answers for; null = every one. */
  position: Position | null;
  me: string;
}

export function belongs(alarm: Alarm, selection: Selection): boolean {
  if (!onDesk(alarm)) return false;
  if (selection.position !== null && alarm.position !== selection.position) return false;
  if (selection.severities.size > 0 && !selection.severities.has(alarm.severity)) return false;
  switch (selection.tab) {
    case "all":
      return !setAside(alarm);
    case "unanswered":
      return !setAside(alarm) && unanswered(alarm);
    case "mine":
      return !setAside(alarm) && alarm.owner?.id === selection.me;
    case "shelved":
      return setAside(alarm);
  }
}

export interface Row {
  /** Id of the alarm that stands for the row. */
  id: string;
  alarm: Alarm;
  /** Every alarm of the row, the head first; one for an ordinary row. */
  members: readonly Alarm[];
  /** Alarms the row stands for, also those the server holds back as children. */
  total: number;
}

/** Side of the squares in which alarms of one rule count as one place during a flood, in degrees (about 450 m). */
const clusterDegrees = 0.004;

/** Same rule and same stretch of town; an alarm under a parent goes with its parent. */
export function groupKey(alarm: Alarm, flood: boolean): string {
  if (alarm.parent !== null) return alarm.parent;
  // Who leads a group of the server's leads it here too.
  if (!flood || alarm.owner !== null || alarm.children > 0) return alarm.id;
  const district = alarm.place?.district?.ko;
  if (district !== undefined) return `${alarm.rule}|${district}`;
  if (alarm.place === null) return `${alarm.rule}|`;
  const cell = (degrees: number) => Math.floor(degrees / clusterDegrees);
  return `${alarm.rule}|${cell(alarm.place.lat)}|${cell(alarm.place.lon)}`;
}

/** Worst first, then oldest: the head of a growing group stays the same alarm. */
function compareInGroup(a: Alarm, b: Alarm): number {
  return a.severity - b.severity || Date.parse(a.first_at) - Date.parse(b.first_at) || (a.id < b.id ? -1 : 1);
}

/** Rows in board order; the head of a row is its parent, else its worst and oldest. */
export function toRows(alarms: readonly Alarm[], flood: boolean): Row[] {
  const groups = new Map<string, Alarm[]>();
  for (const alarm of [...alarms].sort(compareInGroup)) {
    const key = groupKey(alarm, flood);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [alarm]);
    else if (key === alarm.id) group.unshift(alarm);
    else group.push(alarm);
  }
  const rows = [...groups.values()].map(rowOf);
  return rows.sort((a, b) => compareAlarms(a.alarm, b.alarm));
}

function rowOf(members: Alarm[]): Row {
  const head = members[0] as Alarm;
  const held = members.reduce((sum, alarm) => sum + alarm.children, 0);
  return { id: head.id, alarm: head, members, total: Math.max(members.length, 1 + held) };
}

/** Those that may be answered together: open, nobody's, and never a critical one. */
export function answerable(alarms: readonly Alarm[]): Alarm[] {
  return alarms.filter((alarm) => onDesk(alarm) && unanswered(alarm) && !setAside(alarm) && alarm.severity > 1);
}

/** The alarms that stand under the same row as this one, itself first. */
export function membersOf(alarm: Alarm, alarms: readonly Alarm[], flood: boolean): Alarm[] {
  const key = groupKey(alarm, flood);
  const others = alarms.filter((one) => one.id !== alarm.id && onDesk(one) && (one.parent === alarm.id || groupKey(one, flood) === key));
  return [alarm, ...others.sort(compareAlarms)];
}

/** More than ten new alarms in ten minutes at one position. */
export const floodLimit = 10;
const floodWindowMs = 600_000;

export function isFlood(alarms: readonly Alarm[], nowMs: number): boolean {
  let fresh = 0;
  for (const alarm of alarms) {
    const age = nowMs - Date.parse(alarm.first_at);
    // A child of a dead switch is held back by design and burdens nobody; one grouped in a flood still came.
    if (!alarm.suppressed && age <= floodWindowMs && ++fresh > floodLimit) return true;
  }
  return false;
}

export interface SeverityCount {
  severity: 1 | 2 | 3 | 4;
  unanswered: number;
  total: number;
}

export function countBySeverity(alarms: readonly Alarm[]): SeverityCount[] {
  return ([1, 2, 3, 4] as const).map((severity) => {
    const these = alarms.filter((alarm) => alarm.severity === severity);
    return { severity, unanswered: these.filter(unanswered).length, total: these.length };
  });
}

export interface AsideCount {
  shelved: number;
  suppressed: number;
  outOfService: number;
}

export function countAside(alarms: readonly Alarm[]): AsideCount {
  return {
    shelved: alarms.filter((alarm) => alarm.shelved !== null).length,
    suppressed: alarms.filter((alarm) => alarm.suppressed).length,
    outOfService: alarms.filter((alarm) => alarm.out_of_service).length,
  };
}

export interface Frozen {
  rows: Row[];
  /** Rows that are waiting until the board may move. */
  waiting: Row[];
  /** Alarms that came since, also those that joined a shown row. */
  fresh: number;
  /** Ids of rows that left the desk but keep their place. */
  gone: ReadonlySet<string>;
}

/**
 * Nothing moves under the pointer: while frozen, shown rows keep their order and their place, their content goes on
 * being live, new rows wait, and rows that left stay as ghosts.
 */
export function freeze(shown: readonly Row[], next: readonly Row[]): Frozen {
  const fresh = new Map(next.map((row) => [row.id, row]));
  const gone = new Set<string>();
  const rows = shown.map((row) => {
    const now = fresh.get(row.id);
    if (now === undefined) gone.add(row.id);
    fresh.delete(row.id);
    return now ?? row;
  });
  const known = new Set(shown.flatMap((row) => row.members.map((alarm) => alarm.id)));
  const count = next.reduce((sum, row) => sum + row.members.filter((alarm) => !known.has(alarm.id)).length, 0);
  return { rows, waiting: [...fresh.values()], fresh: count, gone };
}

/** The row above or below; the first when nothing is selected. */
export function neighbour(rows: readonly Row[], id: string | null, step: 1 | -1): Row | undefined {
  const at = rows.findIndex((row) => row.members.some((alarm) => alarm.id === id));
  if (at < 0) return step === 1 ? rows[0] : rows.at(-1);
  return rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
}

export type Notability = "preview" | "chip" | "none";

/**
 * What a new alarm may do to the screen. The view is never taken from somebody who is working: it previews only when
 * the operator is idle, or when it is critical and nothing is being handled; a critical one else becomes a chip.
 */
export function greet(alarm: Alarm, idleMs: number, handling: boolean): Notability {
  if (!unanswered(alarm) || setAside(alarm) || alarm.parent !== null) return "none";
  if (!handling && (idleMs >= 10_000 || alarm.severity === 1)) return "preview";
  return alarm.severity === 1 ? "chip" : "none";
}

/** One group of sound: flood groups ring once, not once per alarm. */
export interface Ringing {
  key: string;
  severity: number;
  since: number;
}

export function ringing(rows: readonly Row[]): Ringing[] {
  return rows
    .filter((row) => row.members.some((alarm) => unanswered(alarm) && alarm.severity <= 3))
    .map((row) => ({ key: row.id, severity: row.alarm.severity, since: Date.parse(row.alarm.first_at) }));
}
