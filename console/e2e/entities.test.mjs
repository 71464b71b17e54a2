// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The live context on screen: types, entities, one entity whole, its past; with the pointer and with keys, in both languages. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask } from "../../tests/system/harness.mjs";
import { launch, missing, noViolations, open, signIn, visit } from "./house.mjs";

const skip = missing() ?? false;
const shots = process.env["BONGSU_SHOTS"];
/** @type {import("./house.mjs").House} */ let house;
/** @type {import("playwright-core").Browser} */ let browser;

const gauge = "urn:ngsi-ld:WaterLevelGauge:WG-01";
const camera = "urn:ngsi-ld:Camera:C-0001";
const iso = (/** @type {number} */ ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

before(async () => {
  if (skip) return;
  house = await open();
  browser = await launch();
}, { timeout: 90_000 });
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** @param {Parameters<typeof visit>[2]} [seat] @param {string} [hash] */
async function at(hash = "#/entities", seat = {}) {
  const seated = await visit(browser, house, { width: 1366, height: 768, ...seat });
  await signIn(seated.page, house, { map: false });
  await seated.page.evaluate((to) => (location.hash = to), hash);
  await seated.page.getByTestId("screen-entities").waitFor();
  return seated;
}

/** @param {any} body */
async function upsert(body) {
  const answer = await ask(`${house.http}/ngsi-ld/v1/entityOperations/upsert?options=update`, { token: house.token, body: [body] });
  assert.ok(answer.status < 300, answer.text);
}

test("types with their counts lead to entities, page by page", { skip, timeout: 60_000 }, async () => {
  const { page, context } = await at();

  await page.waitForFunction(() => /2,000/.test(document.querySelector("[data-testid=type-Camera]")?.textContent ?? ""));
  await page.getByTestId("type-Camera").click();
  await page.getByTestId(`entity-${camera}`).waitFor();
  assert.match((await page.getByTestId("entity-count").textContent()) ?? "", /2,000개 중 1–50/);
  await page.getByRole("button", { name: "다음" }).click();
  await page.getByText("2,000개 중 51–100").waitFor();

  await page.fill("#type-sought", "수위");
  assert.equal(await page.locator("[data-testid=types] button").count(), 1);
  await context.close();
});

test("entities are found by name, id and condition; a broken condition says at the field what is wrong", { skip, timeout: 60_000 }, async () => {
  const { page, context } = await at("#/entities?type=Camera");
  await page.getByTestId("entity-count").getByText("2,000").waitFor();

  await page.fill("#entity-sought", "해안로 3 북");
  await page.getByText("개 중 1–").filter({ hasNotText: "2,000" }).waitFor();
  await page.selectOption("#entity-by", "id");
  await page.fill("#entity-sought", "C-0001");
  await page.getByText("1개 중 1–1").waitFor();
  await page.fill("#entity-sought", "");
  await page.fill("#entity-q", 'keyCamera==true;purpose=="traffic');
  const told = page.getByTestId("entity-q-problem");
  await told.waitFor();
  assert.match((await told.textContent()) ?? "", /큰따옴표가 닫히지 않았습니다[\s\S]*26번째 글자/);
  assert.equal(await page.getAttribute("#entity-q", "aria-invalid"), "true");
  await page.fill("#entity-q", 'purpose=="traffic"');
  await told.waitFor({ state: "detached" });
  await page.getByTestId("entity-table").waitFor();
  await context.close();
});

test("an entity shows every value with unit and time, stays fresh, and its relationships lead on and back", { skip, timeout: 60_000 }, async () => {
  await upsert({ id: gauge, type: "WaterLevelGauge", level: { type: "Property", value: 1.31, unitCode: "MTR", observedAt: iso(Date.now()), accuracy: { type: "Property", value: 0.02, unitCode: "MTR" } }, refCamera: { type: "Relationship", object: camera } });
  const { page, context } = await at(`#/entities?type=WaterLevelGauge&id=${gauge}`);
  const level = page.getByTestId("attribute-level");

  await level.getByText("1.31").waitFor();
  assert.match((await level.textContent()) ?? "", /1\.31\s*m[\s\S]*관측[\s\S]*accuracy\s*0\.02\s*m/);
  await upsert({ id: gauge, type: "WaterLevelGauge", level: { type: "Property", value: 1.47, unitCode: "MTR", observedAt: iso(Date.now()) } });
  await level.getByText("1.47").waitFor({ timeout: 8000 });

  await page.getByTestId("attribute-refCamera").getByRole("link").click();
  await page.getByTestId("entity-detail").getByText(camera).waitFor();
  await page.goBack();
  await page.getByTestId("entity-detail").getByText(gauge).waitFor();
  await page.locator("[data-testid=raw] summary").click();
  await page.getByRole("button", { name: "keyValues" }).click();
  await page.locator("[data-testid=raw] pre").getByText('"level": 1.47').waitFor();
  await context.close();
});

test("an entity shows who points at it, and leads to each and to all of them", { skip, timeout: 60_000 }, async () => {
  for (const name of ["1", "2"]) await upsert({ id: `urn:ngsi-ld:Sign:${name}`, type: "Sign", name: { type: "Property", value: `표지 ${name}` }, watchedBy: { type: "Relationship", object: camera } });
  const { page, context } = await at(`#/entities?type=Camera&id=${camera}`);
  const referrers = page.getByTestId("referrers");

  await referrers.getByText("watchedBy").first().waitFor();
  assert.match((await referrers.textContent()) ?? "", /watchedBy\s*Sign\s*2[\s\S]*표지 1,\s*표지 2/);
  await referrers.getByRole("link", { name: "모두 보기 watchedBy Sign" }).click();
  await page.getByTestId("entity-count").getByText("2개 중 1–2").waitFor();
  assert.equal(await page.inputValue("#entity-q"), `watchedBy=="${camera}"`);
  await referrers.getByRole("link", { name: "표지 2" }).click();
  await page.getByTestId("entity-detail").getByText("urn:ngsi-ld:Sign:2").waitFor();
  await context.close();
});

test("a lost connection is told with its way out, what was read stays, and it goes on by itself", { skip, timeout: 60_000 }, async () => {
  await upsert({ id: "urn:ngsi-ld:Lamp:2", type: "Lamp", power: { type: "Property", value: "dim" } });
  const { page, context } = await at("#/entities?type=Lamp&id=urn:ngsi-ld:Lamp:2");
  const detail = page.getByTestId("entity-detail");
  await page.getByTestId("attribute-power").getByText("dim").waitFor();

  await context.setOffline(true);
  await detail.getByTestId("trouble").getByText("서버와 연결이 끊겼습니다.").waitFor();
  assert.match((await detail.textContent()) ?? "", /저절로 다시 읽습니다[\s\S]*dim/);
  await context.setOffline(false);
  await upsert({ id: "urn:ngsi-ld:Lamp:2", type: "Lamp", power: { type: "Property", value: "bright" } });
  await page.getByTestId("attribute-power").getByText("bright").waitFor();
  await detail.getByTestId("trouble").waitFor({ state: "detached" });
  await context.close();
});

test("an entity is shown as it was known at a second", { skip, timeout: 60_000 }, async () => {
  await upsert({ id: "urn:ngsi-ld:Lamp:1", type: "Lamp", power: { type: "Property", value: "dim" } });
  const then = (await ask(`${house.http}/ngsi-ld/v1/entities/urn:ngsi-ld:Lamp:1?options=sysAttrs`, { token: house.token })).json.modifiedAt;
  await upsert({ id: "urn:ngsi-ld:Lamp:1", type: "Lamp", power: { type: "Property", value: "bright" } });
  const { page, context } = await at("#/entities?type=Lamp&id=urn:ngsi-ld:Lamp:1");
  await page.getByTestId("attribute-power").getByText("bright").waitFor();

  await page.evaluate((to) => (location.hash = to), `#/entities?type=Lamp&id=urn:ngsi-ld:Lamp:1&at=${then}`);
  await page.getByTestId("entity-then").waitFor();
  await page.getByTestId("attribute-power").getByText("dim").waitFor();
  await noViolations(page, "the past");
  await page.getByTestId("entity-then").getByRole("button").click();
  await page.getByTestId("attribute-power").getByText("bright").waitFor();
  await context.close();
});

test("the page is worked without a pointer", { skip, timeout: 60_000 }, async () => {
  const { page, context } = await at("#/entities?type=WaterLevelGauge");
  await page.getByTestId("entity-table").waitFor();

  await page.getByTestId(`entity-${gauge}`).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByTestId("entity-detail").getByText("urn:ngsi-ld:WaterLevelGauge:WG-02").waitFor();
  await page.locator("[data-testid=entity-detail] button").first().focus();
  await page.keyboard.press("Escape");
  await page.getByText("개체를 고르면").waitFor();
  await page.keyboard.press("KeyG");
  await page.keyboard.press("KeyM");
  await page.locator("[data-testid=screen-S1]:not([hidden])").waitFor();
  await page.keyboard.press("KeyG");
  await page.keyboard.press("KeyD");
  await page.getByTestId("screen-entities").waitFor();
  await context.close();
});

/** Hands in what a sensor measured. @param {string} id @param {Record<string, any[]>} series */
async function past(id, series) {
  const answer = await ask(`${house.http}/ngsi-ld/v1/temporal/entities`, { token: house.token, body: { id, type: "RoomSensor", ...series } });
  assert.ok(answer.status < 300, answer.text);
}
const room = "urn:ngsi-ld:RoomSensor:R1";
const minute = 60_000;

/** @type {Promise<void> | undefined} */
let measured;
/** A room measured every ten minutes for two days and silent for six hours in between; its state changed three times. */
const measureRoom = () => (measured ??= handInRoom());

async function handInRoom() {
  const now = Date.now();
  const temperature = [];
  for (let back = 2 * 144; back > 0; back--) {
    if (back > 36 && back <= 72) continue;
    temperature.push({ type: "Property", value: back === 100 ? 30 : 20 + (back % 5) / 10, unitCode: "CEL", observedAt: iso(now - back * 10 * minute) });
  }
  const states = [["ok", 2000], ["fault", 400], ["ok", 100]].map(([value, back]) => ({ type: "Property", value, observedAt: iso(now - Number(back) * minute) }));
  await past(room, { temperature, status: states });
}

test("the history of a number is a line with the gaps of its source, summed up and read out by key", { skip, timeout: 60_000 }, async () => {
  await measureRoom();
  const { page, context } = await at(`#/entities?type=RoomSensor&id=${room}`);
  await page.getByTestId("attribute-temperature").getByRole("button").click();
  const chart = page.getByTestId("history-chart");
  await chart.waitFor();

  assert.equal(await page.locator("[data-testid=history-chart] path.line").count(), 2, "one gap, two lines");
  // A day begins at a full ten minutes: the oldest value may be in it or not.
  const [, values] = /최소\s*20 °C[\s\S]*최대\s*30 °C[\s\S]*값 수\s*(10[78])/.exec((await page.getByTestId("history-summary").textContent()) ?? "") ?? [];
  assert.ok(values);
  await chart.focus();
  await page.keyboard.press("Home");
  const first = await chart.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowRight");
  const second = await chart.getAttribute("aria-valuetext");
  assert.match(first ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, 20(?:\.\d)? °C$/);
  assert.notEqual(first, second);
  await page.getByRole("button", { name: "표", exact: true }).click();
  assert.equal(await page.locator("[data-testid=history-table] tbody tr").count(), Number(values));
  await noViolations(page, "history as a table");
  await page.getByRole("button", { name: "1시간" }).click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=history-table] tbody tr").length <= 6);
  await page.keyboard.press("Escape");
  await page.getByTestId("entity-table").waitFor();
  await context.close();
});

test("each source of an attribute has a history of its own", { skip, timeout: 60_000 }, async () => {
  const value = (/** @type {number} */ level, /** @type {object} */ more) => ({ type: "Property", value: level, unitCode: "CEL", observedAt: iso(Date.now() - 30 * minute), ...more });
  await past("urn:ngsi-ld:RoomSensor:R3", { temperature: [value(19, {}), value(1_234_567, { datasetId: "urn:ngsi-ld:Dataset:window" })] });
  const { page, context } = await at("#/entities?type=RoomSensor&id=urn:ngsi-ld:RoomSensor:R3&attr=temperature");

  await page.getByTestId("history-readout").getByText("19 °C").waitFor();
  await page.getByRole("group", { name: "자료원" }).getByRole("button", { name: "window" }).click();
  await page.getByTestId("history-readout").getByText("1234567 °C").waitFor();
  assert.match(page.url(), /set=urn/);
  await context.close();
});

test("many values are drawn as sums of spans", { skip, timeout: 60_000 }, async () => {
  const now = Date.now();
  await past("urn:ngsi-ld:RoomSensor:R2", { noise: Array.from({ length: 4000 }, (_, i) => ({ type: "Property", value: 40 + (i % 10), unitCode: "2N", observedAt: iso(now - (i + 1) * 10_000) })) });
  const { page, context } = await at("#/entities?type=RoomSensor&id=urn:ngsi-ld:RoomSensor:R2&attr=noise");

  await page.locator("[data-testid=history-chart] path.area").first().waitFor();
  assert.match((await page.getByTestId("history-summary").textContent()) ?? "", /최소\s*40 dB[\s\S]*최대\s*49 dB[\s\S]*값 수\s*4,000/);
  assert.match((await page.getByTestId("history-readout").textContent()) ?? "", /평균 .*최소 .*최대/);
  await context.close();
});

test("the history of a state has a lane for each, begins with what was so before, and says so when there is none", { skip, timeout: 60_000 }, async () => {
  await measureRoom();
  const { page, context } = await at(`#/entities?type=RoomSensor&id=${room}&attr=status`);
  await page.getByTestId("history-chart").waitFor();

  assert.equal(await page.locator("[data-testid=history-chart] rect.band").count(), 3);
  await page.getByTestId("history-chart").focus();
  await page.keyboard.press("Home");
  assert.match((await page.getByTestId("history-readout").textContent()) ?? "", /ok/);
  await page.keyboard.press("ArrowRight");
  assert.match((await page.getByTestId("history-readout").textContent()) ?? "", /fault/);
  await noViolations(page, "history of a state");
  await page.evaluate((to) => (location.hash = to), `#/entities?type=RoomSensor&id=${room}&attr=temperature`);
  await page.getByRole("button", { name: "직접 지정" }).click();
  await page.locator("form input").first().fill("2020-01-01T00:00:00");
  await page.locator("form input").nth(1).fill("2020-01-02T00:00:00");
  await page.locator("form button[type=submit]").first().click();
  await page.getByTestId("history-empty").getByText("2020-01-01 00:00:00").waitFor();
  await context.close();
});

test("the page has no accessibility violation, in two themes and two languages", { skip, timeout: 120_000 }, async () => {
  await measureRoom();
  await upsert({ id: gauge, type: "WaterLevelGauge", level: { type: "Property", value: 1.31, unitCode: "MTR", observedAt: iso(Date.now()) } });
  for (const [language, theme] of /** @type {const} */ ([["ko", "night"], ["en", "day"]])) {
    const { page, context } = await at(`#/entities?type=WaterLevelGauge&id=${gauge}`, { language, theme, motion: "reduce", ...(shots ? { width: 1920, height: 1080 } : {}) });
    await page.getByTestId("attribute-level").waitFor();
    await page.fill("#entity-q", "level>");
    await page.getByTestId("entity-q-problem").waitFor();
    await noViolations(page, `broken condition ${language} ${theme}`);
    await page.fill("#entity-q", "");
    await page.getByTestId("entity-table").waitFor();
    await noViolations(page, `entities ${language} ${theme}`);
    if (shots) await page.screenshot({ path: `${shots}/entities-${language}-${theme}.png` });
    await page.evaluate((to) => (location.hash = to), `#/entities?type=RoomSensor&id=${room}&attr=temperature`);
    await page.getByTestId("history-chart").waitFor();
    await noViolations(page, `history ${language} ${theme}`);
    if (shots) await page.screenshot({ path: `${shots}/history-${language}-${theme}.png` });
    await context.close();
  }
});
