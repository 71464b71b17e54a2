// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Incident, Step } from "@/shared/api/contract.gen";
import { currentStep, dueOf, openFirst, progress, withQueued } from "./model";

const start = Date.UTC(2026, 10, 22, 5, 0, 0);
const step = (n: number, given: Partial<Step> = {}): Step => ({ n, text: { ko: "확인" }, state: "open", late: false, ...given });
const due = (seconds: number) => ({ due_at: new Date(start + seconds * 1000).toISOString() });

test("a step turns late at its second, without waiting for the server", () => {
  const thirty = step(1, due(30));

  expect([0, 19_999, 20_000, 29_999, 30_000].map((ms) => dueOf(thirty, start + ms))).toEqual(["ahead", "ahead", "soon", "soon", "late"]);
});

test("a step done in time is never late afterwards; one done late stays late", () => {
  expect(dueOf(step(1, { ...due(30), state: "done" }), start + 99_000)).toBe("none");
  expect(dueOf(step(1, { ...due(30), state: "done", late: true }), start)).toBe("late");
});

test("steps of a branch not taken are not counted", () => {
  const steps = [step(1, { state: "done" }), step(2, { state: "skipped" }), step(3)];

  expect(progress(steps)).toEqual({ done: 1, total: 2 });
  expect(currentStep(steps)?.n).toBe(3);
});

test("an incident nobody owns stands before one's own, closed ones are gone", () => {
  const incident = (id: string, given: object) => ({ id, state: "in_progress", severity: 2, owner: null, opened_at: "2026-11-22T05:00:00Z", ...given }) as unknown as Incident;
  const mine = { owner: { id: "me", name: "" } };

  const order = openFirst([incident("a", mine), incident("b", { ...mine, severity: 1 }), incident("c", {}), incident("d", { state: "closed" })], "me");

  expect(order.map((one) => one.id)).toEqual(["c", "b", "a"]);
});

test("what was ticked while cut off shows as done and pending", () => {
  const incident = { id: "i", procedure: { id: "p", version: 1, title: { ko: "" }, steps: [step(1), step(2)] } } as unknown as Incident;

  const shown = withQueued(incident, [{ incident: "i", n: 1, body: { act: "done", at: "2026-11-22T05:00:09Z" }, key: "k" }]);

  expect(shown.map((one) => [one.state, one.pending])).toEqual([["done", true], ["open", false]]);
  expect(shown[0]?.done_at).toBe("2026-11-22T05:00:09Z");
});
