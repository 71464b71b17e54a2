// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { aligned, bandsOf, gapAfterMs, nearest, readBuckets, readSamples, rounded, runsOf, stepFor, summaryOf, timeIn, timeTicks, valueTicks } from "./history";

const at = (clock: string) => Date.parse(`2026-11-22T${clock}Z`);

test("samples are read oldest first, of the data set that was asked for", () => {
  const entity = { level: [{ type: "Property", values: [[1.3, "2026-11-22T01:02:00Z"], [1.2, "2026-11-22T01:01:00Z"]] }, { type: "Property", datasetId: "urn:d:1", values: [[9, "2026-11-22T01:01:00Z"]] }] };

  expect(readSamples(entity, "level", null)).toEqual([{ at: at("01:01:00"), value: 1.2 }, { at: at("01:02:00"), value: 1.3 }]);
  expect(readSamples(entity, "level", "urn:d:1")).toEqual([{ at: at("01:01:00"), value: 9 }]);
  expect(readSamples(entity, "nothing", null)).toEqual([]);
  expect(readSamples({ near: { type: "Relationship", objects: [["urn:x:1", "2026-11-22T01:01:00Z"]] } }, "near", null)).toEqual([{ at: at("01:01:00"), value: "urn:x:1" }]);
});

test("sums of spans are put together by their beginning", () => {
  const [from, to] = ["2026-11-22T01:00:00Z", "2026-11-22T01:05:00Z"];
  const entity = { level: { type: "Property", totalCount: [[3, from, to]], min: [[1, from, to]], max: [[4, from, to]], avg: [[2, from, to]] } };

  expect(readBuckets(entity, "level", null)).toEqual([{ from: at("01:00:00"), to: at("01:05:00"), count: 3, min: 1, max: 4, avg: 2 }]);
});

test("the average of sums counts each by its samples", () => {
  const bucket = (count: number, avg: number) => ({ from: 0, to: 1, count, min: avg - 1, max: avg + 1, avg });

  expect(summaryOf({ kind: "sums", buckets: [bucket(1, 10), bucket(3, 2)], total: 4 })).toEqual({ min: 1, max: 11, avg: 4 });
  expect(summaryOf({ kind: "numbers", samples: [{ at: 0, value: 1 }, { at: 1, value: 3 }], total: 2 })).toEqual({ min: 1, max: 3, avg: 2 });
  expect(summaryOf({ kind: "numbers", samples: [], total: 0 })).toBeNull();
});

test("a gap is three times what a regular source takes; a source without a rhythm has none", () => {
  expect(gapAfterMs([0, 60, 120, 180, 900])).toBe(180);
  expect(gapAfterMs([0, 1, 500, 501, 9000, 40_000])).toBe(Number.POSITIVE_INFINITY);
  expect(gapAfterMs([0, 60])).toBe(Number.POSITIVE_INFINITY);
});

test("a line is cut where something is missing", () => {
  const same = (one: number) => one;

  expect(runsOf([0, 60, 120, 900, 960], same, same, 180)).toEqual([[0, 60, 120], [900, 960]]);
  expect(runsOf([], same, same, 180)).toEqual([]);
});

test("a state lasts until the next one and not beyond now", () => {
  const span = { from: 100, to: 1000 };
  const say = String;

  expect(bandsOf([{ at: 20, value: "ok" }, { at: 300, value: "ok" }, { at: 500, value: "down" }], span, 800, say)).toEqual([
    { from: 100, to: 500, text: "ok" },
    { from: 500, to: 800, text: "down" },
  ]);
  expect(bandsOf([], span, 800, say)).toEqual([]);
});

test("a state that is reported regularly is not known while nothing is reported", () => {
  const samples = [0, 10, 20, 30, 40, 200, 210].map((time) => ({ at: time, value: "ok" }));

  expect(bandsOf(samples, { from: 0, to: 300 }, 215, String)).toEqual([{ from: 0, to: 70, text: "ok" }, { from: 200, to: 215, text: "ok" }]);
});

test("the axis of values has round numbers around everything", () => {
  expect(valueTicks(1.2, 1.47, 4)).toEqual([1.2, 1.3, 1.4, 1.5]);
  expect(valueTicks(5, 5, 4)).toEqual([4.6, 4.8, 5, 5.2, 5.4]);
  expect(valueTicks(0, 0, 4)).toEqual([-1, -0.5, 0, 0.5, 1]);
});

test("the axis of time has full hours of the city's clock", () => {
  const ticks = timeTicks({ from: at("01:10:00"), to: at("16:10:00") }, "Asia/Seoul", 6);

  expect(ticks.map((one) => new Date(one.at).toISOString().slice(11, 16))).toEqual(["03:00", "06:00", "09:00", "12:00", "15:00"]);
  expect(ticks.filter((one) => one.day).map((one) => new Date(one.at).toISOString())).toEqual(["2026-11-22T15:00:00.000Z"]);
});

test("a written time is one of the city's clock", () => {
  expect(timeIn("Asia/Seoul", "2026-11-22T10:05:48")).toBe(at("01:05:48"));
  expect(timeIn("Europe/Paris", "2026-07-01T12:00:00")).toBe(Date.parse("2026-07-01T10:00:00Z"));
  expect(timeIn("Asia/Seoul", "")).toBeNull();
});

test("steps are those a clock has", () => {
  expect(stepFor(3_600_000, 240)).toBe(30_000);
  expect(stepFor(30 * 86_400_000, 240)).toBe(3 * 3_600_000);
  expect(stepFor(3650 * 86_400_000, 100)).toBeGreaterThan(30 * 86_400_000);
});

test("the nearest time is found on either side", () => {
  expect(nearest([0, 10, 20], 14)).toBe(1);
  expect(nearest([0, 10, 20], 99)).toBe(2);
});

test("a number is shortened behind the point only", () => {
  expect([1_234_567, 1234.5678, 0.000123456789, -98_765_432.1, 0, 21.849999].map((one) => rounded(one, 4))).toEqual([1_234_567, 1235, 0.0001235, -98_765_432, 0, 21.85]);
});

test("what a span is cut into begins at full hours and midnights of the city", () => {
  const from = (span: { from: number; to: number }) => new Date(aligned(span, "Asia/Seoul", 240).from).toISOString();

  expect(from({ from: at("01:07:13"), to: at("01:07:13") + 30 * 86_400_000 })).toBe("2026-11-22T00:00:00.000Z");
  expect(from({ from: at("01:07:13"), to: at("01:07:13") + 240 * 86_400_000 })).toBe("2026-11-21T15:00:00.000Z");
});
