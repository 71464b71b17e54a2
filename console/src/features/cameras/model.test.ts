// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { planOf } from "./model";

test("a camera to the east stands right of the alarm, farther ones further out", () => {
  const near = planOf({ bearing_deg: 90, distance_m: 80 });
  const far = planOf({ bearing_deg: 90, distance_m: 400 });

  expect(near.y).toBeCloseTo(0, 5);
  expect(far.x).toBeGreaterThan(near.x);
});

test("nothing leaves the plan, however far the camera is", () => {
  expect(planOf({ bearing_deg: 180, distance_m: 5000 }).y).toBe(38);
});

test("a camera whose view is unknown draws no sector", () => {
  expect(planOf({ bearing_deg: 0, distance_m: 10 }).sector).toBe("");
  expect(planOf({ bearing_deg: 0, distance_m: 10, azimuth_deg: 90, fov_deg: 60 }).sector).toMatch(/^M.*A46 46 0 0 1/);
});
