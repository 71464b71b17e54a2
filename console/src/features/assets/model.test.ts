// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { nearEnd, sliceOf } from "./model";

test("of a hundred thousand rows only those near the view exist", () => {
  const slice = sliceOf(100_000, 44, 44 * 50_000, 880);

  expect(slice.last - slice.first).toBeLessThan(60);
  expect(slice.above + (slice.last - slice.first) * 44 + slice.below).toBe(100_000 * 44);
});

test("an empty list has an empty window", () => {
  expect(sliceOf(0, 44, 0, 800)).toEqual({ first: 0, last: 0, above: 0, below: 0 });
});

test("reading on starts before the end comes into view", () => {
  expect(nearEnd(200, sliceOf(200, 44, 0, 880))).toBe(false);
  expect(nearEnd(200, sliceOf(200, 44, 44 * 165, 880))).toBe(true);
});
