// SPDX-License-Identifier: Apache-2.0
// A subscription as NGSI-LD tells it, read for people. Source: GS CIM 009 V1.9.1, 5.2.12 to 5.2.15; docs/ngsi-ld.md.
import { isMembers, listOf, textOf } from "@/shared/api/ngsi";
import type { SubscriptionState } from "@/shared/api/contract.gen";

export type State = SubscriptionState;
/** In the order of the list: what needs somebody first. */
export const states: readonly State[] = ["failing", "gap", "active", "paused", "expired"];
export const isBad = (state: State): boolean => state === "failing" || state === "gap";
export const isState = (text: string): text is State => states.some((one) => one === text);

/** What it asks for. */
export interface Subscription {
  id: string;
  name: string;
  /** What it watches: types or ids; empty: everything. */
  entities: readonly string[];
  attributes: readonly string[];
  q: string;
  /** What of an entity the receiver gets; empty: all of it. */
  told: readonly string[];
  everyS: number | null;
  throttlingS: number | null;
  endpoint: string;
  accept: string;
  createdAt: string | null;
  expiresAt: string | null;
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** The address without user and password: those are nobody's at a screen. */
export const shownAddress = (uri: string): string => uri.replace(/^(\w+:\/\/)[^/]*@/, "$1");

/** Null for what is no subscription. */
export function readSubscription(json: unknown): Subscription | null {
  if (!isMembers(json) || typeof json["id"] !== "string") return null;
  const notification = isMembers(json["notification"]) ? json["notification"] : {};
  const endpoint = isMembers(notification["endpoint"]) ? notification["endpoint"] : {};
  return {
    id: json["id"],
    name: textOf(json["subscriptionName"]) ?? textOf(json["description"]) ?? "",
    entities: listOf(json["entities"]).filter(isMembers).map((one) => [one["type"], one["id"] ?? one["idPattern"]].filter((part) => part !== undefined).map(String).join(" ")),
    attributes: listOf(json["watchedAttributes"]).map(String),
    q: textOf(json["q"]) ?? "",
    told: listOf(notification["attributes"] ?? notification["pick"]).map(String),
    everyS: numberOf(json["timeInterval"]),
    throttlingS: numberOf(json["throttling"]),
    endpoint: shownAddress(textOf(endpoint["uri"]) ?? ""),
    accept: textOf(endpoint["accept"]) ?? "application/json",
    createdAt: textOf(json["createdAt"]),
    expiresAt: textOf(json["expiresAt"]),
  };
}

/** Why the newest attempt that failed did: an answer with a status, no answer at all, or as the server says it. */
export type Failure = { kind: "answered"; status: string } | { kind: "silent"; why: string } | { kind: "other"; why: string };

export function failureOf(error: string): Failure | null {
  if (error === "") return null;
  const answered = /^answered (\d+)$/.exec(error)?.[1];
  if (answered !== undefined) return { kind: "answered", status: answered };
  const silent = /(?:did not answer|^broker \S+?)(?:: (.*))?$/.exec(error);
  return silent === null ? { kind: "other", why: error } : { kind: "silent", why: silent[1] ?? "" };
}
