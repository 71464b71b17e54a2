// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Subscriptions on screen: who is told, whether it works, pausing and resuming by who may; hundreds of them; one that
 *  gave up what it missed, from the board to its procedure; what a role may not search. */
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import { after, before, test } from "node:test";
import { ask, signIn as signInApi, startServer, until } from "../../tests/system/harness.mjs";
import { launch, missing, noViolations, visit } from "./house.mjs";

const shots = process.env["BONGSU_SHOTS"];
/** @type {string | false} */ let skip = missing() ?? false;
/** @type {import("../../tests/system/harness.mjs").Server} */ let server;
/** @type {import("playwright-core").Browser} */ let browser;
/** @type {http.Server} */ let receiver;
let status = 200;
const folder = fs.mkdtempSync(`${os.tmpdir()}/bongsu-subscriptions-`);
let token = "";

/** @param {string} method @param {string} path @param {any} body */
const ngsi = (method, path, body) => ask(`${server.http}/ngsi-ld/v1${path}`, { method, token, body });
const gauge = (/** @type {number} */ level) => ngsi("POST", "/entityOperations/upsert", [{ id: "urn:ngsi-ld:Gauge:1", type: "Gauge", level: { type: "Property", value: level } }]);

before(async () => {
  if (skip) return;
  fs.cpSync("packs", `${folder}/packs`, { recursive: true });
  fs.mkdirSync(`${folder}/packs/own`);
  fs.writeFileSync(`${folder}/packs/own/pack.yaml`, "pack: own\nversion: 1\ntitle: {ko: 자체, en: Own}\n");
  fs.writeFileSync(`${folder}/packs/own/personal.yaml`, "attributes:\n  - {attribute: guardianPhone, class: contact}\n");
  server = await startServer({ config: `packs: ${folder}/packs\nsubscription_records: 400\n` });
  token = await server.token("application");
  if ((await ask(`${server.http}/ngsi-ld/v1/subscriptions`, { token })).status === 501) {
    skip = "this server keeps no subscriptions";
    return;
  }
  receiver = http.createServer((request, response) => request.resume().on("end", () => response.writeHead(status).end()));
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", () => resolve(undefined)));
  browser = await launch();
}, { timeout: 60_000 });
after(async () => {
  await browser?.close();
  receiver?.closeAllConnections();
  receiver?.close();
  await server?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** A seat of that role. @param {string} role @param {Parameters<typeof visit>[2]} seat */
async function at(role, seat = {}) {
  const name = `${role}${Date.now()}`;
  const { password } = await server.admin("user", "add", name, "--role", role);
  const first = await signInApi(server, name, password);
  const next = "bongsu-e2e-password";
  await ask(`${server.http}/api/v1/session/password`, { cookie: first.cookie, csrf: first.csrf, body: { current: password, next } });
  const house = { http: server.http, token, password: next, links: {}, stop: async () => 0 };
  const seated = await visit(browser, house, { width: 1366, height: 768, ...seat });
  await seated.page.fill("input[name=user]", name);
  await seated.page.fill("input[name=password]", next);
  await seated.page.locator("form button[type=submit]").first().click();
  await seated.page.getByTestId("screen-S1").waitFor();
  await seated.page.evaluate(() => (location.hash = "#/entities"));
  await seated.page.getByTestId("tab-subscriptions").click();
  await seated.page.getByTestId("screen-subscriptions").waitFor();
  return seated;
}

test("subscriptions show whom they tell, that it works or fails, and are paused and resumed", { timeout: 120_000 }, async (t) => {
  if (skip) return t.skip(skip);
  const { port } = /** @type {import("node:net").AddressInfo} */ (receiver.address());
  const made = await ngsi("POST", "/subscriptions", {
    id: "urn:ngsi-ld:Subscription:levels", type: "Subscription", subscriptionName: "수위 알림", entities: [{ type: "Gauge" }], watchedAttributes: ["level"],
    notification: { endpoint: { uri: `http://127.0.0.1:${port}/told`, accept: "application/json" } },
  });
  assert.equal(made.status, 201, made.text);
  await gauge(1);
  await until(async () => (await ask(`${server.http}/ngsi-ld/v1/subscriptions/urn:ngsi-ld:Subscription:levels`, { token })).json, (one) => one.notification.timesSent === 1);

  const { page, context } = await at("administrator");
  const row = page.getByTestId("subscription-urn:ngsi-ld:Subscription:levels");
  await row.click();
  const detail = page.getByTestId("subscription-detail");
  assert.match((await detail.textContent()) ?? "", /작동[\s\S]*told[\s\S]*시도\s*1[\s\S]*Gauge[\s\S]*level/);

  status = 503;
  await gauge(2);
  await page.getByTestId("subscriptions").getByText("전달 실패").waitFor();
  await page.getByTestId("subscriptions").getByText("응답 503").waitFor();
  await page.waitForFunction(() => /대기\s*1/.test(document.querySelector("[data-testid=subscription-detail]")?.textContent ?? ""));
  await noViolations(page, "failing");
  if (shots) await page.screenshot({ path: `${shots}/subscriptions-failing.png` });
  status = 200;
  await page.getByTestId("subscriptions").getByText("작동").waitFor({ timeout: 20_000 });

  await detail.getByRole("button", { name: "멈추기" }).click();
  await noViolations(page, "asking");
  await page.getByTestId("subscription-pause").getByRole("button", { name: "멈추기" }).click();
  await page.getByTestId("subscriptions").getByText("멈춤").waitFor();
  await detail.getByRole("button", { name: "다시 시작" }).click();
  await page.getByTestId("subscriptions").getByText("작동").waitFor();
  await context.close();

  for (const [language, theme] of /** @type {const} */ ([["en", "day"], ["ko", "night"]])) {
    const looker = await at("operator", { language, theme });
    await looker.page.getByTestId("subscription-urn:ngsi-ld:Subscription:levels").click();
    assert.equal(await looker.page.getByTestId("subscription-detail").getByRole("button").count(), 0, "an operator looks on");
    await noViolations(looker.page, `${language} ${theme}`);
    if (shots) await looker.page.screenshot({ path: `${shots}/subscriptions-${language}-${theme}.png` });
    await looker.context.close();
  }
});

test("of hundreds each is reached: page by page, by state and by a part of its name", { timeout: 60_000 }, async (t) => {
  if (skip) return t.skip(skip);
  const make = (/** @type {number} */ n) => ngsi("POST", "/subscriptions", {
    id: `urn:ngsi-ld:Subscription:many-${n}`, type: "Subscription", subscriptionName: `현황판 ${n}`, entities: [{ type: "Nothing" }], isActive: n % 40 !== 0,
    notification: { endpoint: { uri: "http://127.0.0.1:9/nobody" } },
  });
  for (let n = 0; n < 120; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => make(n + i)));
  const { page, context } = await at("privacy");
  const count = page.getByTestId("subscription-count");

  await count.getByText("121개 중 1–50").waitFor();
  await page.getByRole("button", { name: "다음" }).click();
  await count.getByText("121개 중 51–100").waitFor();
  await page.getByTestId("state-paused").click();
  await count.getByText("3개 중 1–3").waitFor();
  await page.fill("#subscription-sought", "현황판 80");
  await count.getByText("1개 중 1–1").waitFor();
  await page.fill("#subscription-sought", "어디에도 없는");
  await page.getByRole("button", { name: "모두 보기" }).click();
  await count.getByText("121개 중 1–50").waitFor();
  await noViolations(page, "many");
  await context.close();
});

test("one that gave up what it missed stands on the board, and its procedure leads to it", { timeout: 60_000 }, async (t) => {
  if (skip) return t.skip(skip);
  const { port } = /** @type {import("node:net").AddressInfo} */ (receiver.address());
  status = 503;
  await ngsi("POST", "/subscriptions", { id: "urn:ngsi-ld:Subscription:flood", type: "Subscription", subscriptionName: "침수 예측", entities: [{ type: "Well" }], notification: { endpoint: { uri: `http://127.0.0.1:${port}/flood` } } });
  for (let level = 1; level <= 30; level++) await ngsi("POST", "/entityOperations/upsert?options=update", Array.from({ length: 50 }, (_, i) => ({ id: `urn:ngsi-ld:Well:${i}`, type: "Well", level: { type: "Property", value: level } })));

  const { page, context } = await at("operator");
  await page.getByTestId("subscriptions").getByText("누락 있음").waitFor();
  await page.evaluate(() => (location.hash = "#/"));
  await page.getByText("구독 알림 누락 · 침수 예측").first().click();
  await page.getByRole("button", { name: "구독 보기" }).click();
  await page.getByTestId("subscription-detail").getByText("받는 쪽이 현재 값을 다시 읽어야 합니다").waitFor();
  status = 200;
  await context.close();
});

test("a condition over personal data says to whom may not see it what to do instead", { timeout: 60_000 }, async (t) => {
  if (skip) return t.skip(skip);
  await gauge(3);
  const { page, context } = await at("administrator");
  await page.getByTestId("tab-entities").click();
  await page.getByTestId("entity-table").waitFor();

  await page.fill("#entity-q", 'guardianPhone=="010-1234-5678"');
  await page.getByTestId("trouble").getByText("개인정보라서 이 역할로는 찾을 수 없습니다").waitFor();
  assert.match((await page.getByTestId("trouble").textContent()) ?? "", /조건에서 그 속성을 빼거나/);
  assert.equal(await page.getByTestId("entity-table").count(), 0, "nothing stands there that could be taken for the answer");
  await noViolations(page, "not allowed");
  await context.close();
});
