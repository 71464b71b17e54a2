// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** What every browser test needs: a running centre with the demo city, a browser, a signed-in page, events to inject. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startServer, ask } from "../../tests/system/harness.mjs";

export const city = process.env["BONGSU_CITY"] ?? fileURLToPath(new URL("../../build/city/demo", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
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

/** @typedef {{ http: string, token: string, password: string, stop: () => Promise<unknown> }} House */

/** The real server, or a stand-in while a screen is being drawn (BONGSU_E2E=dev). @returns {Promise<House>} */
export async function open() {
  if (process.env["BONGSU_E2E"] === "dev") return openStandIn();
  const server = await startServer({ config: `city: ${city}\n` });
  const token = await server.token("application");
  const lines = readFileSync(`${city}/entities.ndjson`, "utf8").split("\n").filter(Boolean);
  for (let at = 0; at < lines.length; at += 500) {
    const answer = await ask(`${server.http}/ngsi-ld/v1/entityOperations/upsert`, { token, body: `[${lines.slice(at, at + 500).join(",")}]` });
    if (answer.status >= 300) throw new Error(`loading the city: ${answer.status} ${answer.text}`);
  }
  const first = readFileSync(`${server.data}/run/first-password`, "utf8").trim();
  return { http: server.http, token, password: first, stop: server.stop };
}

/** @returns {Promise<House>} */
function openStandIn() {
  const child = spawn(process.execPath, [`${here}dev-server.mjs`, city, "0", "--empty"], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = () => new Promise((done) => (child.once("exit", done), child.kill()));
  return new Promise((resolve) =>
    child.stdout.once("data", (line) => resolve({ http: JSON.parse(String(line)).http, token: "none", password, stop })),
  );
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

/** Signs in, changing a first password where the server asks for it. @param {import("playwright-core").Page} page @param {House} house */
export async function signIn(page, house) {
  await page.locator("[data-testid=screen-S1], [data-testid=screen-S15]").first().waitFor();
  if (await page.getByTestId("screen-S15").count()) await giveNames(page, house);
  await page.getByTestId("screen-S1").waitFor();
  await page.waitForFunction(() => document.querySelector("[data-testid=map]")?.getAttribute("data-ready") === "true");
}

/** @param {import("playwright-core").Page} page @param {House} house */
async function giveNames(page, house) {
  await page.fill("input[name=user]", "admin");
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

/** @param {House} house @param {string} source @param {unknown} body */
export async function send(house, source, body) {
  const answer = await ask(`${house.http}/api/v1/ingest/${source}`, { token: house.token, body, headers: { "Idempotency-Key": crypto.randomUUID() } });
  if (answer.status !== 200 && answer.status !== 202) throw new Error(`ingest ${source}: ${answer.status} ${answer.text}`);
  return answer.json;
}

let made = 0;
const now = () => new Date().toISOString();

/** Smoke and heat at one market detector: one critical alarm. @param {House} house @param {string} [detector] */
export async function fire(house, detector = "FD-0331") {
  for (const kind of ["fire.smoke", "fire.heat"]) {
    await send(house, "facility", { id: `FM-E${Date.now()}${made++}`, kind, assetId: detector, value: kind === "fire.heat" ? 71 : 0.6, unit: kind === "fire.heat" ? "CEL" : "%/m", at: now() });
  }
}

/** What a camera's analytics saw. @param {string} camera @param {string} type */
export const seen = (camera, type = "fallen") => ({
  eventId: `VA-E${Date.now()}${made++}`, engine: "analytics-1", type, cameraId: camera, occurredAt: now(), score: 0.84, durationSec: 62, box: [0.41, 0.52, 0.12, 0.2], place: "road",
});

/** Ids of cameras far from each other, for alarms that have nothing to do with one another. @param {number} count */
export function farCameras(count) {
  const all = readFileSync(`${city}/entities.ndjson`, "utf8").split("\n").filter((line) => line.includes('"type":"Camera"')).map((line) => String(JSON.parse(line).id).split(":").at(-1));
  const step = Math.floor(all.length / count);
  return Array.from({ length: count }, (_, i) => /** @type {string} */ (all[i * step]));
}

/** Closes whatever is open, so that each test starts with an empty desk. @param {import("playwright-core").Page} page */
export async function clearDesk(page) {
  await page.evaluate(async () => {
    const session = await (await fetch("/api/v1/session")).json();
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf };
    const { items } = await (await fetch("/api/v1/alarms?limit=1000")).json();
    for (const alarm of items.filter((/** @type {any} */ one) => one.closed === null)) {
      await fetch(`/api/v1/alarms/${alarm.id}/close`, { method: "POST", headers, body: JSON.stringify({ disposition: "drill" }) });
    }
  });
  await page.waitForFunction(() => document.querySelectorAll("[data-testid^=row-]").length === 0, undefined, { timeout: 10_000 });
}
