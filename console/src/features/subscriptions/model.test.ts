// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { isBad, readSubscription, worstFirst, type Subscription } from "./model";

const told = (status: string, notification: object = {}, more: object = {}) =>
  readSubscription({ id: "urn:ngsi-ld:Subscription:1", type: "Subscription", status, entities: [{ type: "Gauge", idPattern: "WG.*" }], watchedAttributes: ["level"], notification: { endpoint: { uri: "http://127.0.0.1/n" }, ...notification }, ...more }) as Subscription;

test("a subscription is read with what it watches and how its notifications fare", () => {
  expect(told("active", { status: "ok", timesSent: 7, lastNotification: "2026-11-22T05:00:00Z" }, { subscriptionName: "levels", throttling: 5 })).toMatchObject({
    name: "levels", state: "active", entities: ["Gauge WG.*"], attributes: ["level"], endpoint: "http://127.0.0.1/n", accept: "application/json", sent: 7, failed: 0, lastAt: "2026-11-22T05:00:00Z", throttlingS: 5,
  });
  expect(readSubscription("nothing")).toBeNull();
});

test("its state is that it sleeps, else that its endpoint fails or that it missed something", () => {
  expect(told("paused", { status: "failed" }).state).toBe("paused");
  expect(told("expired").state).toBe("expired");
  expect(told("active", { status: "failed" }).state).toBe("failing");
  expect(told("active", { status: "gap" }).state).toBe("gap");
  expect(told("active").state).toBe("active");
});

test("what needs somebody stands on top", () => {
  const order = worstFirst([told("paused"), told("active"), told("active", { status: "gap" }), told("active", { status: "failed" })]);

  expect(order.map((one) => one.state)).toEqual(["failing", "gap", "active", "paused"]);
  expect(order.map(isBad)).toEqual([true, true, false, false]);
});
