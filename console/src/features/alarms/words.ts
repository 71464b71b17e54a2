// SPDX-License-Identifier: Apache-2.0
// An alarm in words, the same everywhere it appears.
import type { Alarm } from "@/shared/api/contract.gen";
import { said, t } from "@/shared/i18n/index.svelte";
import { unanswered } from "./model";

export function placeText(alarm: Alarm): string {
  const place = alarm.place;
  if (place === null) return t("place_unknown");
  return said(place.name) || said(place.address) || said(place.district) || coordinates(place);
}

export function coordinates(place: { lat: number; lon: number }): string {
  return `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`;
}

/** What is being done about it, and by whom. */
export function stateText(alarm: Alarm, me: string): string {
  if (alarm.closed) return t(`disposition_${alarm.closed.disposition}`);
  if (alarm.shelved) return t("state_shelved");
  if (alarm.suppressed) return t("state_suppressed");
  if (alarm.out_of_service) return t("state_out_of_service");
  if (unanswered(alarm)) return alarm.state === "returned" ? t("state_returned") : t("state_unacked");
  const who = alarm.owner === null ? "" : alarm.owner.id === me ? t("me") : alarm.owner.name;
  const word = alarm.procedure && alarm.procedure.done > 0 ? t("state_in_hand") : t("state_acked");
  return who === "" ? word : `${word} · ${who}`;
}

export function markerLabel(alarm: Alarm, total: number): string {
  const times = total > 1 ? ` ×${total}` : "";
  return `${alarm.severity} ${t(`severity_${alarm.severity}`)}: ${said(alarm.title)}, ${placeText(alarm)}${times}`;
}
