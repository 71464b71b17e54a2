// SPDX-License-Identifier: Apache-2.0
import { ApiError, call } from "@/shared/api/client";
import type { SubscriptionQueue } from "@/shared/api/contract.gen";
import { listOf, patch, read, type Page } from "@/shared/api/ngsi";
import { readSubscription, type Subscription } from "./model";

/** A page of them: each screen shows a thousand at most, the rest is for programs. */
export async function listSubscriptions(signal: AbortSignal): Promise<Page<Subscription[]>> {
  const page = await read<unknown>("/subscriptions", { limit: 1000, count: true }, signal);
  return { ...page, items: listOf(page.items).map(readSubscription).filter((one) => one !== null) };
}

/** What each endpoint has still to be told, by subscription. */
export async function listQueues(signal: AbortSignal): Promise<Map<string, SubscriptionQueue>> {
  const { items } = await call("listSubscriptionQueues", { query: { limit: 1000 }, signal });
  return new Map(items.map((one) => [one.id, one]));
}

/** Whether this server keeps subscriptions at all. */
export async function served(): Promise<boolean> {
  try {
    await read<unknown>("/subscriptions", { limit: 1 });
    return true;
  } catch (error) {
    if (error instanceof ApiError) return error.status !== 501;
    throw error;
  }
}

export const setActive = (id: string, isActive: boolean): Promise<void> => patch(`/subscriptions/${encodeURIComponent(id)}`, { isActive });
