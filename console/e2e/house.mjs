// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** What every browser test needs: a running centre with the demo city, a browser, a signed-in page, events to inject. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { ask, startServer } from "../../tests/system/harness.mjs";
import { freePort } from "../../tools/simulators/peers.mjs";
import { authRequest, encode, eventHeaders, eventMessage } from "../../tools/simulators/lib/safety-net.mjs";

export const city = process.env["BONGSU_CITY"] ?? fileURLToPath(new URL("../../build/city/demo", import.meta.url));
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
];
const password = "bongsu-e2e-password";

/** What is missing here to run at all; null when nothing is. */
export function missing() {
  if (!existsSync("/usr/bin/chromium")) return "no Chromium";
  if (!existsSync(`${city}/city.json`)) return `no demo city in ${city}`;
  return null;
}

/** @typedef {{ http: string, token: string, password: string, links: Record<string, string>, stop: () => Promise<unknown>, kill?: () => Promise<void>, restart?: () => Promise<void> }} House */

/** The real server with its context filled: with the demo city, or with the entities given, each as JSON. @param {string[]} [entities] @returns {Promise<House>} */
export async function open(entities = readFileSync(`${city}/entities.ndjson`, "utf8").split("\n").filter(Boolean)) {
  // A port of its own, which it keeps when it is started again.
  const server = await startServer({ args: ["--listen", `127.0.0.1:${await freePort()}`], config: `city: ${city}\n` });
  const added = await server.admin("user", "add", "seat", "--role", "supervisor");
  const house = { http: server.http, token: await server.token("application"), password: added.password, links: {}, stop: server.stop, kill: server.kill, restart: server.restart };
  await batch(house, "upsert", entities);
  return house;
}

/** Entities, or ids of entities, each as JSON. @param {House} house @param {"upsert" | "delete"} what @param {string[]} items */
export async function batch(house, what, items) {
  for (let at = 0; at < items.length; at += 500) {
    const answer = await ask(`${house.http}/ngsi-ld/v1/entityOperations/${what}`, { token: house.token, body: `[${items.slice(at, at + 500).join(",")}]` });
    if (answer.status >= 300) throw new Error(`${what} of entities: ${answer.status} ${answer.text}`);
  }
}

export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });

/**
 * A page at the sign-in screen, with its seat set.
 * @param {import("playwright-core").Browser} browser @param {House} house
 * @param {{ language?: "ko" | "en" | "pseudo", theme?: "night" | "day", width?: number, height?: number, motion?: "reduce" | "no-preference" }} [seat]
 */
export async function visit(browser, house, seat = {}) {
  const context = await browser.newContext({ viewport: { width: seat.width ?? 1920, height: seat.height ?? 1080 }, reducedMotion: seat.motion ?? "no-preference" });
  const page = await context.newPage();
  /** @type {string[]} */
  const outside = [];
  /** @type {string[]} */
  const complaints = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(house.http) && !/^(?:data|blob):/.test(request.url())) outside.push(request.url());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  const language = seat.language ?? "ko";
  await page.addInitScript(
    ([kept, theme]) => {
      if (kept !== "pseudo") localStorage.setItem("bongsu.language", kept ?? "ko");
      localStorage.setItem("bongsu.seat-settings", JSON.stringify({ theme, size: 100, letterKeys: true, position: "every" }));
    },
    [language, seat.theme ?? "night"],
  );
  await page.goto(`${house.http}/?probe${language === "pseudo" ? "&lang=pseudo" : ""}`);
  return { page, context, outside, complaints };
}

/** Signs in, changing a first password where the server asks for it. @param {import("playwright-core").Page} page @param {House} house
 *  @param {{ map?: boolean }} [wait]  map: until it is drawn */
export async function signIn(page, house, { map = true } = {}) {
  await page.locator("[data-testid=screen-S1], [data-testid=screen-S15]").first().waitFor();
  if (await page.getByTestId("screen-S15").count()) await giveNames(page, house);
  await page.getByTestId("screen-S1").waitFor();
  if (map) await page.waitForFunction(() => document.querySelector("[data-testid=map]")?.getAttribute("data-ready") === "true");
}

/** @param {import("playwright-core").Page} page @param {House} house */
async function giveNames(page, house) {
  await page.fill("input[name=user]", "seat");
  await page.fill("input[name=password]", house.password);
  await page.locator("form button[type=submit]").first().click();
  await page.locator("[data-testid=screen-S1], [data-testid=password-form]").first().waitFor();
  if (await page.getByTestId("password-form").count()) {
    await page.fill("input[name=next]", password);
    await page.fill("input[name=again]", password);
    await page.locator("[data-testid=password-form] button[type=submit]").click();
    house.password = password;
  }
}

let made = 0;

/** @typedef {{ name: string, point: [number, number] }} Spot */

/** Places of cameras, far from each other. @param {number} count @returns {Spot[]} */
export function spots(count) {
  const all = readFileSync(`${city}/entities.ndjson`, "utf8").split("\n").filter((line) => line.includes('"type":"Camera"')).map((line) => JSON.parse(line));
  const step = Math.floor(all.length / count);
  return Array.from({ length: count }, (_, i) => ({ name: all[i * step].name.languageMap.ko, point: all[i * step].location.value.coordinates }));
}

/** One event of an agency over its safety-net link. @param {House} house @param {string} source @param {string} evtId @param {string} detail @param {Spot} spot @param {[string, string][]} items */
async function report(house, source, evtId, detail, spot, items) {
  house.links[source] ??= await linkUp(house, source);
  const now = Date.now();
  const number = `${now}${String(made++).padStart(4, "0")}`;
  const message = eventMessage({ source, evtId, state: "10", grade: "10", occurred: now, at: now, number, point: spot.point, place: spot.name, text: "e2e", detail, items });
  const answer = await fetch(`${house.http}/link/${source}/linkHttp/recvEvent.json`, { method: "POST", headers: eventHeaders(source, house.links[source] ?? ""), body: encode(source, message) });
  const told = await answer.json();
  if (told.result !== "0") throw new Error(`${source}: ${JSON.stringify(told)}`);
}

/** @param {House} house @param {string} source */
async function linkUp(house, source) {
  const { headers, body } = authRequest(source, `demo-${source}-key`);
  const told = await (await fetch(`${house.http}/link/${source}/api/getAuth.json`, { method: "POST", headers, body })).json();
  if (told.result !== "0") throw new Error(`${source}: ${JSON.stringify(told)}`);
  return told.message;
}

/** Where a fire is reported. */
export const market = () => /** @type {Spot} */ (spots(7)[3]);
/** A fire reported by the 119 room: critical. @param {House} house @param {Spot} [spot] */
export const fire = (house, spot = market()) => report(house, "119", "119UC001", "2001", spot, [["BLDG_IN", "Y"]]);
/** A robbery reported by the 112 room. @param {House} house @param {Spot} spot */
export const robbery = (house, spot) => report(house, "112", "112UC001", "1002", spot, [["CODE_GRAD", "C0"]]);
/** A missing person with dementia. @param {House} house @param {Spot} spot */
export const missingPerson = (house, spot) => report(house, "police", "WPSSF110", "3003", spot, [["AGE", "78"]]);

/** Closes whatever is open, so that each test starts with an empty desk. @param {import("playwright-core").Page} page */
export async function clearDesk(page) {
  await closeAll(page);
  await page.waitForFunction(() => document.querySelectorAll("[data-testid^=row-]").length === 0, undefined, { timeout: 10_000 });
}

/** @param {import("playwright-core").Page} page */
export async function closeAll(page) {
  await page.evaluate(async () => {
    const session = await (await fetch("/api/v1/session")).json();
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf };
    const { items } = await (await fetch("/api/v1/alarms?limit=1000")).json();
    for (const alarm of items.filter((/** @type {any} */ one) => one.closed === null)) {
      const answer = await fetch(`/api/v1/alarms/${alarm.id}/close`, { method: "POST", headers, body: JSON.stringify({ disposition: "drill" }) });
      if (!answer.ok) throw new Error(`closing ${alarm.id}: ${answer.status} ${await answer.text()}`);
    }
  });
}

/** WCAG 2.2 AA as axe sees it: nothing to complain about. @param {import("playwright-core").Page} page @param {string} where */
export async function noViolations(page, where) {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found = await page.evaluate(async () => {
    const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return result.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => node.target.join(" ") + " " + (node.failureSummary ?? "").split("\n")[1]).slice(0, 3).join(" | ")}`);
  });
  assert.deepEqual(found, [], where);
}
