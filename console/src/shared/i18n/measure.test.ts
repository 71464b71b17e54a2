// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { ageText, compass, dateTimeText, distanceText, shiftOf, withLocalTimes } from "./measure";

test("ages grow from seconds to days without changing what came before", () => {
  expect([8_000, 725_000, 3_723_000, 200_000_000].map(ageText)).toEqual(["00:08", "12:05", "1:02:03", "2d 07h"]);
});

test("a clock that runs behind never shows a negative age", () => {
  expect(ageText(-4000)).toBe("00:00");
});

test("times are those of the city, not of the browser", () => {
  expect(dateTimeText("2026-11-22T15:32:41Z", "Asia/Seoul")).toBe("2026-11-23 00:32:41");
});

test("times inside of a text of the server are those of the city too", () => {
  expect(withLocalTimes("from 2026-11-22T15:32:41Z to 2026-11-22T15:32:41.250Z, 12:00", "Asia/Seoul")).toBe("from 2026-11-23 00:32:41 to 2026-11-23 00:32:41, 12:00");
});

test("bearings become eighths of the compass", () => {
  expect([0, 44, 90, 359, -90, 200].map(compass)).toEqual(["n", "ne", "e", "n", "w", "s"]);
});

test("distances change unit at a kilometre", () => {
  expect([42.4, 999, 1440].map(distanceText)).toEqual(["42 m", "999 m", "1.4 km"]);
});

test("shifts change at six, fourteen and twenty-two", () => {
  const at = (hour: number) => Date.UTC(2026, 10, 22, hour - 9);
  expect([5, 6, 13, 14, 21, 22].map((hour) => shiftOf(at(hour), "Asia/Seoul"))).toEqual([
    "night", "day", "day", "evening", "evening", "night",
  ]);
});
