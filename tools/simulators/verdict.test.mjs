// SPDX-License-Identifier: Apache-2.0
// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { secondsOf } from './lib/time.mjs';
import { judge, passes, ruleNumbers } from './lib/verdict.mjs';
import { DAY, story } from './testing.mjs';

const numbers = ruleNumbers([...new Set(story.expect.map((e) => e.rule))].map((n) => `id: r${n}\nbongsu:\n  number: ${n}\n---\nid: helper-${n}\nlogsource: {}\n`));
const window = { midnight: DAY, from: secondsOf(story.start), until: secondsOf(story.end), slack: 60 };

/** @param {import('./lib/story.mjs').Expectation} e @param {Partial<import('./lib/verdict.mjs').Alarm>} [more] */
const alarm = (e, more) => ({
  id: e.at, occurrence: 1, severity: e.severity, rule: `r${e.rule}`, key: e.entity ?? String(e.key), first_at: new Date(DAY + (secondsOf(e.at) + 2) * 1000).toISOString(), count: 1,
  place: e.entity ? { entity: e.entity } : null, title: { ko: e.beat }, ...more,
});
const perfect = () => story.expect.filter((e) => !e.joins).map((e) => alarm(e));

test('a server that raises what the script says passes', () => {
  const verdict = judge(story.expect, perfect(), numbers, window);
  assert.ok(passes(verdict), JSON.stringify(verdict));
  assert.equal(verdict.met, verdict.expected);
  assert.equal(verdict.expected, story.expect.filter((e) => !e.joins).length);
});

test('a missing, a doubled, a late, a foreign and a mild alarm are each named', () => {
  const [first, second, third, fourth, ...rest] = perfect();
  const late = { ...second, first_at: new Date(Date.parse(second.first_at) + 3600e3).toISOString() };
  const verdict = judge(story.expect, [third, { ...third, id: 'twice' }, late, { ...fourth, severity: 4 }, ...rest], numbers, window);
  assert.deepEqual(verdict.missing.length, 2, JSON.stringify(verdict));
  assert.ok(verdict.missing[0].includes(first.key) || verdict.missing[1].includes(first.key));
  assert.equal(verdict.repeated.length, 1);
  assert.equal(verdict.unexpected.length, 1);
  assert.equal(verdict.severity.length, 1);
});

test('rules that are not served and parts not played are not asked for', () => {
  const some = new Map([['r1', 1], ['r3', 3]]);
  const verdict = judge(story.expect, perfect().filter((a) => a.rule === 'r1'), some, { ...window, until: secondsOf('11:00') });
  assert.equal(verdict.expected, 1);
  assert.ok(passes(verdict));
});
