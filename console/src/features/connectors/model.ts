// SPDX-License-Identifier: Apache-2.0
// Links worst first, and whether a link has been silent for longer than it may be.
import type { Connector, ConnectorState } from "@/shared/api/contract.gen";

const rank: Record<ConnectorState, number> = { error: 0, silent: 1, connecting: 2, connected: 3, listening: 3, off: 4 };

export function isBad(connector: Connector): boolean {
  return rank[connector.state] <= 1;
}

export function worstFirst(connectors: readonly Connector[]): Connector[] {
  return [...connectors].sort((a, b) => rank[a.state] - rank[b.state] || a.source.localeCompare(b.source) || a.id.localeCompare(b.id));
}

/** Platform ms since the last message; null when there never was one. */
export function silenceMs(connector: Connector, nowMs: number): number | null {
  return connector.last_message_at === null ? null : nowMs - Date.parse(connector.last_message_at);
}

/** Older than its own limit: what it says is not what is. */
export function isStale(connector: Connector, nowMs: number): boolean {
  const silence = silenceMs(connector, nowMs);
  return connector.silence_after_s > 0 && silence !== null && silence > connector.silence_after_s * 1000;
}
