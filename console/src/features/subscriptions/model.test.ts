// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { failureOf, readSubscription, shownAddress } from "./model";

test("a subscription is read with what it watches, what it tells and whom", () => {
  expect(
    readSubscription({
      id: "urn:ngsi-ld:Subscription:1", type: "Subscription", subscriptionName: "levels", entities: [{ type: "Gauge", idPattern: "WG.*" }], watchedAttributes: ["level"], throttling: 5,
      notification: { attributes: ["level"], endpoint: { uri: "mqtt://me:secret@broker/levels" } },
    }),
  ).toMatchObject({ name: "levels", entities: ["Gauge WG.*"], attributes: ["level"], told: ["level"], endpoint: "mqtt://broker/levels", accept: "application/json", throttlingS: 5, expiresAt: null });
  expect(readSubscription("nothing")).toBeNull();
});

test("an address is shown without user and password, and is otherwise as it was", () => {
  expect(shownAddress("https://a:b@host:1/n?x=c@d")).toBe("https://host:1/n?x=c@d");
  expect(shownAddress("http://host/n@m")).toBe("http://host/n@m");
});

test("a failure is an answer, a silence or what the server says", () => {
  expect(failureOf("answered 503")).toEqual({ kind: "answered", status: "503" });
  expect(failureOf("127.0.0.1:9 did not answer: Connection refused")).toEqual({ kind: "silent", why: "Connection refused" });
  expect(failureOf("broker 127.0.0.1:9: Connection refused")).toEqual({ kind: "silent", why: "Connection refused" });
  expect(failureOf("no such topic")).toEqual({ kind: "other", why: "no such topic" });
  expect(failureOf("")).toBeNull();
});
