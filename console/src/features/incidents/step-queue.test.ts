// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { StepQueue, type QueuedStep } from "./step-queue";

const step = (n: number): QueuedStep => ({ incident: "i", n, body: { act: "done", at: `2026-11-22T05:00:0${n}Z` }, key: `k${n}` });

function memory(start: string | null = null) {
  let text = start;
  return { read: () => text, write: (next: string) => void (text = next) };
}

test("steps are sent in the order they were ticked, with their true times", async () => {
  const queue = new StepQueue(memory());
  queue.add(step(1));
  queue.add(step(2));
  const sent: QueuedStep[] = [];

  await queue.flush((one) => {
    sent.push(one);
    return Promise.resolve("taken");
  });

  expect(sent.map((one) => one.body.at)).toEqual(["2026-11-22T05:00:01Z", "2026-11-22T05:00:02Z"]);
  expect(queue.items).toEqual([]);
});

test("an unreachable server keeps the rest for the next time", async () => {
  const queue = new StepQueue(memory());
  [1, 2, 3].forEach((n) => queue.add(step(n)));

  await queue.flush((one) => Promise.resolve(one.n === 2 ? "unreachable" : "taken"));

  expect(queue.items.map((one) => one.n)).toEqual([2, 3]);
});

test("a refused step is reported and does not block the others", async () => {
  const queue = new StepQueue(memory());
  [1, 2].forEach((n) => queue.add(step(n)));

  const refused = await queue.flush((one) => Promise.resolve(one.n === 1 ? "refused" : "taken"));

  expect(refused.map((one) => one.n)).toEqual([1]);
  expect(queue.items).toEqual([]);
});

test("the queue survives a reload of the page and a damaged store", () => {
  const kept = memory();
  new StepQueue(kept).add(step(4));

  expect(new StepQueue(kept).items.map((one) => one.n)).toEqual([4]);
  expect(new StepQueue(memory("{broken")).items).toEqual([]);
});

test("two flushes at once send nothing twice", async () => {
  const queue = new StepQueue(memory());
  queue.add(step(1));
  let sends = 0;
  const send = async () => {
    sends++;
    await Promise.resolve();
    return "taken" as const;
  };

  await Promise.all([queue.flush(send), queue.flush(send)]);

  expect(sends).toBe(1);
});

test("a full queue says so", () => {
  const queue = new StepQueue(memory());
  for (let n = 0; n < 200; n++) queue.add(step(n));

  expect(queue.add(step(200))).toBe(false);
});
