// SPDX-License-Identifier: Apache-2.0
import { call } from "@/shared/api/client";
import type { Incident, LText, Notice, Place, Severity, Step, StepAction } from "@/shared/api/contract.gen";
import type { QueuedStep } from "./step-queue";

export const readIncident = (id: string): Promise<Incident> => call("getIncident", { params: { id } });

export const own = (id: string): Promise<Incident> => call("ownIncident", { params: { id } });

export const release = (id: string): Promise<Incident> => call("releaseIncident", { params: { id } });

export const actOnStep = ({ incident, n, body, key }: QueuedStep): Promise<Incident> =>
  call("actOnStep", { params: { id: incident, n }, body, idempotencyKey: key });

export interface Manual {
  title: LText;
  severity: Severity;
  place?: Place;
  service?: string;
  note?: string;
  drill: boolean;
  alarms?: string[];
}

export const openIncident = (given: Manual, key: string): Promise<Incident> =>
  call("openIncident", { body: given, idempotencyKey: key });

export const tell = (incident: string, step: Step, action: StepAction, key: string): Promise<Notice> =>
  call("sendNotice", {
    body: {
      incident,
      step: step.n,
      channel: action.channel ?? "",
      kind: action.kind,
      ...(action.peer === undefined ? {} : { peer: action.peer }),
    },
    idempotencyKey: key,
  });

export const answerNotice = (id: string, answer: "was_sent" | "send_again" | "drop"): Promise<Notice> =>
  call("answerNotice", { params: { id }, body: { answer } });
