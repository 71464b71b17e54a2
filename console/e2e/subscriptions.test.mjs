// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Subscriptions on screen: who is told, whether it works, pausing and resuming by who may. */
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { ask, signIn as signInApi, startServer, until } from "../../tests/system/harness.mjs";
import { launch, missing, noViolations, visit } from "./house.mjs";

const shots = process.env["BONGSU_SHOTS"];
/** @type {string | false} */ let skip = missing() ?? false;
/** @type {import("../../tests/system/harness.mjs").Server} */ let server;
/** @type {import("playwright-core").Browser} */ let browser;
/** @type {http.Server} */ let receiver;
let status = 200;
let token = "";

/** @param {string} method @param {string} path @param {any} body */
const ngsi = (method, path, body) => ask(`${server.http}/ngsi-ld/v1${path}`, { method, token, body });
const gauge = (/** @type {number} */ level) => ngsi("POST", "/entityOperations/upsert", [{ id: "urn:ngsi-ld:Gauge:1", type: "Gauge", level: { type: "Property", value: level } }]);

before(async () => {
  if (skip) return;
  server = await startServer();
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
  assert.match((await detail.textContent()) ?? "", /작동[\s\S]*Gauge[\s\S]*level[\s\S]*told[\s\S]*보냄\s*1/);

  status = 503;
  await gauge(2);
  await page.getByTestId("subscriptions").getByText("전달 실패").waitFor();
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
