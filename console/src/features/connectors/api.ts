// SPDX-License-Identifier: Apache-2.0
import { call } from "@/shared/api/client";
import type { Connector, IngestResult, Quarantined } from "@/shared/api/contract.gen";

export const listConnectors = async (): Promise<Connector[]> => (await call("listConnectors", {})).items;

export const listQuarantine = (source?: string): Promise<{ items: Quarantined[]; next?: string }> =>
  call("listQuarantine", { query: source === undefined ? { limit: 50 } : { limit: 50, source } });

export const replay = (id: string): Promise<IngestResult> => call("replayQuarantined", { params: { id } });
