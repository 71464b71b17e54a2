// SPDX-License-Identifier: Apache-2.0
// NGSI-LD as this server serves it. Its bodies are the standard's, so the contract types none of them: whoever asks reads
// them with care. Lists are asked for even of one thing: they mask personal values, and looking at them again and again
// leaves no row of views in the audit trail.
import { pathOf, send } from "./client";

export type Members = Record<string, unknown>;

export interface Page<T> {
  items: T;
  /** Of all pages; null when it was not asked for. */
  total: number | null;
  more: boolean;
  /** The server cut the answer (206). */
  cut: boolean;
}

const root = "/ngsi-ld/v1";

export async function read<T>(path: string, query: Members, signal?: AbortSignal): Promise<Page<T>> {
  const response = await send("GET", pathOf(root + path, {}, query), signal === undefined ? {} : { signal });
  const total = response.headers.get("NGSILD-Results-Count");
  return {
    items: (await response.json()) as T,
    total: total === null ? null : Number(total),
    more: /rel="next"/.test(response.headers.get("Link") ?? ""),
    cut: response.status === 206,
  };
}

export async function patch(path: string, body: Members): Promise<void> {
  await send("PATCH", root + path, { body });
}

export const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);
export const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
