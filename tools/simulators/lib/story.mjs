// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Reads story.json and writes its steps out as messages. The story itself is data; nothing in here knows what happens. */

import { readFileSync } from 'node:fs';
import { assetOf } from './city.mjs';
import { hash, round } from './noise.mjs';
import { eventMessage } from './safety-net.mjs';
import { cef, rfc3164, rfc5424 } from './syslog.mjs';
import { dateOf, digits14, hourMinute, kst, secondsOf, utc } from './time.mjs';

/** @typedef {import('./city.mjs').CityData} CityData */
/** @typedef {import('./player.mjs').Message} Message */
/** @typedef {{at: string, link?: any, mqtt?: any, push?: any, syslog?: any, repeat?: {count: number, every: number}, camerasOf?: string, cameraOf?: string, again?: number}} Step */
/** @typedef {{id: string, title: {ko: string, en: string}, steps: Step[]}} Beat */
/** @typedef {{rule: number, beat: string, entity: string | null, key?: string, at: string, begins?: string, within: number, severity: number, severityTo?: number, count?: number, first: boolean, joins?: string, clears?: string, note?: string}} Expectation */
/** @typedef {{start: string, end: string, beats: Beat[], world: import('./world.mjs').Influence[], expect: Expectation[]}} Story */

/** @param {string | URL} path @returns {Story} */
export const readStory = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** What a placeholder may ask for. @typedef {{s: number, instant: (s: number) => number, i: number, camera?: import('./city.mjs').Asset, beat: string}} Scope */

/** @param {Story} story @param {CityData} city @param {(s: number) => number} instant seconds of the day to ms UTC
 *  @returns {{s: number, beat: string, message: Message}[]} in time order */
export function expand(story, city, instant) {
  /** @type {{s: number, beat: string, message: Message}[]} */
  const out = [];
  for (const beat of story.beats) {
    /** @type {Map<string, any>} */
    const cases = new Map();
    for (const step of beat.steps) {
      const s = secondsOf(step.at);
      const cameras = step.camerasOf ? camerasOf(city, step.camerasOf) : [step.cameraOf ? assetOf(city, assetOf(city, step.cameraOf).refs.refCamera) : undefined];
      const { count, every } = step.repeat ?? { count: 1, every: 0 };
      for (let i = 0; i < count; i++) {
        cameras.forEach((camera, k) => {
          const scope = { s: round(s + i * every + k * 0.25, 3), instant, i: i + 1, camera, beat: beat.id };
          const message = { ...toMessage(step, city, scope, cases), beat: beat.id };
          out.push({ s: scope.s, beat: beat.id, message });
          if (step.again) out.push({ s: scope.s + step.again, beat: beat.id, message: { ...message, at: instant(scope.s + step.again) } });
        });
      }
    }
  }
  return out.sort((a, b) => a.s - b.s);
}

/** @param {CityData} city @param {string} device */
const camerasOf = (city, device) => (city.byType.get('Camera') ?? []).filter((c) => c.refs.refSwitch === device);

/** @param {Step} step @param {CityData} city @param {Scope} scope @param {Map<string, any>} cases @returns {Message} */
function toMessage(step, city, scope, cases) {
  const at = scope.instant(scope.s);
  if (step.link) return { at, channel: 'link', source: step.link.source, message: report(step.link, city, scope, cases) };
  if (step.mqtt) return { at, channel: 'mqtt', topic: step.mqtt.topic, payload: JSON.stringify(fill(step.mqtt.payload, scope)) };
  if (step.push) return { at, channel: 'push', source: step.push.source, body: fill(step.push.body, scope) };
  if (step.syslog) return log(fill(step.syslog, scope), at);
  throw new Error(`beat ${scope.beat}: a step at ${step.at} does nothing`);
}

/** A later message of a case repeats what it does not change. @param {any} link @param {CityData} city @param {Scope} scope @param {Map<string, any>} cases */
function report(link, city, scope, cases) {
  const at = scope.instant(scope.s);
  const known = cases.get(link.case) ?? { number: `${digits14(at)}001`, occurred: at - 5000 };
  const now = { ...known, ...link };
  cases.set(link.case, now);
  const spot = city.file.cast[now.spot] ?? { point: assetOf(city, now.spot).point, address: assetOf(city, now.spot).address };
  return eventMessage({
    source: now.source, evtId: now.evtId, state: now.state, grade: now.grade, occurred: now.occurred, at, number: now.number, point: spot.point, place: spot.address.ko, text: fill(now.text, scope), detail: now.detail, items: fill(now.items ?? [], scope),
  });
}

/** @param {any} line @param {number} at @returns {Message} */
function log(line, at) {
  const channel = line.transport === 'tcp' ? 'syslog-tcp' : 'syslog-udp';
  const write = { 5424: rfc5424, 3164: rfc3164, cef }[/** @type {'5424' | '3164' | 'cef'} */ (line.form)];
  return { at, channel, line: write({ ...line, at }) };
}

/** Puts values in for placeholders, at every depth. @param {any} value @param {Scope} scope @returns {any} */
function fill(value, scope) {
  if (typeof value === 'string') return value.replace(/\{([a-z0-9]+)(?:@([\d:]+))?\}/g, (_, word, time) => placeholder(word, time, scope));
  if (Array.isArray(value)) return value.map((v) => fill(v, scope));
  if (value === null || typeof value !== 'object') return value;
  if (value.$between) return round(value.$between[0] + ((value.$between[1] - value.$between[0]) * hash(`${scope.beat}/${scope.i}/${value.$between}`)) / 4294967295, value.decimals ?? 0);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v, scope)]));
}

/** @param {string} word @param {string | undefined} time another time of the story's day @param {Scope} scope @returns {string} */
function placeholder(word, time, scope) {
  const at = scope.instant(time ? secondsOf(time) : scope.s);
  const words = /** @type {Record<string, () => string>} */ ({
    utc: () => utc(at),
    kst: () => kst(at),
    date: () => dateOf(at),
    hm: () => hourMinute(at),
    kma: () => digits14(at).slice(0, 12),
    slashed: () => `${dateOf(at).replaceAll('-', '/')} ${kst(at).slice(11, 19)}`,
    compact: () => digits14(at),
    day: () => digits14(at).slice(0, 8),
    i: () => String(scope.i),
    n: () => String(scope.i).padStart(3, '0'),
    camera: () => scope.camera?.device ?? '',
    server: () => scope.camera?.refs.videoServer ?? '',
  });
  const make = words[word];
  if (!make) throw new Error(`beat ${scope.beat}: unknown placeholder {${word}}`);
  return make();
}
