// SPDX-License-Identifier: Apache-2.0
// Reads now and again: never two at once, never while nobody can see the page; at once when the server answers again.
import { reachable } from "@/shared/api/client";

/** @returns what ends it */
export function poll(read: (signal: AbortSignal) => Promise<void>, everyMs: number): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;

  async function next(): Promise<void> {
    if (stop.signal.aborted || reading || document.hidden) return;
    clearTimeout(timer);
    reading = true;
    await read(stop.signal);
    reading = false;
    if (!stop.signal.aborted) timer = setTimeout(() => void next(), everyMs);
  }

  const seen = () => void next();
  document.addEventListener("visibilitychange", seen);
  addEventListener(reachable, seen);
  void next();
  return () => {
    stop.abort();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
    removeEventListener(reachable, seen);
  };
}
