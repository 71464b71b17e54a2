// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { circle, distanceM, latOf, lonOf, mercatorX, mercatorY, move, sector } from "./mercator";

test("the unit square and degrees are inverse", () => {
  expect(lonOf(mercatorX(126.6))).toBeCloseTo(126.6, 10);
  expect(latOf(mercatorY(35.8))).toBeCloseTo(35.8, 10);
});

test("moving and measuring agree", () => {
  const [lon, lat] = move(126.6, 35.8, 73, 500);

  expect(distanceM({ lon: 126.6, lat: 35.8 }, { lon, lat })).toBeCloseTo(500, 3);
});

test("a circle is closed and every point has its radius", () => {
  const ring = circle(126.6, 35.8, 300);

  expect(ring.at(-1)).toEqual(ring[0]);
  for (const [lon, lat] of ring) expect(distanceM({ lon: 126.6, lat: 35.8 }, { lon, lat })).toBeCloseTo(300, 3);
});

test("a sector starts and ends at the camera", () => {
  const ring = sector(126.6, 35.8, 90, 60, 80);

  expect(ring[0]).toEqual([126.6, 35.8]);
  expect(ring.at(-1)).toEqual([126.6, 35.8]);
  expect(ring.every(([lon]) => lon >= 126.6)).toBe(true);
});
