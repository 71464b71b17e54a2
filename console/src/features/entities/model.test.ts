// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { attributeOf, hasSealed, languageText, nameOf, placeOf, pointOf, queryOf, readEntity, shortId, staleAfterMs, type Entity } from "./model";

const gauge = {
  id: "urn:ngsi-ld:WaterLevelGauge:WG-01",
  type: "WaterLevelGauge",
  createdAt: "2026-11-22T01:00:19.697347Z",
  modifiedAt: "2026-11-22T01:09:48.010520Z",
  name: { type: "LanguageProperty", languageMap: { ko: "하늘강 하구 수위계", en: "Haneulgang mouth level gauge" } },
  location: { type: "GeoProperty", value: { type: "Point", coordinates: [126.574652, 35.805814] } },
  level: [
    { type: "Property", value: 1.21, unitCode: "MTR", observedAt: "2026-11-22T01:09:48Z", accuracy: { type: "Property", value: 0.01, unitCode: "MTR" }, providedBy: { type: "Relationship", object: "urn:ngsi-ld:Logger:7" } },
    { type: "Property", value: 1.25, unitCode: "MTR", datasetId: "urn:ngsi-ld:Dataset:radar" },
  ],
  refCamera: { type: "Relationship", object: ["urn:ngsi-ld:Camera:C-1", "urn:ngsi-ld:Camera:C-2"] },
  route: { type: "ListRelationship", objectList: [{ object: "urn:ngsi-ld:Stop:1" }, { object: "urn:ngsi-ld:Stop:2" }] },
  interval: { type: "Property", value: 60, unitCode: "SEC" },
};
const read = (json: unknown): Entity => readEntity(json) ?? { id: "", types: [], scopes: [], createdAt: null, modifiedAt: null, attributes: [] };

test("each instance of an attribute is read with unit, time and what is said about it", () => {
  const entity = read(gauge);

  expect(entity.attributes.map((one) => one.name)).toEqual(["name", "location", "level", "level", "refCamera", "route", "interval"]);
  expect(attributeOf(entity, "level")).toMatchObject({ value: 1.21, unit: "MTR", observedAt: "2026-11-22T01:09:48Z", dataset: null });
  expect(attributeOf(entity, "level")?.about).toEqual([
    { name: "accuracy", value: 0.01, unit: "MTR", targets: [] },
    { name: "providedBy", value: "urn:ngsi-ld:Logger:7", unit: null, targets: ["urn:ngsi-ld:Logger:7"] },
  ]);
  expect(entity.attributes[3]).toMatchObject({ value: 1.25, dataset: "urn:ngsi-ld:Dataset:radar" });
});

test("relationships lead to every entity they name", () => {
  const entity = read(gauge);

  expect(attributeOf(entity, "refCamera")?.targets).toEqual(["urn:ngsi-ld:Camera:C-1", "urn:ngsi-ld:Camera:C-2"]);
  expect(attributeOf(entity, "route")?.targets).toEqual(["urn:ngsi-ld:Stop:1", "urn:ngsi-ld:Stop:2"]);
});

test("what is no entity is not read as one", () => {
  expect(readEntity(null)).toBeNull();
  expect(readEntity([])).toBeNull();
  expect(readEntity({ type: "Camera" })).toBeNull();
  expect(read({ id: "urn:x:1", type: "X", odd: 7, other: { type: "Unheard" } }).attributes).toEqual([]);
});

test("an entity without a name is called by the end of its id", () => {
  expect(nameOf(read(gauge))).toEqual({ ko: "하늘강 하구 수위계", en: "Haneulgang mouth level gauge" });
  expect(nameOf(read({ id: "urn:ngsi-ld:Vehicle:a:b", type: "Vehicle" }))).toBe("a:b");
  expect(nameOf(read({ id: "urn:ngsi-ld:Room:1", type: "Room", name: { type: "Property", value: "Lobby" } }))).toBe("Lobby");
  expect(shortId("https://city.example/rooms/1")).toBe("https://city.example/rooms/1");
});

test("a text that exists in other languages only is still shown", () => {
  expect(languageText({ fr: "pont" })).toEqual({ ko: "pont" });
  expect(languageText({ en: "bridge" })).toEqual({ ko: "bridge", en: "bridge" });
  expect(languageText({})).toBeNull();
});

test("the place is the address, else the coordinates, else unknown", () => {
  expect(placeOf(read(gauge))).toEqual({ text: "35.80581, 126.57465", point: { lon: 126.574652, lat: 35.805814 } });
  expect(placeOf(read({ id: "urn:x:1", type: "X" }))).toEqual({ text: null, point: null });
  expect(pointOf({ type: "Polygon", coordinates: [[[1, 2], [3, 4], [1, 2]]] })).toEqual({ lon: 1, lat: 2 });
  expect(pointOf({ type: "Point", coordinates: [] })).toBeNull();
});

test("a name is sought as it stands, whatever signs are in it, together with the written condition", () => {
  expect(queryOf("", "")).toBeUndefined();
  expect(queryOf("", "level>1")).toBe("level>1");
  expect(queryOf("12 (북)", "")).toBe('name~="(?i)12 \\\\(북\\\\)"');
  expect(queryOf('a"b', "level>1|level<0")).toBe('name~="(?i)a\\"b";(level>1|level<0)');
});

test("a source that says how often it reports is old after three times that", () => {
  expect(staleAfterMs(read(gauge))).toBe(180_000);
  expect(staleAfterMs(read({ id: "urn:x:1", type: "X" }))).toBeNull();
});

test("masked personal values are known as that", () => {
  expect(hasSealed(read({ id: "urn:x:1", type: "X", phone: { type: "Property", value: "[sealed contact]" } }))).toBe(true);
  expect(hasSealed(read(gauge))).toBe(false);
});
