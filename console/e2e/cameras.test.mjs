// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** T-04: the table of src/act/cameras/nearest_cases.json, put in over NGSI-LD, asked for by an alarm of a linked agency, read off the screen. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { batch, closeAll, launch, missing, open, robbery, signIn, visit } from "./house.mjs";

const skip = missing() ?? false;
/** @typedef {{ id: string, bearing_deg: number, distance_m: number, turned_deg?: number, fov_deg?: number, range_m?: number, ptz?: boolean, held?: boolean, streaming?: boolean, viewable?: boolean, azimuth?: boolean, health?: number }} Cam */
/** @typedef {{ name: string, cameras: Cam[], expected: string[], limit?: number, left_out?: { id: string, reason: string }[] }} Case */
/** @type {Case[]} */
const cases = JSON.parse(readFileSync(new URL("../../src/act/cameras/nearest_cases.json", import.meta.url), "utf8")).cases;
const words = { not_streaming: "영상 없음", restricted: "열람 권한 없음" };
const rad = Math.PI / 180;
const earthRadiusM = 6_371_008.8;

/** Where each alarm happens: in the middle of the city. @type {[number, number]} */
const spot = [126.6101, 35.8103];

/** @param {[number, number]} from lon, lat @param {number} bearing_deg @param {number} distance_m @returns {[number, number]} */
function offset([lon, lat], bearing_deg, distance_m) {
  const angle = distance_m / earthRadiusM;
  const to = Math.asin(Math.sin(lat * rad) * Math.cos(angle) + Math.cos(lat * rad) * Math.sin(angle) * Math.cos(bearing_deg * rad));
  const turn = Math.atan2(Math.sin(bearing_deg * rad) * Math.sin(angle) * Math.cos(lat * rad), Math.cos(angle) - Math.sin(lat * rad) * Math.sin(to));
  return [lon + turn / rad, to / rad];
}

/** @param {[number, number]} from @param {[number, number]} to degrees clockwise from north */
function bearing(from, to) {
  const turn = (to[0] - from[0]) * rad;
  const y = Math.sin(turn) * Math.cos(to[1] * rad);
  const x = Math.cos(from[1] * rad) * Math.sin(to[1] * rad) - Math.sin(from[1] * rad) * Math.cos(to[1] * rad) * Math.cos(turn);
  return (Math.atan2(y, x) / rad + 360) % 360;
}

const idOf = (/** @type {Cam} */ cam) => `urn:ngsi-ld:Camera:${cam.id}`;

/** @param {Cam} cam @returns {string} the entity as JSON */
function entity(cam) {
  const at = offset(spot, cam.bearing_deg, cam.distance_m);
  const property = (/** @type {unknown} */ value) => ({ type: "Property", value });
  return JSON.stringify({
    id: idOf(cam), type: "Camera",
    name: { type: "LanguageProperty", languageMap: { ko: cam.id, en: cam.id } },
    location: { type: "GeoProperty", value: { type: "Point", coordinates: at } },
    fieldOfView: property(cam.fov_deg ?? 60), range: property(cam.range_m ?? 600), ptz: property(cam.ptz ?? false), status: property("ok"),
    streaming: property(cam.streaming ?? true), health: property(cam.health ?? 1),
    ...(cam.azimuth === false ? {} : { azimuth: property((bearing(at, spot) + (cam.turned_deg ?? 0) + 360) % 360) }),
    ...(cam.held ? { ptzHolder: property("112") } : {}),
    ...(cam.viewable === false ? { viewableBy: property(["administrator"]) } : {}),
  });
}

/** What stands on the card of a camera: how far and in which direction. @param {Cam} cam */
function whereText({ distance_m, bearing_deg }) {
  if (distance_m < 3) return "바로 그 자리";
  const far = distance_m < 999.5 ? `${Math.round(distance_m)} m` : `${(distance_m / 1000).toFixed(1)} km`;
  return `${far} ${["북", "북동", "동", "남동", "남", "남서", "서", "북서"][Math.round(bearing_deg / 45) % 8]}`;
}

/** @type {import("./house.mjs").House} */ let house;
/** @type {import("playwright-core").Browser} */ let browser;
/** @type {import("playwright-core").Page} */ let page;

before(async () => {
  if (skip) return;
  house = await open([]);
  browser = await launch();
  ({ page } = await visit(browser, house, { width: 1366, height: 768, motion: "reduce" }));
  // The cards are looked at, not the map: drawing streets in software takes most of the time.
  await page.route("**/tiles/**", (route) => route.abort());
  await signIn(page, house);
}, { timeout: 90_000 });
after(async () => {
  await browser?.close();
  await house?.stop();
});

test("T-04 each of thirty geometric cases gets its cameras on the screen", { skip, timeout: 120_000 }, async () => {
  assert.equal(cases.length, 30);
  for (const [i, one] of cases.entries()) {
    const where = `T-04 ${i + 1}`;
    await batch(house, "upsert", one.cameras.map(entity));
    await robbery(house, { name: where, point: spot });
    // No pointer: it would hold the board still.
    await page.locator("[data-testid^=row-]", { has: page.getByText(where, { exact: true }) }).dispatchEvent("click");
    await page.locator("[data-testid=screen-S2]", { has: page.getByText(where, { exact: true }) }).locator("[data-testid=cameras] .card:not(.waiting), [data-testid=cameras] .none").first().waitFor();
    const { names, places, text } = await page.getByTestId("cameras").evaluate((box) => ({
      names: [...box.querySelectorAll(".name")].map((name) => name.textContent ?? ""),
      places: [...box.querySelectorAll("strong")].map((place) => place.textContent ?? ""),
      text: box.parentElement?.textContent ?? "",
    }));

    const shown = names.slice(0, one.limit ?? 4);
    assert.deepEqual(shown, one.expected, one.name);
    for (const [n, id] of one.expected.entries()) {
      const cam = /** @type {Cam} */ (one.cameras.find((each) => each.id === id));
      assert.equal(places[n], whereText(cam), `${one.name}: ${id}`);
    }
    const far = one.expected.some((id) => (one.cameras.find((cam) => cam.id === id)?.distance_m ?? 0) > 500);
    assert.equal(text.includes("1 km까지 넓혀 찾음"), far, `${one.name}: says when the radius was widened`);
    if (one.expected.length === 0) assert.match(text, /반경 1 km 안에 쓸 수 있는 카메라가 없습니다/, one.name);
    for (const { id, reason } of one.left_out ?? []) assert.match(text, new RegExp(`${id} \\d+ m ${words[/** @type {keyof typeof words} */ (reason)]}`), `${one.name}: says why ${id} is not there`);
    assert.equal(text.includes("표시 불가"), one.left_out !== undefined, one.name);
    await closeAll(page);
    await batch(house, "delete", one.cameras.map((cam) => JSON.stringify(idOf(cam))));
  }
});
