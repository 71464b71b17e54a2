// SPDX-License-Identifier: Apache-2.0
import { said, t } from "@/shared/i18n/index.svelte";
import { isMembers } from "@/shared/api/ngsi";
import { coordinateText, languageText, pointOf, sealedClass, shortId, valueText } from "./model";

/** A value of a history as one short text: a switch in words, a language map in the seat's language, a link by its id, a
 *  place by its coordinates. */
export function stateText(value: unknown): string {
  if (value === true || value === false) return t(value ? "value_true" : "value_false");
  if (Array.isArray(value)) return value.map(stateText).join(", ");
  if (typeof value === "string") return value === "" ? "–" : sealedClass(value) !== null ? t("history_sealed") : shortId(value);
  if (!isMembers(value)) return valueText(value);
  if ("languageMap" in value) return said(languageText(value["languageMap"]));
  if ("object" in value) return stateText(value["object"]);
  const point = "coordinates" in value ? pointOf(value) : null;
  return point === null ? valueText(value) : `${value["type"] === "Point" ? "" : `${String(value["type"])} `}${coordinateText(point)}`;
}
