#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The demo story as a seat of the room sees it: pictures with times. `--help` says how. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ServerClock, healthReader } from "../../tools/simulators/lib/clock.mjs";
import { readStory } from "../../tools/simulators/lib/story.mjs";
import { clockTime, secondsOf } from "../../tools/simulators/lib/time.mjs";
import { falls, fits, ruleNumbers } from "../../tools/simulators/lib/verdict.mjs";
import { launch, signIn, visit } from "./house.mjs";

const USAGE = `usage: node console/e2e/story-pictures.mjs [options]      (from the repository root, after ./x build)
Plays the demo story against the real server (tools/simulators/rehearse.mjs) in front of a signed-in browser that nobody
touches. Of every expected alarm it takes the time its row is painted, of the main ones a picture.
  --bongsu FILE     default build/bongsu
  --city DIR        default build/city/demo
  --scale S         virtual seconds a second (default 30: the ten hours in 20 minutes)
  --from, --until   part of the story, HH:MM (default 10:00 to 20:00); what is already the case at its begin comes as not expected
  --size WxH        default 1440x900
  --out DIR         pictures and README.md (default docs/pictures/story)
  --language ko|en  default ko;   --theme night|day  default night
Exit codes: 0 exactly the expected alarms were raised and each was painted, 1 not, 2 usage.`;

/** Beats whose first alarm is pictured: one of each kind of happening, twelve at most. */
const PICTURED = new Set(["robbery", "market-fire", "sshd", "missing-person", "air-advisory", "open-cabinet", "underpass", "river-walk", "pole-switch", "bell-silent", "anklet", "link-silent"]);
const MIDNIGHT = Date.parse("2026-11-22T00:00:00+09:00");
const LEAD_S = 45;
const SYNC_MS = 5000;

const text = /** @type {const} */ ({ type: "string" });
const { values: v } = parseArgs({
  options: {
    bongsu: { ...text, default: "build/bongsu" }, city: { ...text, default: "build/city/demo" }, scale: { ...text, default: "30" }, from: { ...text, default: "10:00" }, until: { ...text, default: "20:00" },
    out: { ...text, default: "docs/pictures/story" }, language: { ...text, default: "ko" }, theme: { ...text, default: "night" }, size: { ...text, default: "1440x900" }, help: { type: "boolean" },
  },
});
if (v.help || !/^(ko|en)$/.test(v.language) || !/^(night|day)$/.test(v.theme)) {
  console.log(USAGE);
  process.exit(v.help ? 0 : 2);
}
const [width, height] = v.size.split("x").map(Number);
const out = resolve(v.out);
const root = fileURLToPath(new URL("../../", import.meta.url));
const scale = Number(v.scale);
const story = readStory(new URL("../../tools/simulators/story.json", import.meta.url));
const numbers = ruleNumbers(ruleTexts(join(root, "packs")));
const window_ = { midnight: MIDNIGHT, from: secondsOf(v.from), until: secondsOf(v.until), slack: 60 };
const expected = story.expect.filter((e) => falls(e, new Set(numbers.values()), window_));

/** @typedef {import("../../tools/simulators/lib/story.mjs").Expectation} Expectation */
/** What was seen of one expected alarm. @typedef {{ painted: number, delay_ms: number, picture: string | null }} Seen */
/** @type {Map<Expectation, Seen>} */
const seen = new Map();
/** Pictures are taken one after the other, while the next alarms are timed. */
let album = Promise.resolve();

const folder = mkdtempSync(join(tmpdir(), "story-"));
process.exitCode = await run().catch((error) => {
  console.error(error.stack ?? error.message);
  return 1;
});
rmSync(folder, { recursive: true, force: true });

/** @returns {Promise<number>} exit code */
async function run() {
  const began = Date.now();
  mkdirSync(out, { recursive: true });
  for (const name of readdirSync(out)) if (name.endsWith(".jpg")) rmSync(join(out, name));
  const child = spawn(process.execPath, [join(root, "tools/simulators/rehearse.mjs"), "--bongsu", v.bongsu, "--city", v.city, "--packs", join(root, "packs"), "--scale", v.scale, "--from", v.from, "--until", v.until, "--record", folder, "--lead", String(LEAD_S)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", done));
  /** @type {any} */
  let rehearsal = null;
  /** @type {Promise<{ close: () => Promise<void> }> | null} */
  let seat = null;
  let rest = "";
  child.stdout.on("data", (/** @type {Buffer} */ data) => {
    const lines = (rest + data).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      console.log(line);
      if (line.startsWith('{"event":"loaded"')) seat = watch(JSON.parse(line).http);
      if (line.startsWith('{"event":"rehearsal"')) rehearsal = JSON.parse(line);
    }
  });
  process.once("SIGINT", () => child.kill("SIGTERM"));
  await ended;
  const watching = seat === null ? null : await /** @type {Promise<{ close: () => Promise<void> }>} */ (seat);
  await watching?.close();
  const verdict = rehearsal?.verdict ?? null;
  const whole = verdict !== null && verdict.missing.length + verdict.unexpected.length + verdict.repeated.length + verdict.severity.length === 0 && rehearsal.simulators === 0;
  const painted = expected.filter((e) => seen.has(e)).length;
  writeFileSync(join(out, "README.md"), report(verdict, painted, (Date.now() - began) / 60_000));
  console.log(JSON.stringify({ event: "story-pictures", expected: expected.length, painted, pictures: [...seen.values()].filter((one) => one.picture).length, slowest_ms: Math.max(0, ...[...seen.values()].map((one) => one.delay_ms)), verdict: whole ? "exactly as expected" : "not as expected", out }));
  return whole && painted === expected.length ? 0 : 1;
}

/** A seat that looks and touches nothing. @param {string} http @returns {Promise<{ close: () => Promise<void> }>} */
async function watch(http) {
  const cli = (/** @type {string[]} */ ...args) => JSON.parse(execFileSync(v.bongsu, [...args.slice(0, 2), "--data", join(folder, "data"), ...args.slice(2), "--json"], { encoding: "utf8" }).trim().split("\n").at(-1) ?? "");
  const token = cli("token", "create", "--role", "supervisor", "--tenant", "default").token;
  const house = { http, token, password: cli("user", "add", "seat", "--role", "supervisor").password, links: {}, stop: async () => undefined };
  const clock = new ServerClock(healthReader(http));
  await clock.sync();
  const sync = setInterval(() => void clock.sync().catch(() => undefined), SYNC_MS);
  const browser = await launch();
  const { page } = await visit(browser, house, { language: /** @type {"ko" | "en"} */ (v.language), theme: /** @type {"night" | "day"} */ (v.theme), width, height });
  await signIn(page, house);
  await page.exposeFunction("rowPainted", (/** @type {string} */ id, /** @type {number} */ at) => void note(page, http, token, clock, id, at).catch((error) => console.error(`${id}: ${error.message}`)));
  await page.evaluate(reportRows);
  const left = (MIDNIGHT + window_.from * 1000 - clock.now()) / clock.scale;
  console.log(left > 0 ? `the seat is taken ${Math.round(left / 1000)} s before the story` : `the seat was taken ${Math.round(-left / 1000)} s too late: what came before is timed too long`);
  return {
    close: async () => {
      await album;
      clearInterval(sync);
      await browser.close();
    },
  };
}

/** Runs in the page: says once for each row when a frame with it has been drawn. */
function reportRows() {
  const known = new Set();
  const look = () => {
    for (const row of document.querySelectorAll("[data-testid^=row-]")) {
      const id = (row.getAttribute("data-testid") ?? "").slice(4);
      if (known.has(id)) continue;
      known.add(id);
      // The frame after the one that draws it: then it has been on the glass.
      requestAnimationFrame(() => requestAnimationFrame(() => /** @type {any} */ (window).rowPainted(id, Date.now())));
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
}

/** @param {import("playwright-core").Page} page @param {string} http @param {string} token @param {ServerClock} clock @param {string} id @param {number} at wall time of the paint */
async function note(page, http, token, clock, id, at) {
  const painted = clock.now() - (Date.now() - at) * clock.scale;
  const answer = await fetch(`${http}/api/v1/alarms/${id}`, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`/api/v1/alarms/${id} answers ${answer.status}`);
  const { alarm, timeline } = /** @type {any} */ (await answer.json());
  const entry = expected.find((e) => !seen.has(e) && fits(e, alarm, numbers, window_));
  const kept = timeline.find((/** @type {any} */ line) => line.kind === "alarm")?.at ?? alarm.first_at;
  const delay_ms = Math.round((painted - Date.parse(kept)) / clock.scale);
  console.log(`${clockTime(painted)}  painted: ${alarm.title.ko}${entry ? "" : " (not expected)"}  ${delay_ms} ms after the journal`);
  /** @type {Seen} */
  const record = { painted, delay_ms, picture: null };
  if (entry) seen.set(entry, record);
  const pictured = entry !== undefined && PICTURED.delete(entry.beat);
  album = album
    .then(() => (pictured ? picture(page, id, entry, record) : undefined))
    .then(() => letGo(page, id))
    .catch((error) => console.error(`${alarm.title.ko}: ${error.message}`));
}

/** As soon as cameras and first step stand there. @param {import("playwright-core").Page} page @param {string} id @param {Expectation} entry @param {Seen} record */
async function picture(page, id, entry, record) {
  await page
    .waitForFunction(
      (wanted) => {
        const marked = document.querySelector(`[data-testid="row-${wanted}"]`)?.getAttribute("aria-selected") === "true";
        return marked && document.querySelector("[data-testid=why]") !== null;
      },
      id,
      { timeout: 4000 },
    )
    .catch(() => console.log(`${entry.beat} did not come into the hand by itself: something worse is there`));
  // The streets around it, if they are there in time.
  await page.waitForFunction(() => /** @type {any} */ (window).bongsuMap?.map.areTilesLoaded(), undefined, { timeout: 2000 }).catch(() => undefined);
  const name = `${entry.at.slice(0, 5).replace(":", "")}-${entry.beat}.jpg`;
  await page.screenshot({ path: join(out, name), type: "jpeg", quality: 70 });
  record.picture = name;
}

/** Nothing in hand, so that the next alarm shows itself whatever its severity; no key and no pointer is used. @param {import("playwright-core").Page} page @param {string} id */
async function letGo(page, id) {
  await page.evaluate((shown) => {
    const inHand = document.querySelector(`[data-testid="row-${shown}"]`)?.getAttribute("aria-selected") === "true";
    if (inHand) /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=screen-S2] .close"))?.click();
  }, id);
}

/** @param {string} packs @returns {string[]} */
function ruleTexts(packs) {
  const paths = readdirSync(packs, { recursive: true, encoding: "utf8" }).filter((path) => /(^|\/)rules\/.*\.ya?ml$/.test(path));
  return paths.map((path) => readFileSync(join(packs, path), "utf8"));
}

/** @param {any} verdict @param {number} painted @param {number} minutes @returns {string} */
function report(verdict, painted, minutes) {
  const git = (/** @type {string[]} */ ...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const title = (/** @type {Expectation} */ e) => story.beats.find((beat) => beat.id === e.beat)?.title.en ?? e.beat;
  const delays = [...seen.values()].map((one) => one.delay_ms).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0;
  const rows = expected.map((e) => {
    const one = seen.get(e);
    return `| ${e.at} | ${e.rule} | ${title(e)} | ${one ? clockTime(one.painted) : "**not painted**"} | ${one ? (one.delay_ms / 1000).toFixed(2) : ""} | ${one?.picture ? `[picture](${one.picture})` : ""} |`;
  });
  const told = verdict === null ? "The rehearsal gave no verdict." : `${verdict.met} of ${verdict.expected} expected alarms raised; missing ${verdict.missing.length}, unexpected ${verdict.unexpected.length}, repeated ${verdict.repeated.length}, of another severity ${verdict.severity.length}.`;
  return `<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Written by console/e2e/story-pictures.mjs -->
# The demo story as a seat sees it

    node console/e2e/story-pictures.mjs --scale ${v.scale} --from ${v.from} --until ${v.until} --language ${v.language} --theme ${v.theme}

Commit ${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " with changes"}, ${new Date().toISOString().slice(0, 10)}, ${minutes.toFixed(0)} minutes. Real server, real broker, real protocols, Chromium at
${v.size} with software rendering on the same machine; nobody touches the console: what is in hand came by itself.

${told} ${painted} of ${expected.length} painted on the board, ${(at(0.5) / 1000).toFixed(2)} s (median) and at most ${(at(1) / 1000).toFixed(2)} s after the alarm was written to the journal.

*Expected* and *seen* are virtual Korean time (the clock runs ${v.scale} times as fast); *delay* is real seconds from the alarm's
journal time to the frame that shows its row.

| expected | rule | what | seen | delay s | |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
