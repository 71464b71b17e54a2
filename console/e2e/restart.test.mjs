// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** What a seat sees when its server dies and comes back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fire, launch, missing, open, robbery, signIn, spots, visit } from "./house.mjs";

const skip = missing() ?? false;
/** @type {import("./house.mjs").House} */ let house;
/** @type {import("playwright-core").Browser} */ let browser;

before(async () => {
  if (skip) return;
  house = await open([]);
  browser = await launch();
}, { timeout: 90_000 });
after(async () => {
  await browser?.close();
  await house?.stop();
});

test("a killed server is seen at once, and after signing in again no alarm is lost or doubled", { skip, timeout: 90_000 }, async () => {
  const { page } = await visit(browser, house, { width: 1366, height: 768, motion: "reduce" });
  await signIn(page, house);
  await fire(house);
  await robbery(house, /** @type {import("./house.mjs").Spot} */ (spots(4)[1]));
  const rows = page.locator("[data-testid^=row-]");
  const ids = async () => (await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-testid")))).sort();
  await rows.nth(1).waitFor();
  const stood = await ids();

  await house.kill?.();
  await page.getByTestId("banner-late").waitFor({ timeout: 6000 });
  assert.deepEqual(await ids(), stood, "what is known stays on the screen");
  await house.restart?.();
  await page.getByTestId("session-ended").waitFor({ timeout: 10_000 });
  await signIn(page, house);

  await rows.nth(1).waitFor();
  assert.deepEqual(await ids(), stood);
  assert.match(await page.getByTestId("connection").innerText(), /실시간/);
});
