// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { isUnnumbered, reconnectDelayMs, Sequence } from "./sequence";

const alarm = (seq: number, prev: number | null) => ({ type: "alarm", seq, prev });

test("frames that follow each other are applied, also where permissions leave holes in the numbers", () => {
  const sequence = new Sequence();
  sequence.accept({ type: "snapshot", seq: 10, prev: null });

  const verdicts = [sequence.accept(alarm(12, 10)), sequence.accept(alarm(40, 12))];

  expect(verdicts).toEqual(["apply", "apply"]);
  expect(sequence.held).toBe(40);
});

test("a frame whose predecessor never came is a loss and is not applied", () => {
  const sequence = new Sequence();
  sequence.accept({ type: "snapshot", seq: 10, prev: null });

  expect(sequence.accept(alarm(14, 13))).toBe("lost");
  expect(sequence.held).toBe(10);
});

test("a replay after a loss fills the hole and drops what is already there", () => {
  const sequence = new Sequence();
  sequence.accept({ type: "snapshot", seq: 10, prev: null });
  sequence.accept(alarm(11, 10));
  sequence.accept(alarm(14, 13));

  const replay = [alarm(11, 10), alarm(13, 11), alarm(14, 13)].map((frame) => sequence.accept(frame));

  expect(replay).toEqual(["drop", "apply", "apply"]);
});

test("a snapshot moves to its own position, forwards and backwards", () => {
  const sequence = new Sequence();
  sequence.accept({ type: "snapshot", seq: 90, prev: null });

  sequence.accept({ type: "snapshot", seq: 5, prev: null });

  expect(sequence.held).toBe(5);
});

test("a counter never moves the position but shows that something is missing", () => {
  const sequence = new Sequence();
  sequence.accept({ type: "snapshot", seq: 10, prev: null });
  const counter = { type: "counter", seq: 12, prev: 12 };

  expect(isUnnumbered(counter)).toBe(true);
  expect(sequence.behind(counter)).toBe(true);
  expect(sequence.held).toBe(10);
});

test("reconnecting never waits longer than 5 s, 36 s when the server asked for it, and never at the same moment as the others", () => {
  expect(reconnectDelayMs(0, 0.5, false)).toBe(1000);
  expect(reconnectDelayMs(99, 1, false)).toBeLessThan(5000);
  expect(reconnectDelayMs(99, 1, true)).toBe(36_000);
  expect(reconnectDelayMs(2, 0, true)).toBe(4000);
});
