// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { PlatformClock } from "./clock";

const epoch = Date.UTC(2026, 10, 22);

test("platform time goes on between stamps, also when the browser's clock is wrong", () => {
  const clock = new PlatformClock();
  clock.start(1);
  clock.stamp(1000, epoch);

  expect(clock.now(3500, 0)).toBe(epoch + 2500);
});

test("a virtual clock runs sixty times as fast", () => {
  const clock = new PlatformClock();
  clock.start(60);
  clock.stamp(0, epoch);
  clock.stamp(1000, epoch + 60_000);

  expect(clock.now(2000, 0)).toBe(epoch + 120_000);
  expect(clock.lag(1000)).toBe(0);
});

test("a stamp that arrives late is lag, not a jump of the clock", () => {
  const clock = new PlatformClock();
  clock.start(1);
  clock.stamp(0, epoch);
  clock.stamp(1400, epoch + 1000);

  expect(clock.lag(1400)).toBe(400);
  expect(clock.now(1400, 0)).toBe(epoch + 1400);
});

test("silence becomes lag", () => {
  const clock = new PlatformClock();
  clock.start(1);
  clock.stamp(0, epoch);

  expect(clock.lag(1200)).toBe(0);
  expect(clock.lag(5500)).toBe(4000);
});
