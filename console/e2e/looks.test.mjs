// SPDX-License-Identifier: Apache-2.0
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fire, launch, market, missing, open, signIn, visit } from "./house.mjs";

const skip = missing() ?? false;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env["BONGSU_SHOTS"];
/** @type {import("./house.mjs").House} */ let house;
/** @type {import("playwright-core").Browser} */ let browser;

before(async () => {
  if (skip) return;
  house = await open();
  browser = await launch();
}, { timeout: 90_000 });
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** The software renderer is slow on a large screen; only pictures need one. */
const small = shots ? {} : { width: 1366, height: 768 };

/** @param {import("playwright-core").Page} page @param {string} where */
async function noViolations(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return result.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => node.target.join(" ") + " " + (node.failureSummary ?? "").split("\n")[1]).slice(0, 3).join(" | ")}`);
  });
  assert.deepEqual(found, [], where);
}

/** @param {import("playwright-core").Page} page @param {string} name */
const picture = async (page, name) => void (shots && (await page.screenshot({ path: `${shots}/${name}.png` })));

test("T-17 a calm city is grey: fewer than one pixel in two hundred is saturated", { skip }, async () => {
  for (const theme of /** @type {const} */ (["night", "day"])) {
    const { page, context } = await visit(browser, house, { theme });
    await signIn(page, house);
    await page.locator(".canvas canvas").waitFor();
    await page.waitForTimeout(4000);
    await picture(page, `calm-${theme}`);
    const png = (await page.screenshot()).toString("base64");
    const share = await page.evaluate(async (data) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const draw = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
      draw.drawImage(image, 0, 0);
      const { data: pixels } = draw.getImageData(0, 0, image.width, image.height);
      let loud = 0;
      for (let i = 0; i < pixels.length; i += 4) {
        const max = Math.max(pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0);
        const min = Math.min(pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0);
        // Saturation of a nearly black pixel is noise that no eye sees.
        if (max > 50 && (max - min) / max > 0.5) loud++;
      }
      return loud / (pixels.length / 4);
    }, png);
    assert.ok(share < 0.005, `${theme}: ${(share * 100).toFixed(2)} % saturated`);
    await context.close();
  }
});

test("T-10 no screen has an accessibility violation, in two themes and two languages", { skip, timeout: 200_000 }, async () => {
  // What an agency writes has one language; here it writes English, so that T-14 sees only the console's own texts.
  await fire(house, { ...market(), name: "Market hall 3, line B" });
  for (const language of /** @type {const} */ (["ko", "en"])) {
    for (const theme of /** @type {const} */ (["night", "day"])) {
      const { page, context } = await visit(browser, house, { language, theme, motion: "reduce", ...small });
      const tag = `${language}-${theme}`;
      await page.getByTestId("screen-S15").waitFor();
      await noViolations(page, `S15 ${tag}`);
      await picture(page, `S15-${tag}`);
      await signIn(page, house);
      await page.locator("[data-testid^=row-]").first().click();
      await page.getByTestId("why").waitFor();
      await noViolations(page, `S1 S2 S3 ${tag}`);
      await picture(page, `S1-${tag}`);
      for (const [key, id] of [["KeyX", "close-form"], ["F9", "manual-form"], ["Shift+Slash", "help"], ["Slash", "search"]]) {
        await page.locator("#board-list").focus();
        await page.keyboard.press(/** @type {string} */ (key));
        await page.getByTestId(/** @type {string} */ (id)).waitFor();
        await noViolations(page, `${id} ${tag}`);
        await page.keyboard.press("Escape");
        await page.getByTestId(/** @type {string} */ (id)).waitFor({ state: "detached" });
      }
      await page.evaluate(() => (location.hash = "#/links"));
      await page.getByTestId("screen-S9").waitFor();
      await page.waitForTimeout(700);
      await noViolations(page, `S9 links ${tag}`);
      await picture(page, `S9-links-${tag}`);
      await page.evaluate(() => (location.hash = "#/assets"));
      await page.getByTestId("screen-S9-assets").waitFor();
      await page.waitForTimeout(1200);
      await noViolations(page, `S9 assets ${tag}`);
      await picture(page, `S9-assets-${tag}`);
      await context.close();
    }
  }
});

test("T-14 texts follow the language, and a language forty per cent longer breaks nothing", { skip }, async () => {
  const { page, context } = await visit(browser, house, { language: "en" });
  await signIn(page, house);
  const hangul = await page.evaluate(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    /** @type {string[]} */
    const found = [];
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = /** @type {HTMLElement} */ (node.parentElement);
      // Names of people are data without an English form.
      if (/[가-힣]/.test(node.textContent ?? "") && !parent.closest("[lang=ko], [data-testid=owner], .state, .who")) found.push((node.textContent ?? "").trim());
    }
    return found;
  });
  assert.deepEqual(hangul, []);
  await page.getByTestId("language").click();
  await page.waitForFunction(() => document.documentElement.lang === "ko" && /도시통합운영센터/.test(document.querySelector("h1")?.textContent ?? ""));
  await context.close();

  const long = await visit(browser, house, { language: "pseudo" });
  await signIn(long.page, house);
  await long.page.locator("[data-testid^=row-]").first().click();
  await long.page.getByTestId("why").waitFor();
  await picture(long.page, "pseudo");
  const over = await long.page.evaluate(() =>
    [...document.querySelectorAll("button:not(.alarm-marker), header, footer, .bar, .tabs")]
      .filter((box) => box instanceof HTMLElement && box.offsetParent !== null && box.scrollWidth > box.clientWidth + 2 && getComputedStyle(box).overflow !== "hidden")
      .map((box) => `${box.className}: ${(box.textContent ?? "").trim().slice(0, 40)}`),
  );
  assert.deepEqual(over, []);
  await long.context.close();
});

test("T-18 the console asks no other host for anything and breaks no content security policy", { skip }, async () => {
  const { page, context, outside, complaints } = await visit(browser, house);
  await signIn(page, house);
  await page.locator("[data-testid^=row-]").first().click();
  await page.waitForTimeout(2000);
  await page.evaluate(() => (location.hash = "#/assets"));
  await page.waitForTimeout(800);

  const answer = await fetch(`${house.http}/`);
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-(?:inline|eval)/);
  assert.deepEqual(outside, []);
  assert.deepEqual(complaints, []);
  await context.close();
});
