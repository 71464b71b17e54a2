// SPDX-License-Identifier: Apache-2.0
// What an operator does, from any key or button: asks the server, puts the answer on the desk, offers undo, says what failed.
import * as alarmApi from "@/features/alarms/api";
import * as incidentApi from "@/features/incidents/api";
import { StepQueue, type QueuedStep } from "@/features/incidents/step-queue";
import { ApiError, Unreachable } from "@/shared/api/client";
import type { Alarm, Disposition, Incident, Step } from "@/shared/api/contract.gen";
import { said, t } from "@/shared/i18n/index.svelte";
import { desk, live } from "@/shared/live/live";

export const undoMs = 10_000;
const toastMs = 6000;

export interface Toast {
  id: number;
  kind: "done" | "notice" | "problem";
  text: string;
  until: number;
}

export interface Undoable {
  alarmId: string;
  text: string;
  until: number;
}

const queueStore = "bongsu.steps";

class Acts {
  busy = $state(false);
  toasts = $state.raw<readonly Toast[]>([]);
  undoable = $state.raw<Undoable | null>(null);
  queued = $state.raw<readonly QueuedStep[]>([]);
  #next = 1;
  readonly #queue = new StepQueue({
    read: () => sessionStorage.getItem(queueStore),
    write: (text) => sessionStorage.setItem(queueStore, text),
  });

  constructor() {
    this.queued = this.#queue.items;
  }

  say(kind: Toast["kind"], text: string): void {
    const toast = { id: this.#next++, kind, text, until: performance.now() + toastMs };
    this.toasts = [...this.toasts.slice(-3), toast];
    setTimeout(() => this.dismiss(toast.id), toastMs);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  async acknowledge(alarm: Alarm): Promise<void> {
    await this.#alarmAct(alarm, t("did_acknowledge", { what: said(alarm.title) }), () => alarmApi.acknowledge(alarm.id));
  }

  /** One after another, each an act of its own in the audit record; stops at the first that fails. */
  async acknowledgeAll(alarms: readonly Alarm[]): Promise<void> {
    let done = 0;
    await this.#try(async () => {
      for (const alarm of alarms) {
        desk.putAlarm(await alarmApi.acknowledge(alarm.id));
        done++;
      }
    });
    if (done > 0) this.say("done", t("did_answer_all", { n: done }));
  }

  async close(alarm: Alarm, disposition: Disposition, note: string): Promise<void> {
    const text = t("did_close", { what: said(alarm.title), how: t(`disposition_${disposition}`) });
    await this.#alarmAct(alarm, text, () => alarmApi.closeAlarm(alarm.id, disposition, note));
  }

  async shelve(alarm: Alarm, reason: string, minutes: number): Promise<void> {
    await this.#alarmAct(alarm, t("did_shelve", { what: said(alarm.title) }), () => alarmApi.shelve(alarm.id, reason, minutes));
  }

  async unshelve(alarm: Alarm): Promise<void> {
    await this.#alarmAct(alarm, t("did_unshelve", { what: said(alarm.title) }), () => alarmApi.unshelve(alarm.id));
  }

  async comment(alarm: Alarm, text: string): Promise<void> {
    await this.#try(async () => {
      desk.putAlarm(await alarmApi.comment(alarm.id, text));
      this.say("done", t("did_comment"));
    });
  }

  async undo(): Promise<void> {
    const last = this.undoable;
    if (last === null || performance.now() > last.until) {
      this.say("notice", t("undo_nothing"));
      return;
    }
    this.undoable = null;
    await this.#try(async () => {
      desk.putAlarm(await alarmApi.undo(last.alarmId));
      this.say("done", t("did_undo", { what: last.text }));
    });
  }

  async own(incidentId: string): Promise<void> {
    await this.#try(async () => desk.putIncident(await incidentApi.own(incidentId)));
  }

  async release(incidentId: string): Promise<void> {
    await this.#try(async () => desk.putIncident(await incidentApi.release(incidentId)));
  }

  async escalate(alarm: Alarm): Promise<void> {
    await this.#try(async () => {
      const given = {
        title: alarm.title,
        severity: alarm.severity,
        drill: alarm.drill,
        alarms: [alarm.id],
        ...(alarm.place === null ? {} : { place: alarm.place }),
      };
      desk.putIncident(await incidentApi.openIncident(given, crypto.randomUUID()));
      this.say("done", t("did_escalate", { what: said(alarm.title) }));
    });
  }

  /** Returns the incident, or the text of what went wrong. */
  async openManual(given: incidentApi.Manual): Promise<Incident | string> {
    this.busy = true;
    try {
      const incident = await incidentApi.openIncident(given, crypto.randomUUID());
      desk.putIncident(incident);
      this.say("done", t("did_open", { what: said(incident.title) }));
      return incident;
    } catch (error) {
      return explain(error);
    } finally {
      this.busy = false;
    }
  }

  /** Cut off, the step is kept with its true time and sent later. */
  async step(incident: string, n: number, body: QueuedStep["body"]): Promise<void> {
    const step: QueuedStep = { incident, n, body, key: crypto.randomUUID() };
    if (this.#queue.items.length > 0 || live.status === "lost") return this.#keep(step);
    try {
      desk.putIncident(await incidentApi.actOnStep(step));
    } catch (error) {
      if (error instanceof Unreachable) this.#keep(step);
      else this.say("problem", explain(error));
    }
  }

  #keep(step: QueuedStep): void {
    const at = new Date(live.now).toISOString();
    if (!this.#queue.add({ ...step, body: { ...step.body, at } })) this.say("problem", t("step_queue_full"));
    this.queued = this.#queue.items;
  }

  /** After each reconnection. */
  async flushSteps(): Promise<void> {
    if (this.#queue.items.length === 0) return;
    const before = this.#queue.items.length;
    const refused = await this.#queue.flush(async (step) => {
      try {
        desk.putIncident(await incidentApi.actOnStep(step));
        return "taken";
      } catch (error) {
        return error instanceof Unreachable ? "unreachable" : "refused";
      } finally {
        this.queued = this.#queue.items;
      }
    });
    this.queued = this.#queue.items;
    const taken = before - this.#queue.items.length - refused.length;
    if (taken > 0) this.say("done", t("steps_sent", { n: taken }));
    if (refused.length > 0) this.say("problem", t("steps_refused", { n: refused.length }));
  }

  async tell(incident: Incident, step: Step): Promise<boolean> {
    if (step.action === undefined) return false;
    const action = step.action;
    return this.#try(async () => {
      desk.putNotice(await incidentApi.tell(incident.id, step, action, crypto.randomUUID()));
      this.say("done", t("did_tell", { who: action.peer ?? action.channel ?? "" }));
      const after = desk.incidents.get(incident.id)?.procedure?.steps.find((one) => one.n === step.n);
      if (after?.state === "open") await this.step(incident.id, step.n, { act: "done" });
    });
  }

  async answerNotice(id: string, answer: "was_sent" | "send_again" | "drop"): Promise<void> {
    await this.#try(async () => desk.putNotice(await incidentApi.answerNotice(id, answer)));
  }

  async #alarmAct(alarm: Alarm, text: string, act: () => Promise<Alarm>): Promise<void> {
    await this.#try(async () => {
      desk.putAlarm(await act());
      const until = performance.now() + undoMs;
      const mine: Undoable = { alarmId: alarm.id, text, until };
      this.undoable = mine;
      setTimeout(() => {
        if (this.undoable === mine) this.undoable = null;
      }, undoMs);
    });
  }

  async #try(act: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    try {
      await act();
      return true;
    } catch (error) {
      this.say(error instanceof ApiError && error.status === 409 ? "notice" : "problem", explain(error));
      return false;
    } finally {
      this.busy = false;
    }
  }
}

export function explain(error: unknown): string {
  if (error instanceof Unreachable) return t("unreachable");
  if (error instanceof ApiError) {
    if (error.reason === "alarm.already_owned") return t("already_owned", { who: error.owner?.name ?? t("somebody") });
    if (error.status === 501) return t("not_built");
    if (error.status === 403) return t("not_allowed", { why: error.message });
  }
  return error instanceof Error ? error.message : String(error);
}

export const acts = new Acts();
