// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Connector } from "@/shared/api/contract.gen";
import { isStale, worstFirst } from "./model";

const link = (given: Partial<Connector>): Connector => ({
  id: "mqtt-1", kind: "mqtt", source: "bells", tenant: "haneul", state: "connected", last_message_at: "2026-11-22T05:00:00Z",
  rate_per_min: 1, accepted: 1, refused: 0, duplicate: 0, quarantined: 0, dropped: 0, errors: [], silence_after_s: 60, address: "", config_redacted: {},
  ...given,
});
const now = Date.parse("2026-11-22T05:01:01Z");

test("what is broken stands on top", () => {
  const order = worstFirst([link({ source: "a" }), link({ source: "b", state: "silent" }), link({ source: "c", state: "error" })]);

  expect(order.map((one) => one.source)).toEqual(["c", "b", "a"]);
});

test("a link is stale only past its own limit", () => {
  expect(isStale(link({}), now)).toBe(true);
  expect(isStale(link({ silence_after_s: 120 }), now)).toBe(false);
  expect(isStale(link({ silence_after_s: 0 }), now)).toBe(false);
  expect(isStale(link({ last_message_at: null }), now)).toBe(false);
});
