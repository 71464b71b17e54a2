// SPDX-License-Identifier: Apache-2.0
import { call } from "@/shared/api/client";
import type { Alarm, AlarmDetail, Disposition } from "@/shared/api/contract.gen";

export const readAlarm = (id: string, signal: AbortSignal): Promise<AlarmDetail> =>
  call("getAlarm", { params: { id }, signal });

export const acknowledge = (id: string): Promise<Alarm> => call("acknowledgeAlarm", { params: { id } });

export const closeAlarm = (id: string, disposition: Disposition, note: string): Promise<Alarm> =>
  call("closeAlarm", { params: { id }, body: note === "" ? { disposition } : { disposition, note } });

export const shelve = (id: string, reason: string, minutes: number): Promise<Alarm> =>
  call("shelveAlarm", { params: { id }, body: { reason, minutes } });

export const unshelve = (id: string): Promise<Alarm> => call("unshelveAlarm", { params: { id } });

export const comment = (id: string, text: string): Promise<Alarm> =>
  call("commentAlarm", { params: { id }, body: { text } });

export const undo = (id: string): Promise<Alarm> => call("undoAlarmAct", { params: { id } });
