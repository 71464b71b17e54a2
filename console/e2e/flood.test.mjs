// SPDX-License-Identifier: Apache-2.0
// @ts-check
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fire, launch, missing, missingPerson, open, robbery, signIn, spots, visit } from "./house.mjs";

const skip = missing() ?? false;
/** @type {import("./house.mjs").House} */ let house;
/** @type {import("playwright-core").Browser} */ let browser;
/** @type {import("playwright-core").Page} */ let page;
const rows = () => page.locator("[data-testid^=row-]");

before(async () => {
  if (skip) return;
  house = await open();
  browser = await launch();
  ({ page } = await visit(browser, house, { width: 1366, height: 768 }));
  await signIn(page, house);
}, { timeout: 90_000 });
after(async () => {
  await browser?.close();
  await house?.stop();
});

test("T-13 two hundred alarms of three causes stay six rows with the critical one on top", { skip }, async () => {
  const [robbed, lost] = /** @type {[import("./house.mjs").Spot, import("./house.mjs").Spot]} */ (spots(2));
  const soundsBefore = Number(await page.locator(".console").getAttribute("data-sounds"));
  const start = Date.now();
  for (let i = 0; i < 100; i++) await robbery(house, robbed);
  for (let i = 0; i < 98; i++) await missingPerson(house, lost);
  for (let i = 0; i < 2; i++) await fire(house);
  await rows().first().waitFor();
  await page.waitForTimeout(3000);

  const count = await rows().count();
  assert.ok(count >= 1 && count <= 6, `${count} rows`);
  assert.match((await rows().first().getAttribute("class")) ?? "", /\bs1\b/, "severity 1 is on top");
  await page.waitForTimeout(Math.max(0, start + 60_000 - Date.now()));
  const tones = Number(await page.locator(".console").getAttribute("data-sounds")) - soundsBefore;
  assert.ok(tones >= 1 && tones <= 3, `${tones} tones in the first minute`);
});
