// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Alarm } from "@/shared/api/contract.gen";
import {
  answerable,
  belongs,
  compareAlarms,
  countAside,
  countBySeverity,
  freeze,
  greet,
  isFlood,
  membersOf,
  neighbour,
  ringing,
  toRows,
} from "./model";

let made = 0;
function alarm(given: Partial<Alarm> = {}): Alarm {
  const id = given.id ?? `01J${String(made++).padStart(23, "0")}`;
  return {
    id,
    occurrence: 1,
    state: "unacked",
    severity: 3,
    rule: "bell",
    rule_version: 1,
    key: id,
    first_at: "2026-11-22T05:00:00Z",
    last_at: "2026-11-22T05:00:00Z",
    count: 1,
    place: { lat: 35.8, lon: 126.6 },
    owner: null,
    drill: false,
    title: { ko: "비상벨" },
    service: "crime",
    source: "bells",
    sources: 1,
    status: "final",
    shelved: null,
    suppressed: false,
    out_of_service: false,
    parent: null,
    children: 0,
    position: "video",
    incident: null,
    procedure: null,
    evidence: "none",
    closed: null,
    ...given,
  };
}
const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 5, 0, second)).toISOString();
const me = { id: "01JME0000000000000000000AA", name: "박서연" };
const everything = { tab: "all", severities: new Set<number>(), position: null, me: me.id } as const;

test("the board shows severity first, in it the unanswered first, then the newest", () => {
  const answered = alarm({ severity: 1, state: "acked", first_at: at(9) });
  const old = alarm({ severity: 1, first_at: at(1) });
  const fresh = alarm({ severity: 1, first_at: at(5) });
  const high = alarm({ severity: 2, first_at: at(59) });

  const order = [high, answered, old, fresh].sort(compareAlarms);

  expect(order).toEqual([fresh, old, answered, high]);
});

test("an alarm whose condition is gone still counts as unanswered", () => {
  const returned = alarm({ state: "returned", severity: 2 });

  expect(belongs(returned, { ...everything, tab: "unanswered" })).toBe(true);
  expect(countBySeverity([returned])[1]).toEqual({ severity: 2, unanswered: 1, total: 1 });
});

test("what is shelved or suppressed leaves the board and stays counted", () => {
  const shelf = { until: at(50), reason: "공사", by: me };
  const aside = [alarm({ shelved: shelf }), alarm({ suppressed: true }), alarm({ out_of_service: true })];

  expect(aside.filter((one) => belongs(one, everything))).toEqual([]);
  expect(aside.filter((one) => belongs(one, { ...everything, tab: "shelved" }))).toHaveLength(3);
  expect(countAside(aside)).toEqual({ shelved: 1, suppressed: 1, outOfService: 1 });
});

test("a cyber alarm never stands on the video board", () => {
  expect(belongs(alarm({ position: "cyber" }), { ...everything, position: "video" })).toBe(false);
});

test("a closed alarm is on no tab", () => {
  const closed = alarm({ closed: { disposition: "real", by: me, at: at(3) } });

  expect(belongs(closed, everything)).toBe(false);
});

test("children of a dead switch stand under it as one row", () => {
  const parent = alarm({ children: 14, severity: 4 });
  const children = Array.from({ length: 14 }, () => alarm({ parent: parent.id, severity: 4, first_at: at(7) }));

  const rows = toRows([...children, parent], false);

  expect(rows).toHaveLength(1);
  expect(rows[0]?.id).toBe(parent.id);
  expect(rows[0]?.total).toBe(15);
});

test("two hundred alarms of three causes become three rows in a flood, and the critical one stays on top", () => {
  const storm = Array.from({ length: 198 }, (_, i) =>
    alarm({ rule: i % 2 ? "fall" : "fence", severity: i % 2 ? 3 : 4, first_at: at(i % 60), place: { lat: 35.801, lon: 126.601 } }),
  );
  const fires = [alarm({ rule: "fire", severity: 1 }), alarm({ rule: "fire", severity: 1 })];

  const rows = toRows([...storm, ...fires], true);

  expect(isFlood(storm, Date.parse(at(60)))).toBe(true);
  expect(rows.map((row) => [row.alarm.rule, row.total])).toEqual([["fire", 2], ["fall", 99], ["fence", 99]]);
});

test("the row of a growing group stays the same row, so that a held board can show it growing", () => {
  const first = alarm({ rule: "fall", first_at: at(1) });
  const shown = toRows([first], false);

  const frozen = freeze(shown, toRows([first, alarm({ rule: "fall", first_at: at(9) }), alarm({ rule: "fall", first_at: at(5) })], true));

  expect(frozen.rows.map((row) => [row.id, row.total])).toEqual([[first.id, 3]]);
  expect(frozen.waiting).toEqual([]);
  expect(frozen.fresh).toBe(2);
});

test("an alarm somebody owns is not swallowed by a flood group", () => {
  const owned = alarm({ rule: "fall", owner: me, state: "acked" });
  const rows = toRows([owned, alarm({ rule: "fall" }), alarm({ rule: "fall" })], true);

  expect(rows).toHaveLength(2);
});

test("a critical alarm is never answered together with others", () => {
  const some = [alarm({ severity: 1 }), alarm({ severity: 2 }), alarm({ severity: 3, state: "acked" }), alarm({ severity: 4, suppressed: true })];

  expect(answerable(some).map((one) => one.severity)).toEqual([2]);
});

test("the children of a row are listed under it, closed ones are not", () => {
  const parent = alarm({ severity: 4, children: 3 });
  const closed = alarm({ parent: parent.id, closed: { disposition: "duplicate", by: me, at: at(2) } });
  const child = alarm({ parent: parent.id });

  expect(membersOf(parent, [closed, child, parent, alarm()], false)).toEqual([parent, child]);
});

test("what the server grouped in a flood stays one row and still counts as a flood", () => {
  const leader = alarm({ rule: "fall", children: 11 });
  const storm = [leader, ...Array.from({ length: 11 }, () => alarm({ rule: "fall", parent: leader.id }))];

  expect(isFlood(storm, Date.parse(at(30)))).toBe(true);
  expect(toRows(storm, true).map((row) => [row.id, row.total])).toEqual([[leader.id, 12]]);
});

test("ten alarms in ten minutes are no flood yet", () => {
  const ten = Array.from({ length: 10 }, () => alarm());

  expect(isFlood(ten, Date.parse(at(30)))).toBe(false);
  expect(isFlood([...ten, alarm()], Date.parse(at(30)))).toBe(true);
  expect(isFlood([...ten, alarm()], Date.parse(at(0)) + 600_001)).toBe(false);
});

test("a frozen board keeps places, lets contents live, holds new rows back and leaves ghosts", () => {
  const a = alarm({ severity: 3 });
  const b = alarm({ severity: 4 });
  const shown = toRows([a, b], false);
  const next = toRows([{ ...a, state: "acked" }, alarm({ severity: 1 })], false);

  const frozen = freeze(shown, next);

  expect(frozen.rows.map((row) => row.id)).toEqual([a.id, b.id]);
  expect(frozen.rows[0]?.alarm.state).toBe("acked");
  expect(frozen.waiting).toHaveLength(1);
  expect(frozen.fresh).toBe(1);
  expect([...frozen.gone]).toEqual([b.id]);
});

test("moving stops at both ends and starts at the top", () => {
  const rows = toRows([alarm({ severity: 1 }), alarm({ severity: 2 })], false);

  expect(neighbour(rows, null, 1)).toBe(rows[0]);
  expect(neighbour(rows, rows[0]!.id, -1)).toBe(rows[0]);
  expect(neighbour(rows, rows[1]!.id, 1)).toBe(rows[1]);
});

test("the view is never taken from somebody who is working", () => {
  expect(greet(alarm({ severity: 1 }), 0, true)).toBe("chip");
  expect(greet(alarm({ severity: 1 }), 0, false)).toBe("preview");
  expect(greet(alarm({ severity: 3 }), 0, false)).toBe("none");
  expect(greet(alarm({ severity: 3 }), 12_000, false)).toBe("preview");
  expect(greet(alarm({ severity: 1, state: "acked" }), 60_000, false)).toBe("none");
});

test("a row rings once however many alarms it holds, and severity 4 is silent", () => {
  const rows = toRows([alarm(), alarm(), alarm({ severity: 4, rule: "x" })].map((one, i) => (i < 2 ? { ...one, rule: "fall" } : one)), true);

  expect(ringing(rows)).toHaveLength(1);
});
