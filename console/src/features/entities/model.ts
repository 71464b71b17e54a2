// SPDX-License-Identifier: Apache-2.0
// An entity as NGSI-LD tells it (normalized, with system times), read for people. Source: GS CIM 009 V1.9.1, 4.5 and 5.2.
import { isMembers, listOf, textOf, type Members } from "@/shared/api/ngsi";
import type { LText } from "@/shared/api/contract.gen";

export type Kind =
  | "Property" | "LanguageProperty" | "GeoProperty" | "Relationship" | "ListProperty" | "ListRelationship" | "VocabProperty" | "JsonProperty";

/** One instance of an attribute; several share a name when they come from several data sets. */
export interface Attribute {
  name: string;
  kind: Kind;
  value: unknown;
  /** Ids of the entities a relationship leads to. */
  targets: readonly string[];
  unit: string | null;
  observedAt: string | null;
  modifiedAt: string | null;
  dataset: string | null;
  /** Properties and relationships of the attribute itself: quality, accuracy, source. */
  about: readonly { name: string; value: unknown; unit: string | null; targets: readonly string[] }[];
}

export interface Entity {
  id: string;
  types: readonly string[];
  scopes: readonly string[];
  createdAt: string | null;
  modifiedAt: string | null;
  attributes: readonly Attribute[];
}

export interface Point {
  lon: number;
  lat: number;
}

/** Where each kind of attribute keeps its value. */
const memberOf: Readonly<Record<Kind, string>> = {
  Property: "value", LanguageProperty: "languageMap", GeoProperty: "value", Relationship: "object", ListProperty: "valueList",
  ListRelationship: "objectList", VocabProperty: "vocab", JsonProperty: "json",
};
const ofEntity = new Set(["id", "type", "scope", "createdAt", "modifiedAt", "deletedAt", "expiresAt", "@context"]);
const ofAttribute = new Set(["type", "unitCode", "observedAt", "createdAt", "modifiedAt", "deletedAt", "expiresAt", "datasetId", "instanceId", "objectType", "valueType", "previousValue", ...Object.values(memberOf)]);

const isKind = (text: unknown): text is Kind => typeof text === "string" && text in memberOf;

function targetsOf(value: unknown): string[] {
  return listOf(value).flatMap((one) => (isMembers(one) ? listOf(one["object"]) : [one])).filter((one) => typeof one === "string");
}

function readInstance(name: string, instance: Members): Attribute | null {
  const kind = instance["type"];
  if (!isKind(kind)) return null;
  const value = instance[memberOf[kind]];
  return {
    name,
    kind,
    value,
    targets: kind === "Relationship" || kind === "ListRelationship" ? targetsOf(value) : [],
    unit: textOf(instance["unitCode"]),
    observedAt: textOf(instance["observedAt"]),
    modifiedAt: textOf(instance["modifiedAt"]),
    dataset: textOf(instance["datasetId"]),
    about: Object.entries(instance)
      .filter(([member]) => !ofAttribute.has(member))
      .flatMap(([member, part]) => listOf(part).map((one) => (isMembers(one) ? readInstance(member, one) : null)))
      .filter((one) => one !== null)
      .map((one) => ({ name: one.name, value: one.value, unit: one.unit, targets: one.targets })),
  };
}

/** Null for what is no entity. */
export function readEntity(json: unknown): Entity | null {
  if (!isMembers(json) || typeof json["id"] !== "string") return null;
  return {
    id: json["id"],
    types: listOf(json["type"]).map(String),
    scopes: listOf(json["scope"]).map(String),
    createdAt: textOf(json["createdAt"]),
    modifiedAt: textOf(json["modifiedAt"]),
    attributes: Object.entries(json)
      .filter(([name]) => !ofEntity.has(name))
      .flatMap(([name, part]) => listOf(part).map((one) => (isMembers(one) ? readInstance(name, one) : null)))
      .filter((one) => one !== null),
  };
}

export const attributeOf = (entity: Entity, name: string): Attribute | undefined => entity.attributes.find((one) => one.name === name);

/** A language map as the console's text in two languages; another language stands in for a missing one. */
export function languageText(map: unknown): LText | null {
  if (!isMembers(map)) return null;
  const texts = Object.fromEntries(Object.entries(map).map(([language, text]) => [language, listOf(text).map(String).join(", ")]));
  const ko = texts["ko"] ?? texts["@none"] ?? texts["en"] ?? Object.values(texts)[0];
  return ko === undefined ? null : { ko, ...(texts["en"] === undefined ? {} : { en: texts["en"] }) };
}

/** What the entity is called; its id without the common beginning where it has no name. */
export function nameOf(entity: Entity): LText | string {
  const name = attributeOf(entity, "name");
  if (name?.kind === "LanguageProperty") return languageText(name.value) ?? shortId(entity.id);
  return typeof name?.value === "string" && name.value !== "" ? name.value : shortId(entity.id);
}

/** urn:ngsi-ld:Camera:C-0001 is C-0001. */
export const shortId = (id: string): string => /^urn:ngsi-ld:[^:]+:(.+)$/.exec(id)?.[1] ?? id;

function firstPosition(coordinates: unknown): Point | null {
  if (!Array.isArray(coordinates)) return null;
  const [lon, lat] = coordinates as unknown[];
  if (typeof lon === "number" && typeof lat === "number") return { lon, lat };
  return firstPosition(lon);
}

/** The first position of a geometry: enough to find it on the map. */
export const pointOf = (geometry: unknown): Point | null => (isMembers(geometry) ? firstPosition(geometry["coordinates"]) : null);

export function placeOf(entity: Entity): { text: LText | string | null; point: Point | null } {
  const geometry = entity.attributes.find((one) => one.kind === "GeoProperty");
  const point = geometry === undefined ? null : pointOf(geometry.value);
  const address = attributeOf(entity, "address");
  const text = address?.kind === "LanguageProperty" ? languageText(address.value) : typeof address?.value === "string" ? address.value : null;
  return { text: text ?? (point === null ? null : coordinateText(point)), point };
}

export const coordinateText = (point: Point): string => `${point.lat.toFixed(5)}, ${point.lon.toFixed(5)}`;

/** The value as one line of text; language maps and geometries have their own ways. */
export function valueText(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "";
}

/** The class of a personal value the server masks: "[sealed contact]". */
export const sealedClass = (value: unknown): string | null => (typeof value === "string" ? (/^\[(?:sealed|erased) (\w+)\]$/.exec(value)?.[1] ?? null) : null);
export const hasSealed = (entity: Entity): boolean => entity.attributes.some((one) => sealedClass(one.value) !== null || one.about.some((part) => sealedClass(part.value) !== null));

/** The source tells how often it reports; past three times that its values are old. Null: it does not say. */
export function staleAfterMs(entity: Entity): number | null {
  const interval = attributeOf(entity, "interval");
  return typeof interval?.value === "number" && interval.value > 0 ? interval.value * 3000 : null;
}

/** The condition that finds all who hold that relationship to it. */
export const pointingAt = (attribute: string, id: string): string => `${attribute}=="${id.replace(/[\\"]/g, "\\$&")}"`;

const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
/** A pattern that finds the text as it stands, in any case. */
export const patternOf = (text: string): string => `(?i)${escaped(text)}`;

/** What is asked of `q`: the name, and what the person wrote. */
export function queryOf(name: string, written: string): string | undefined {
  const byName = name === "" ? "" : `name~="${patternOf(name).replace(/[\\"]/g, "\\$&")}"`;
  if (written === "") return byName === "" ? undefined : byName;
  return byName === "" ? written : `${byName};(${written})`;
}
