// SPDX-License-Identifier: Apache-2.0
// @ts-check
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fire, launch, market, missing, noViolations, open, signIn, spots, visit } from "./house.mjs";

const skip = missing() ?? false;
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
  await fire(house);
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

/** Texts of the page written in another script than the language says and not marked as such. @param {import("playwright-core").Page} page @param {"ko" | "en"} seat */
const unmarked = (page, seat) =>
  page.evaluate((language) => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    /** @type {string[]} */
    const found = [];
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = (node.textContent ?? "").trim();
      const marked = node.parentElement?.closest("[lang]")?.getAttribute("lang");
      if (marked === language && (language === "en" ? /[가-힣]/.test(text) : /Market hall/.test(text))) found.push(text);
    }
    return found;
  }, seat);

test("T-14 texts follow the language, and what exists in the other one only is marked as that", { skip, timeout: 60_000 }, async () => {
  // An agency writes one language. Here one writes Korean, one English; names of people are Korean, too.
  await fire(house);
  await fire(house, { .../** @type {import("./house.mjs").Spot} */ (spots(5)[1]), name: "Market hall 3, line B" });
  const { page, context } = await visit(browser, house, { language: "en", ...small });
  await signIn(page, house);
  const row = (/** @type {string} */ place) => page.locator("[data-testid^=row-]", { hasText: place }).first();
  await row(market().name).click();
  await page.getByTestId("why").waitFor();
  await page.keyboard.press("KeyW");
  assert.deepEqual(await unmarked(page, "en"), [], "S1, S2, S3");
  assert.equal(await page.locator("[data-testid=where] strong [lang=ko]").innerText(), market().name);
  await page.keyboard.press("F9");
  await page.getByTestId("manual-form").waitFor();
  assert.deepEqual(await unmarked(page, "en"), [], "F9");
  await page.keyboard.press("Escape");
  await page.locator("#board-list").focus();
  await page.keyboard.press("Slash");
  await page.getByTestId("search").locator("input").fill(market().name.slice(0, 3));
  await page.getByTestId("search").locator("li").first().waitFor();
  assert.deepEqual(await unmarked(page, "en"), [], "search");
  await page.keyboard.press("Escape");
  for (const [hash, id] of [["links", "screen-S9"], ["assets", "screen-S9-assets"]]) {
    await page.evaluate((to) => (location.hash = `#/${to}`), hash);
    await page.getByTestId(/** @type {string} */ (id)).waitFor();
    await page.waitForTimeout(700);
    assert.deepEqual(await unmarked(page, "en"), [], id);
  }
  await page.evaluate(() => (location.hash = "#/map"));
  await page.getByTestId("screen-S1").waitFor();
  await page.getByTestId("language").click();
  await page.waitForFunction(() => document.documentElement.lang === "ko" && /도시통합운영센터/.test(document.querySelector("h1")?.textContent ?? ""));
  await row("Market hall 3").click();
  await page.locator("[data-testid=where] strong [lang=en]").waitFor();
  assert.deepEqual(await unmarked(page, "ko"), [], "the reverse");
  await context.close();
});

test("T-14 a language forty per cent longer breaks nothing", { skip }, async () => {
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
