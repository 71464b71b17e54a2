// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Compares the alarms a server raised with what the story expects: each exactly once, nothing else. Pure. */

import { secondsOf } from './time.mjs';

/** What this needs of an alarm (api/openapi.yaml). @typedef {{id: string, occurrence: number, severity: number, rule: string, key: string, first_at: string, count: number, place: {entity?: string} | null, title: {ko: string}}} Alarm */
/** @typedef {import('./story.mjs').Expectation} Expectation */
/** @typedef {{expected: number, met: number, missing: string[], unexpected: string[], repeated: string[], severity: string[]}} Verdict */

/** Rule numbers by rule id, read from the packs' rule files. @param {string[]} texts @returns {Map<string, number>} */
export function ruleNumbers(texts) {
  const out = new Map();
  for (const text of texts) {
    for (const document of text.split(/^---$/m)) {
      const id = /^id:\s*(\S+)/m.exec(document)?.[1];
      const number = /^\s+number:\s*(\d+)/m.exec(document)?.[1];
      if (id && number) out.set(id, Number(number));
    }
  }
  return out;
}

/**
 * @param {Expectation[]} expectations @param {Alarm[]} alarms open and closed ones @param {Map<string, number>} numbers rule id to number
 * @param {{midnight: number, from: number, until: number, slack: number}} window ms UTC of the story's midnight; seconds after it; seconds an alarm may be late beyond `within`
 * @returns {Verdict}
 */
export function judge(expectations, alarms, numbers, window) {
  const served = new Set(numbers.values());
  const wanted = expectations.filter((e) => falls(e, served, window));
  const free = new Set(alarms);
  /** @type {Verdict} */
  const verdict = { expected: wanted.length, met: 0, missing: [], unexpected: [], repeated: [], severity: [] };
  for (const e of wanted) {
    const found = [...free].filter((alarm) => fits(e, alarm, numbers, window));
    if (found.length === 0) {
      verdict.missing.push(`rule ${e.rule} ${e.entity ?? e.key} at ${e.at}`);
      continue;
    }
    const [first, ...more] = found.sort((a, b) => a.first_at.localeCompare(b.first_at));
    free.delete(first);
    verdict.met++;
    for (const again of more) {
      free.delete(again);
      verdict.repeated.push(describe(again, numbers));
    }
    if (first.occurrence > 1) verdict.repeated.push(`${describe(first, numbers)}, occurrence ${first.occurrence}`);
    if (first.severity !== e.severity && first.severity !== e.severityTo) verdict.severity.push(`${describe(first, numbers)}: severity ${first.severity}, ${e.severityTo ?? e.severity} is expected`);
  }
  for (const alarm of free) if (!early(alarm, window)) verdict.unexpected.push(describe(alarm, numbers));
  return verdict;
}

/** Is it a row of its own in that part of the story? @param {Expectation} e @param {Set<number>} served numbers of the active rules @param {{from: number, until: number}} window */
export function falls(e, served, window) {
  const s = secondsOf(e.at);
  return !e.joins && served.has(e.rule) && s >= window.from && s + e.within < window.until;
}

/** @param {Verdict} v @returns {boolean} */
export const passes = (v) => v.missing.length + v.unexpected.length + v.repeated.length + v.severity.length === 0;

/** @param {Expectation} e @param {Alarm} alarm @param {Map<string, number>} numbers @param {{midnight: number, slack: number}} window */
export function fits(e, alarm, numbers, window) {
  if (numbers.get(alarm.rule) !== e.rule) return false;
  const s = (Date.parse(alarm.first_at) - window.midnight) / 1000;
  // An alarm may name as its first moment the first of the facts that led to it.
  if (s < secondsOf(e.begins ?? e.at) - 5 || s > secondsOf(e.at) + e.within + window.slack) return false;
  const named = alarm.place?.entity ?? (alarm.key.startsWith('urn:') ? alarm.key.split('|')[0] : undefined);
  // An entity that both name must be the same; of agency events only rule and time are comparable.
  return !e.entity || !named || named.split(':')[2] !== e.entity.split(':')[2] || named === e.entity;
}

/** @param {Alarm} alarm @param {{midnight: number, from: number}} window */
const early = (alarm, window) => (Date.parse(alarm.first_at) - window.midnight) / 1000 < window.from - 5;

/** @param {Alarm} alarm @param {Map<string, number>} numbers */
const describe = (alarm, numbers) => `rule ${numbers.get(alarm.rule) ?? '?'} ${alarm.rule} "${alarm.title.ko}" at ${alarm.first_at}`;
