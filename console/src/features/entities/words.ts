// SPDX-License-Identifier: Apache-2.0
import { said, t } from "@/shared/i18n/index.svelte";
import { isMembers } from "@/shared/api/ngsi";
import { languageText, shortId, valueText } from "./model";

/** A value of a history as one short text: a switch in words, a language map in the seat's language, a link by its id. */
export function stateText(value: unknown): string {
  if (value === true || value === false) return t(value ? "value_true" : "value_false");
  if (isMembers(value) && "languageMap" in value) return said(languageText(value["languageMap"]));
  if (typeof value === "string") return value === "" ? "–" : shortId(value);
  return valueText(value);
}
