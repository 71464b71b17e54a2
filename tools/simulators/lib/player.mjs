// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Turns city and story into one ordered stream of messages. Knows no socket and no clock: the caller asks for the next
 * message and decides when to send it. The same city, story and day give the same stream, byte for byte.
 */

import { FEEDS } from './devices.mjs';
import { habits } from './background.mjs';
import { hash } from './noise.mjs';
import { expand } from './story.mjs';
import { secondsOf } from './time.mjs';
import { World } from './world.mjs';

/** @typedef {import('./city.mjs').CityData} CityData */
/** What is said, and how; `beat` names the part of the story it belongs to.
 *  @typedef {{at: number, beat?: string} & ({channel: 'mqtt', topic: string, payload: string}
 *   | {channel: 'push', source: string, body: unknown}
 *   | {channel: 'syslog-udp' | 'syslog-tcp', line: string}
 *   | {channel: 'auth', source: string}
 *   | {channel: 'link', source: string, message: {header: Record<string, any>, body: Record<string, any>}})} Message */
/** A thing that speaks again and again. `order` makes equal times unambiguous.
 *  @typedef {{s: number, order: number, speak: (s: number) => Message[], next: (s: number) => number}} Voice */

/** Parts of the stream one can ask for. @param {Message} m @returns {string} */
export const channelOf = (m) => (m.channel === 'auth' ? 'link' : m.channel.startsWith('syslog') ? 'syslog' : m.channel);

export class Player {
  /**
   * @param {CityData} city @param {import('./story.mjs').Story} story
   * @param {{origin: number, from?: number, until?: number, only?: string[], background?: boolean}} options
   *   origin: instant (ms UTC) of the story's midnight; from, until: seconds after it; only: families, channels or beat ids; background false: only what the story touches
   */
  constructor(city, story, options) {
    this.origin = options.origin;
    this.from = options.from ?? secondsOf(story.start);
    this.until = options.until ?? secondsOf(story.end);
    this.only = new Set(options.only ?? []);
    this.world = new World(story.world);
    /** @type {Voice[]} heap, earliest first */
    this.heap = [];
    /** @type {Message[]} */
    this.ready = [];
    this.voices = 0;
    this.#devices(city, options.background !== false);
    this.#habits(city, options.background !== false);
    this.#story(city, story);
  }

  /** @returns {Message | null} the next message without taking it */
  peek() {
    while (this.ready.length === 0) {
      const voice = this.heap[0];
      if (!voice || voice.s >= this.until) return null;
      this.ready = voice.speak(voice.s).reverse();
      const next = voice.next(voice.s);
      if (Number.isFinite(next)) {
        voice.s = next;
        sink(this.heap, 0);
      } else {
        const last = /** @type {Voice} */ (this.heap.pop());
        if (this.heap.length > 0) {
          this.heap[0] = last;
          sink(this.heap, 0);
        }
      }
    }
    return this.ready[this.ready.length - 1];
  }

  /** @returns {Message | null} */
  take() {
    const message = this.peek();
    this.ready.pop();
    return message;
  }

  /** @param {number} s seconds of the story's day @returns {number} ms UTC */
  instant(s) {
    return this.origin + Math.round(s * 1000);
  }

  /** @param {string[]} names @returns {boolean} */
  #wanted(names) {
    return this.only.size === 0 || names.some((name) => this.only.has(name));
  }

  /** @param {CityData} city @param {boolean} all devices, else only those the story touches */
  #devices(city, all) {
    for (const feed of FEEDS) {
      if (!this.#wanted(['mqtt', feed.family])) continue;
      for (const asset of city.byType.get(feed.type) ?? []) {
        if (feed.only && !feed.only(asset)) continue;
        if (!all && !this.world.touches(asset.device) && !this.world.touches(asset.refs.refSwitch)) continue;
        const topic = `city/${feed.family}/${asset.device}/${feed.kind}`;
        const speak = (/** @type {number} */ s) => {
          const payload = feed.payload(asset, { at: this.instant(s), s }, this.world);
          return payload === null ? [] : [/** @type {Message} */ ({ at: this.instant(s), channel: 'mqtt', topic, payload: JSON.stringify(payload) })];
        };
        const every = feed.every(asset, this.from, this.world);
        this.#add({ s: first(topic, every, this.from), order: 0, speak, next: (s) => s + feed.every(asset, s, this.world) });
        if (feed.onChange) this.#once(this.world.changes(asset.device), speak);
      }
    }
  }

  /** @param {CityData} city @param {boolean} all systems, else only the signs of life of the links */
  #habits(city, all) {
    for (const habit of habits(city, this.world)) {
      if (!all && habit.family !== 'link') continue;
      const speak = (/** @type {number} */ s) => habit.make({ at: this.instant(s), s }).filter((m) => this.#wanted([habit.family, channelOf(m)]));
      this.#add({ s: first(habit.name, habit.every, this.from), order: 0, speak, next: (s) => s + habit.every });
    }
  }

  /** @param {CityData} city @param {import('./story.mjs').Story} story */
  #story(city, story) {
    for (const step of expand(story, city, (s) => this.instant(s))) {
      if (!this.#wanted(['story', step.beat, channelOf(step.message)])) continue;
      this.#once([step.s], () => [step.message]);
    }
  }

  /** @param {number[]} times @param {(s: number) => Message[]} speak */
  #once(times, speak) {
    for (const s of times) if (s >= this.from) this.#add({ s, order: 0, speak, next: () => Infinity });
  }

  /** @param {Voice} voice */
  #add(voice) {
    voice.order = this.voices++;
    this.heap.push(voice);
    rise(this.heap, this.heap.length - 1);
  }
}

/** When a device first speaks: its own offset inside its interval, so that not all speak at once. @param {string} name @param {number} every @param {number} from */
function first(name, every, from) {
  const offset = hash(name) % every;
  const cycle = Math.ceil((from - offset) / every);
  return offset + cycle * every;
}

/** @param {Voice} a @param {Voice} b */
const before = (a, b) => a.s < b.s || (a.s === b.s && a.order < b.order);

/** @param {Voice[]} heap @param {number} i */
function rise(heap, i) {
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(heap[i], heap[parent])) return;
    [heap[i], heap[parent]] = [heap[parent], heap[i]];
    i = parent;
  }
}

/** @param {Voice[]} heap @param {number} i */
function sink(heap, i) {
  for (;;) {
    let least = i;
    for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && before(heap[child], heap[least])) least = child;
    if (least === i) return;
    [heap[i], heap[least]] = [heap[least], heap[i]];
    i = least;
  }
}
