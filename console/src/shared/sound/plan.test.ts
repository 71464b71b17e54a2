// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { SoundPlan } from "./plan";

const fire = { key: "fire", severity: 1 };
const bell = { key: "bell", severity: 3 };

function count(plan: SoundPlan, groups: (ms: number) => { key: string; severity: number }[], flood: boolean, forMs: number): number {
  let tones = 0;
  for (let ms = 0; ms < forMs; ms += 250) if (plan.next(groups(ms), flood, ms) !== null) tones++;
  return tones;
}

test("a critical alarm rings at once and then every five seconds", () => {
  expect(count(new SoundPlan(), () => [fire], false, 20_000)).toBe(4);
});

test("a medium alarm rings once", () => {
  expect(count(new SoundPlan(), () => [bell], false, 60_000)).toBe(1);
});

test("the worst of several new ones is heard", () => {
  expect(new SoundPlan().next([bell, fire], false, 0)).toEqual({ severity: 1 });
});

test("silencing stops the repeats but not the next alarm", () => {
  const plan = new SoundPlan();
  plan.next([fire], false, 0);
  plan.silence([fire]);

  expect(plan.next([fire], false, 6000)).toBeNull();
  expect(plan.next([fire, { key: "second", severity: 1 }], false, 6250)).toEqual({ severity: 1 });
});

test("a flood has at most three tones a minute, whatever arrives", () => {
  const arriving = (ms: number) => Array.from({ length: Math.floor(ms / 300) }, (_, i) => ({ key: `k${i}`, severity: 1 + (i % 3) }));

  expect(count(new SoundPlan(), arriving, true, 60_000)).toBeLessThanOrEqual(3);
});

test("a critical alarm is heard at once, also in the middle of a flood", () => {
  const plan = new SoundPlan();
  plan.next([bell], true, 0);
  plan.next([bell, { key: "gauge", severity: 2 }], true, 500);

  expect(plan.next([bell, { key: "gauge", severity: 2 }, fire], true, 1000)).toEqual({ severity: 1 });
});

test("nothing unanswered is silence", () => {
  expect(count(new SoundPlan(), () => [], false, 10_000)).toBe(0);
});
