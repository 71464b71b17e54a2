#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** After the story: did the server raise exactly the expected alarms, once each? */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { healthReader } from './lib/clock.mjs';
import { readStory } from './lib/story.mjs';
import { midnight, secondsOf } from './lib/time.mjs';
import { judge, passes, ruleNumbers } from './lib/verdict.mjs';

const USAGE = `usage: node tools/simulators/verify.mjs --server URL --token T [options]
Compares /api/v1/alarms with what story.json expects and prints one JSON line:
{"expected","met","missing","unexpected","repeated","severity"}
  --packs DIR        the packs whose rules are active (default packs); expectations of rules that are not there do not count
  --from HH:MM       story played from there (default: its start)
  --until HH:MM      story played until there (default: the server's clock)
  --date YYYY-MM-DD  day of the story (default: the server's Korean day)
  --slack SECONDS    virtual seconds an alarm may come later than the script says (default 60)
  --story FILE
Exit codes: 0 exactly as expected, 1 not, 2 usage.`;

const { values: v } = parseArgs({
  options: {
    server: { type: 'string' }, token: { type: 'string' }, packs: { type: 'string', default: 'packs' }, from: { type: 'string' }, until: { type: 'string' }, date: { type: 'string' }, slack: { type: 'string', default: '60' },
    story: { type: 'string' }, help: { type: 'boolean' },
  },
});
if (v.help || !v.server || !v.token) {
  console.log(USAGE);
  process.exit(v.help ? 0 : 2);
}
const server = v.server;
const story = readStory(v.story ?? new URL('./story.json', import.meta.url));
const { now } = await healthReader(server)();
const day = v.date ? Date.parse(`${v.date}T00:00:00+09:00`) : midnight(now);
const texts = readdirSync(/** @type {string} */ (v.packs), { recursive: true, encoding: 'utf8' })
  .filter((path) => /(^|\/)rules\/.*\.ya?ml$/.test(path))
  .map((path) => readFileSync(join(/** @type {string} */ (v.packs), path), 'utf8'));
const alarms = [...(await list('closed=false')), ...(await list('closed=true'))];
const verdict = judge(story.expect, alarms, ruleNumbers(texts), {
  midnight: day,
  from: secondsOf(v.from ?? story.start),
  until: v.until ? secondsOf(v.until) : (now - day) / 1000,
  slack: Number(v.slack),
});
console.log(JSON.stringify(verdict));
process.exitCode = passes(verdict) ? 0 : 1;

/** @param {string} query @returns {Promise<import('./lib/verdict.mjs').Alarm[]>} all pages */
async function list(query) {
  const out = [];
  for (let cursor = ''; ; ) {
    const response = await fetch(new URL(`/api/v1/alarms?${query}&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, server), { headers: { Authorization: `Bearer ${v.token}` } });
    if (!response.ok) throw new Error(`/api/v1/alarms answers ${response.status}: ${await response.text()}`);
    const page = /** @type {any} */ (await response.json());
    out.push(...page.items);
    if (!page.next) return out;
    cursor = page.next;
  }
}
