// SPDX-License-Identifier: Apache-2.0
import { ApiError, call } from "@/shared/api/client";
import type { Operations, SubscriptionQueue } from "@/shared/api/contract.gen";
import { patch, read } from "@/shared/api/ngsi";
import { readSubscription, type State, type Subscription } from "./model";

export const pageSize = 50;
export type QueuePage = Operations["listSubscriptionQueues"]["answer"];

export interface ListQuery {
  /** Empty: every state. */
  state: State | "";
  text: string;
  /** Where the page before ended; empty: the first page. */
  cursor: string;
}

/** Whom each tells and whether that works, what needs somebody first. */
export function listSubscriptions({ state, text, cursor }: ListQuery, signal: AbortSignal): Promise<QueuePage> {
  const query = { limit: pageSize, ...(state === "" ? {} : { state }), ...(text === "" ? {} : { text }), ...(cursor === "" ? {} : { cursor }) };
  return call("listSubscriptionQueues", { query, signal });
}

/** What it asks for and how it fares; null when there is none. */
export async function lookAt(id: string, signal: AbortSignal): Promise<{ subscription: Subscription; queue: SubscriptionQueue } | null> {
  try {
    const [{ items }, { items: queues }] = await Promise.all([
      read<unknown>(`/subscriptions/${encodeURIComponent(id)}`, { options: "sysAttrs" }, signal),
      call("listSubscriptionQueues", { query: { id, limit: 1 }, signal }),
    ]);
    const subscription = readSubscription(items);
    const queue = queues[0];
    return subscription === null || queue === undefined ? null : { subscription, queue };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
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
