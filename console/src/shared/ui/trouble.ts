// SPDX-License-Identifier: Apache-2.0
// An error as a person needs it: what happened, the way out, and the server's own words for whoever looks after it.
import { ApiError, Unreachable } from "@/shared/api/client";
import { t, word, type TextKey } from "@/shared/i18n/index.svelte";

export interface Trouble {
  what: string;
  way: string;
  /** In the server's language; empty when there is none, or `what` says the same. */
  detail: string;
}

/** By the reason of the answer, else by its status; each has trouble_…  and trouble_…_way in the catalogue. */
const reasons: Readonly<Record<string, string>> = {
  "personal.not_allowed": "personal", "ngsi.TooComplexQuery": "complex", "ngsi.TooManyResults": "large", "history.trimmed": "trimmed",
};
const statuses: Readonly<Record<number, string>> = { 401: "session", 403: "forbidden", 404: "missing", 429: "busy", 501: "unbuilt", 503: "busy", 504: "busy", 507: "full" };

/** The server says so of asOf and of a history in the same words. */
const trimmed = /is no longer kept$/;

function nameOf(error: unknown): string | null {
  if (error instanceof Unreachable) return "unreachable";
  if (!(error instanceof ApiError)) return null;
  return reasons[error.reason] ?? (error.status === 404 && trimmed.test(error.message) ? "trimmed" : (statuses[error.status] ?? (error.status >= 500 ? "server" : null)));
}

export function troubleOf(error: unknown): Trouble {
  const name = nameOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (name === null) return { what: message, way: "", detail: "" };
  const key = `trouble_${name}`;
  return { what: word(key, message), way: t(`${key}_way` as TextKey), detail: error instanceof Unreachable ? "" : message };
}
