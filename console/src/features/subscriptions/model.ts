// SPDX-License-Identifier: Apache-2.0
// A subscription as NGSI-LD tells it, read for people. Source: GS CIM 009 V1.9.1, 5.2.12 to 5.2.15; docs/ngsi-ld.md.
import { isMembers, listOf, textOf } from "@/shared/api/ngsi";

/** gap: it was behind for too long and gave up what it missed. */
export type State = "failing" | "gap" | "active" | "paused" | "expired";

export interface Subscription {
  id: string;
  name: string;
  state: State;
  /** What it watches: types or ids; empty: everything. */
  entities: readonly string[];
  attributes: readonly string[];
  q: string;
  everyS: number | null;
  throttlingS: number | null;
  endpoint: string;
  accept: string;
  sent: number;
  failed: number;
  lastAt: string | null;
  lastSuccessAt: string | null;
  lastFailureAt: string | null;
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
const states: readonly State[] = ["paused", "expired"];

function stateOf(status: unknown, told: unknown): State {
  const asleep = states.find((one) => one === status);
  if (asleep !== undefined) return asleep;
  return told === "failed" ? "failing" : told === "gap" ? "gap" : "active";
}

/** Null for what is no subscription. */
export function readSubscription(json: unknown): Subscription | null {
  if (!isMembers(json) || typeof json["id"] !== "string") return null;
  const notification = isMembers(json["notification"]) ? json["notification"] : {};
  const endpoint = isMembers(notification["endpoint"]) ? notification["endpoint"] : {};
  return {
    id: json["id"],
    name: textOf(json["subscriptionName"]) ?? textOf(json["description"]) ?? "",
    state: stateOf(json["status"], notification["status"]),
    entities: listOf(json["entities"]).filter(isMembers).map((one) => [one["type"], one["id"] ?? one["idPattern"]].filter((part) => part !== undefined).map(String).join(" ")),
    attributes: listOf(json["watchedAttributes"]).map(String),
    q: textOf(json["q"]) ?? "",
    everyS: numberOf(json["timeInterval"]),
    throttlingS: numberOf(json["throttling"]),
    endpoint: textOf(endpoint["uri"]) ?? "",
    accept: textOf(endpoint["accept"]) ?? "application/json",
    sent: numberOf(notification["timesSent"]) ?? 0,
    failed: numberOf(notification["timesFailed"]) ?? 0,
    lastAt: textOf(notification["lastNotification"]),
    lastSuccessAt: textOf(notification["lastSuccess"]),
    lastFailureAt: textOf(notification["lastFailure"]),
  };
}

const rank: Record<State, number> = { failing: 0, gap: 1, active: 2, paused: 3, expired: 4 };
export const isBad = (one: Subscription): boolean => one.state === "failing" || one.state === "gap";
/** Worst first, then by id, so that rows stay where they are. */
export const worstFirst = (all: readonly Subscription[]): Subscription[] => [...all].sort((a, b) => rank[a.state] - rank[b.state] || a.id.localeCompare(b.id));
