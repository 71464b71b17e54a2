#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Plays the demo city. `node tools/simulators/run.mjs --help` says how. */

import { createWriteStream } from 'node:fs';
import { Agencies } from './lib/agencies.mjs';
import { readCity } from './lib/city.mjs';
import { ServerClock, healthReader } from './lib/clock.mjs';
import { sleep } from './lib/http.mjs';
import { USAGE, readOptions } from './lib/options.mjs';
import { Player } from './lib/player.mjs';
import { LinkSink, MqttSink, PushSink, TcpSink, UdpSink, complainer } from './lib/sinks.mjs';
import { readStory } from './lib/story.mjs';
import { clockTime, dateOf, midnight, secondsOf, timeOfDay } from './lib/time.mjs';

/** @typedef {import('./lib/options.mjs').Options} Options */
/** @typedef {import('./lib/sinks.mjs').Sink} Sink */
/** @typedef {import('./lib/player.mjs').Message} Message */
/** @typedef {import('./lib/story.mjs').Story} Story */

const RESYNC_MS = 10000;
const PROGRESS_S = 600;
const DAY_S = 86400;
const DRAIN_MS = 20000;

const options = readOptions(process.argv.slice(2));
if ('help' in options) {
  console.log(USAGE);
  process.exit(0);
}
if ('error' in options) {
  console.error(`${options.error}\n${USAGE}`);
  process.exit(2);
}

const stop = new AbortController();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => stop.abort());
const say = (/** @type {string} */ text) => options.quiet || console.log(text);
const complain = complainer((text) => console.error(text));

const story = readStory(options.story ?? new URL('./story.json', import.meta.url));
const city = readCity(options.city);
process.exitCode = options.dryRun ? await dryRun(options, options.dryRun) : await play(options);

/** @param {Options} o @param {string} file @returns {Promise<number>} exit code */
async function dryRun(o, file) {
  const origin = Date.parse(`${o.date}T00:00:00+09:00`);
  const player = new Player(city, story, { origin, from: o.from, until: o.until, only: o.only, background: o.background });
  const out = file === '-' ? process.stdout : createWriteStream(file);
  let count = 0;
  for (let m = player.take(); m && !stop.signal.aborted; m = player.take()) {
    const { at, ...rest } = m;
    count++;
    if (!out.write(`${JSON.stringify({ at: new Date(at).toISOString(), ...rest })}\n`)) await new Promise((resolve) => out.once('drain', () => resolve(undefined)));
  }
  if (out !== process.stdout) await new Promise((resolve) => out.end(() => resolve(undefined)));
  console.error(JSON.stringify({ event: 'dry-run', messages: count, file }));
  return 0;
}

/** @param {Options} o @returns {Promise<number>} exit code */
async function play(o) {
  const clock = new ServerClock(healthReader(o.server));
  try {
    await firstSync(clock);
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}`);
    return 1;
  }
  if (o.scale !== undefined && Math.abs(o.scale - clock.scale) > 1e-9) {
    console.error(`the server's clock runs at ${clock.scale}, --clock-scale says ${o.scale}`);
    return 1;
  }
  const agencies = o.agencies ? new Agencies({ keys: o.keys, record: o.record, now: () => clock.now() }) : null;
  const agencyUrl = agencies && o.agencies ? await agencies.listen(o.agencies.host, o.agencies.port) : null;
  const sinks = open(o);
  const left = ['mqtt', 'syslog-udp', 'syslog-tcp', 'push', 'link'].filter((name) => !sinks[name]);
  console.log(JSON.stringify({ event: 'ready', agencies: agencyUrl, scale: clock.scale, now: new Date(clock.now()).toISOString(), left_out: left, pid: process.pid }));
  const resync = setInterval(() => clock.sync().catch((error) => complain(`clock: ${error.message}; going on with the last scale`)), RESYNC_MS);
  let code = 0;
  do code = await oneDay(o, clock, sinks);
  while (o.loop && !stop.signal.aborted && code === 0);
  clearInterval(resync);
  const waiting = await drain(sinks);
  for (const sink of Object.values(sinks)) await sink?.close();
  await agencies?.close();
  return summary(sinks, waiting, agencies) && code === 0 ? 0 : 1;
}

/** The server may still be starting. @param {ServerClock} clock */
async function firstSync(clock) {
  for (let attempt = 1; ; attempt++) {
    try {
      await clock.sync();
      return;
    } catch (error) {
      if (attempt === 20 || stop.signal.aborted) throw error;
      await sleep(500, stop.signal);
    }
  }
}

/** @param {Options} o @returns {Record<string, any>} sinks by channel */
function open(o) {
  /** @type {Record<string, any>} */
  const sinks = {};
  if (o.mqtt) sinks.mqtt = new MqttSink(o.mqtt, complain);
  if (o.udp) sinks['syslog-udp'] = new UdpSink(o.udp.host, o.udp.port, complain);
  if (o.tcp) sinks['syslog-tcp'] = new TcpSink(o.tcp.host, o.tcp.port, complain);
  if (o.token) sinks.push = new PushSink(o.server, o.token, complain);
  if (o.link) sinks.link = new LinkSink(o.link, o.keys, complain);
  return sinks;
}

/** @param {Options} o @param {ServerClock} clock @param {Record<string, any>} sinks @returns {Promise<number>} exit code */
async function oneDay(o, clock, sinks) {
  const start = secondsOf(story.start);
  const origin = o.align === 'now' ? Math.floor(clock.now() / 1000) * 1000 - (o.from ?? start) * 1000 : midnight(clock.now());
  const here = (clock.now() - origin) / 1000;
  // Devices do not stop after the story: with --loop the ordinary day goes on until the next one.
  const around = o.loop && o.align === 'day';
  const from = o.from ?? (around ? Math.floor(here) : Math.max(start, Math.floor(here)));
  const until = o.until ?? (around ? DAY_S : secondsOf(story.end));
  if (here >= until) {
    console.error(`it is ${clockTime(clock.now())} KST on the server's clock; the story of that day ended at ${timeOfDay(until)} (use --loop or --align now)`);
    return 1;
  }
  const player = new Player(city, story, { origin, from, until, only: o.only, background: o.background });
  say(`story ${timeOfDay(from)} to ${timeOfDay(until)} on ${dateOf(origin)}, clock x${clock.scale}, ${player.heap.length} voices`);
  await pump(player, clock, sinks, origin, from);
  while (o.loop && !stop.signal.aborted && clock.now() < origin + until * 1000) await sleep(Math.min(250, clock.until(origin + until * 1000) + 1), stop.signal);
  return 0;
}

/** Sends what is due, waits for what is not; waits too when a channel is full. @param {Player} player @param {ServerClock} clock @param {Record<string, any>} sinks @param {number} origin @param {number} from */
async function pump(player, clock, sinks, origin, from) {
  let reported = from - (from % PROGRESS_S);
  let inARow = 0;
  const beats = new Set();
  for (let message = player.peek(); message && !stop.signal.aborted; message = player.peek()) {
    const wait = clock.until(message.at);
    if (wait > 1) {
      await sleep(Math.min(wait, 250), stop.signal);
      continue;
    }
    const sink = sinks[message.channel === 'auth' ? 'link' : message.channel];
    if (sink?.full()) {
      await sleep(5, stop.signal);
      continue;
    }
    player.take();
    sink?.send(message);
    if (message.beat && !beats.has(message.beat)) {
      beats.add(message.beat);
      say(`${clockTime(message.at)}  ${story.beats.find((b) => b.id === message.beat)?.title.ko} (${message.beat})`);
    }
    const s = (message.at - origin) / 1000;
    if (s - reported >= PROGRESS_S) {
      reported += PROGRESS_S;
      say(`${timeOfDay(reported)}  ${counts(sinks)}  late ${Math.max(0, Math.round((clock.now() - message.at) / 1000))} s`);
    }
    // Sockets need their turn.
    if (++inARow % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @param {Record<string, any>} sinks @returns {string} */
function counts(sinks) {
  return Object.entries(sinks)
    .map(([name, sink]) => `${name} ${sink.sent}${sink.waiting() ? `+${sink.waiting()}` : ''}`)
    .join('  ');
}

/** @param {Record<string, any>} sinks @returns {Promise<number>} messages that could not be delivered in time */
async function drain(sinks) {
  const deadline = performance.now() + (stop.signal.aborted ? 1000 : DRAIN_MS);
  const waiting = () => Object.values(sinks).reduce((sum, sink) => sum + sink.waiting(), 0);
  while (waiting() > 0 && performance.now() < deadline) await sleep(20);
  return waiting();
}

/** @param {Record<string, any>} sinks @param {number} waiting @param {Agencies | null} agencies @returns {boolean} all delivered */
function summary(sinks, waiting, agencies) {
  const channels = Object.fromEntries(Object.entries(sinks).map(([name, s]) => [name, { sent: s.sent, refused: s.refused, retries: s.retries, ...(s.signIns === undefined ? {} : { sign_ins: s.signIns }) }]));
  console.log(JSON.stringify({ event: stop.signal.aborted ? 'stopped' : 'end', channels, undelivered: waiting, agencies_received: agencies?.total ?? 0 }));
  const refused = Object.values(sinks).reduce((sum, s) => sum + s.refused, 0);
  return stop.signal.aborted || (waiting === 0 && refused === 0);
}
