// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Positions } from "@/shared/live/frames";
import { ObjectSet } from "./object-set";

const middle = 0.5;
const metre = 107;

function frame(kind: "snapshot" | "delta", objects: [number, number, number, number][]): Positions {
  return {
    kind,
    sequence: 1,
    serverMs: 0,
    conflated: 0,
    handle: Uint32Array.from(objects, (o) => o[0]),
    x: Int32Array.from(objects, (o) => o[1]),
    y: Int32Array.from(objects, (o) => o[2]),
    state: Uint8Array.from(objects, (o) => o[3]),
    heading: new Uint8Array(objects.length),
  };
}
const placed = (set: ObjectSet) =>
  Object.fromEntries([...set.handles.subarray(0, set.count)].map((handle, i) => [handle, set.state[i]]));

test("a delta moves what is known and adds what is new", () => {
  const set = new ObjectSet(middle, middle);
  set.apply(frame("snapshot", [[1, 0, 0, 0], [2, metre, 0, 0]]));

  set.apply(frame("delta", [[2, metre, 0, 3], [9, 0, metre, 1]]));

  expect(placed(set)).toEqual({ 1: 0, 2: 3, 9: 1 });
});

test("removing closes the hole with the last object", () => {
  const set = new ObjectSet(middle, middle);
  set.apply(frame("snapshot", [[1, 0, 0, 1], [2, 0, 0, 2], [3, 0, 0, 3]]));

  set.apply({ kind: "removed", sequence: 2, handle: Uint32Array.of(1, 77) });
  set.apply(frame("delta", [[3, 0, 0, 4]]));

  expect(placed(set)).toEqual({ 2: 2, 3: 4 });
});

test("a snapshot forgets what it does not name", () => {
  const set = new ObjectSet(middle, middle);
  set.apply(frame("snapshot", [[1, 0, 0, 0], [2, 0, 0, 0]]));

  set.apply(frame("snapshot", [[7, 0, 0, 0]]));

  expect(placed(set)).toEqual({ 7: 0 });
});

test("it grows past its first room without losing anything", () => {
  const set = new ObjectSet(middle, middle);

  set.apply(frame("snapshot", Array.from({ length: 10_000 }, (_, i) => [i, i, i, 0])));

  expect(set.count).toBe(10_000);
  expect(set.handles[9999]).toBe(9999);
});

test("picking finds the nearest within reach, and nothing beyond it", () => {
  const set = new ObjectSet(middle, middle);
  set.apply(frame("snapshot", [[1, 0, 0, 0], [2, 100 * metre, 0, 0]]));

  expect(set.pick(middle, middle, 1e-6)?.handle).toBe(1);
  expect(set.pick(middle + 1e-5, middle + 1e-5, 1e-6)).toBeNull();
});
