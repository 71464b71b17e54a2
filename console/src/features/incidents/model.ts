// SPDX-License-Identifier: Apache-2.0
// What a procedure shows at a moment: the current step, what is due, what is late.
import type { Incident, Step } from "@/shared/api/contract.gen";
import type { QueuedStep } from "./step-queue";

export type Due = "none" | "ahead" | "soon" | "late";

const soonMs = 10_000;

/** The server marks late; between its ticks the console turns to late at the second itself. */
export function dueOf(step: Step, nowMs: number): Due {
  if (step.state !== "open") return step.late ? "late" : "none";
  if (step.due_at === undefined) return step.late ? "late" : "none";
  const left = Date.parse(step.due_at) - nowMs;
  if (step.late || left <= 0) return "late";
  return left <= soonMs ? "soon" : "ahead";
}

export function leftMs(step: Step, nowMs: number): number {
  return step.due_at === undefined ? 0 : Date.parse(step.due_at) - nowMs;
}

/** The first open step. */
export function currentStep(steps: readonly Step[]): Step | undefined {
  return steps.find((step) => step.state === "open");
}

/** Open incidents: those nobody owns, then one's own, then the others; in each the worst and oldest first. */
export function openFirst(incidents: readonly Incident[], me: string): Incident[] {
  const rank = (one: Incident) => (one.owner === null ? 0 : one.owner.id === me ? 1 : 2);
  return incidents
    .filter((one) => one.state !== "closed")
    .sort((a, b) => rank(a) - rank(b) || a.severity - b.severity || Date.parse(a.opened_at) - Date.parse(b.opened_at));
}

export function progress(steps: readonly Step[]): { done: number; total: number } {
  const counted = steps.filter((step) => step.state !== "skipped");
  return { done: counted.filter((step) => step.state !== "open").length, total: counted.length };
}

/** Steps as the operator left them: what is queued shows as done until the server has it. */
export function withQueued(incident: Incident, queued: readonly QueuedStep[]): (Step & { pending: boolean })[] {
  const steps = incident.procedure?.steps ?? [];
  return steps.map((step) => {
    const last = queued.filter((one) => one.incident === incident.id && one.n === step.n).at(-1);
    if (last === undefined) return { ...step, pending: false };
    const { act, answer, reason, at } = last.body;
    const state = act === "undo" ? "open" : act === "impossible" ? "impossible" : "done";
    return {
      ...step,
      state,
      pending: true,
      ...(answer === undefined ? {} : { answer }),
      ...(reason === undefined ? {} : { reason }),
      ...(at === undefined ? {} : { done_at: at }),
    };
  });
}
