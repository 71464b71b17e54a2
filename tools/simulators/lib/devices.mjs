// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The MQTT devices of docs/formats/demo-city.md section 3: what each says, how often. Pure: asset and time in, payload out. */

import { chance, drift, hash, round } from './noise.mjs';
import { utc } from './time.mjs';

/** @typedef {import('./city.mjs').Asset} Asset */
/** @typedef {import('./world.mjs').World} World */
/** Moment of a message: `at` for the wire (ms UTC), `s` seconds of the story's day. @typedef {{at: number, s: number}} Moment */
/** One message kind of a family. `payload` returns null when the device is silent.
 *  @typedef {{family: string, type: string, kind: string, every: (asset: Asset, s: number, world: World) => number, payload: (asset: Asset, m: Moment, world: World) => unknown, onChange?: boolean, only?: (asset: Asset) => boolean}} Feed */

const hour = (/** @type {number} */ s) => s / 3600;
const stamp = (/** @type {Asset} */ a, /** @type {Moment} */ m) => ({ id: a.device, ts: utc(m.at) });
/** @param {number} seconds @returns {Feed['every']} */
const fixed = (seconds) => () => seconds;

/** Street lights are ordered on ten minutes after sunset. */
export const LIGHTS_ON = 17 * 3600 + 32 * 60;
const LIGHTS_OFF = 7 * 3600 + 5 * 60;

/** mm an hour over the city, before the gauge's own share. @param {World} world @param {number} s */
const rainRate = (world, s) => world.at('RAIN', 'rate', s) ?? 0;

/** Rain of the day so far by minute, mm, for each gauge of a world. @type {WeakMap<World, Map<string, Float64Array>>} */
const rainfall = new WeakMap();
const MINUTES = 1440;

/** @param {Asset} a @param {World} world @returns {Float64Array} entry m: mm that fell before the end of minute m */
function rainOfDay(a, world) {
  let gauges = rainfall.get(world);
  if (!gauges) rainfall.set(world, (gauges = new Map()));
  let sums = gauges.get(a.device);
  if (sums) return sums;
  sums = new Float64Array(MINUTES + 1);
  for (let m = 1; m <= MINUTES; m++) {
    const share = 0.85 + 0.25 * drift(`${a.device}/share`, m * 60, 1800);
    sums[m] = sums[m - 1] + (rainRate(world, m * 60) / 60) * share;
  }
  gauges.set(a.device, sums);
  return sums;
}

/** @param {Asset} a @param {World} world @param {number} s @param {number} minutes @returns {number} mm of the last minutes */
function rainSum(a, world, s, minutes) {
  const sums = rainOfDay(a, world);
  const now = Math.min(MINUTES, Math.floor(s / 60));
  return sums[now] - sums[Math.max(0, now - minutes)];
}

/** @type {Feed[]} */
export const FEEDS = [
  {
    family: 'air', type: 'AirQualityStation', kind: 'obs', every: fixed(300),
    payload: (a, m, w) => {
      const dust = w.at('AIR', 'pm25', m.s) ?? 17;
      const road = a.values.stationKind === 'roadside' ? 5 : 0;
      const pm25 = Math.max(3, dust + road + 4 * drift(`${a.device}/pm25`, m.s, 2400));
      return {
        ...stamp(a, m), pm10: Math.round(pm25 * 1.7 + 4 * drift(`${a.device}/pm10`, m.s, 1800)), pm25: Math.round(pm25),
        o3: round(0.026 + 0.008 * drift(`${a.device}/o3`, m.s, 5400), 3), no2: round(0.019 + road * 0.002 + 0.005 * drift(`${a.device}/no2`, m.s, 3600), 3),
        so2: round(0.003 + 0.001 * drift(`${a.device}/so2`, m.s, 7200), 3), co: round(0.4 + 0.1 * drift(`${a.device}/co`, m.s, 3600), 1),
        temp: round(8.5 + 3.2 * Math.sin(((hour(m.s) - 9) / 12) * Math.PI) + 0.4 * drift(`${a.device}/t`, m.s, 1800), 1), hum: Math.round(62 + Math.min(30, rainRate(w, m.s) * 3) + 3 * drift(`${a.device}/h`, m.s, 1800)),
      };
    },
  },
  {
    family: 'water', type: 'WaterLevelGauge', kind: 'level', every: fixed(60),
    payload: (a, m, w) => ({ ...stamp(a, m), level: round(waterLevel(a, m.s, w), 2), battery: round(12.7 + 0.1 * drift(`${a.device}/v`, m.s, 7200), 1) }),
  },
  {
    family: 'rain', type: 'RainGauge', kind: 'obs', every: fixed(60),
    payload: (a, m, w) => ({ ...stamp(a, m), mm1: round(rainSum(a, w, m.s, 1), 2), mm15: round(rainSum(a, w, m.s, 15), 1), mm60: round(rainSum(a, w, m.s, 60), 1), mmDay: round(rainSum(a, w, m.s, MINUTES), 1) }),
  },
  {
    family: 'traffic', type: 'VehicleDetector', kind: 'flow', every: fixed(60),
    payload: (a, m) => {
      const h = hour(m.s);
      const rush = Math.exp(-(((h - 8.3) / 1.3) ** 2)) + 1.1 * Math.exp(-(((h - 18.2) / 1.5) ** 2)) + 0.45;
      const busy = Math.max(1, (4 + (hash(a.device) % 13)) * rush * (1 + 0.25 * drift(`${a.device}/q`, m.s, 240)));
      const volume = Math.round(busy);
      const speed = Math.max(19, a.values.speedLimit * (0.86 - 0.011 * volume) + 4 * drift(`${a.device}/v`, m.s, 420));
      return { ...stamp(a, m), period: 60, volume, speed: round(speed, 1), occupancy: round(Math.min(60, (volume * 21) / speed), 1) };
    },
  },
  {
    family: 'signal', type: 'TrafficSignal', kind: 'status', every: fixed(60), onChange: true,
    payload: (a, m, w) => ({ ...stamp(a, m), state: w.at(a.device, 'state', m.s) ?? 'normal', comms: 'ok', plan: hour(m.s) < 9.5 || (hour(m.s) > 17 && hour(m.s) < 19.5) ? 2 : 3 }),
  },
  ...['a', 'b'].map((sensor) => /** @type {Feed} */ ({
    family: 'underpass', type: 'Underpass', kind: `level-${sensor}`, every: (a, s, w) => (depth(a, s, w) > 0 ? 10 : 30),
    payload: (a, m, w) => ({ ...stamp(a, m), sensor, depth: round(depth(a, m.s, w) * (sensor === 'a' ? 1 : 0.98), 1) }),
  })),
  {
    family: 'underpass', type: 'Underpass', kind: 'barrier', every: fixed(60), onChange: true,
    payload: (a, m, w) => {
      const barrier = w.at(a.device, 'barrier', m.s) ?? { state: 'open', order: 'open', orderedBefore: null };
      return { ...stamp(a, m), state: barrier.state, order: barrier.order, orderedAt: barrier.ordered ? utc(m.at - (m.s - toSeconds(barrier.ordered)) * 1000) : null };
    },
  },
  {
    family: 'light', type: 'StreetlightCircuit', kind: 'state', every: fixed(300),
    payload: (a, m, w) => {
      const on = m.s >= LIGHTS_ON || m.s < LIGHTS_OFF;
      const lamps = a.values.lamps;
      const lit = on ? (w.at(a.device, 'lit', m.s) ?? lamps) : 0;
      return {
        ...stamp(a, m), cabinet: a.refs.refCabinet, command: on ? 'on' : 'off', current: round(lit * (0.36 + 0.004 * drift(`${a.device}/i`, m.s, 1200)), 2),
        voltage: round(221 + 2.2 * drift(`${a.device}/u`, m.s, 900), 1), leak: round(0.4 + 0.15 * drift(`${a.device}/l`, m.s, 3600), 1), lit, lamps,
      };
    },
  },
  {
    family: 'bell', type: 'EmergencyBell', kind: 'status', every: fixed(600),
    payload: (a, m) => ({ ...stamp(a, m), battery: 92 + (hash(a.device) % 8), selfTest: 'ok' }),
  },
  {
    family: 'cabinet', type: 'PoleCabinet', kind: 'door', every: fixed(1800), onChange: true,
    payload: (a, m, w) => (silent(a.refs.refSwitch, m.s, w) ? null : { ...stamp(a, m), door: w.at(a.device, 'door', m.s) ?? 'closed', temp: round(16 + 4 * drift(`${a.device}/t`, m.s, 7200), 1), power: 'ok' }),
  },
  {
    family: 'camera', type: 'Camera', kind: 'health', every: fixed(20), only: (a) => a.values.keyCamera === true,
    payload: (a, m, w) =>
      silent(a.refs.refSwitch, m.s, w) || silent(a.device, m.s, w)
        ? null
        : { ...stamp(a, m), switch: a.refs.refSwitch, fps: round(15 + 0.2 * drift(`${a.device}/f`, m.s, 120), 1), kbps: Math.round(2050 + 260 * drift(`${a.device}/k`, m.s, 90)), frozen: false, black: false },
  },
  {
    family: 'pump', type: 'PumpStation', kind: 'state', every: fixed(60),
    payload: (a, m, w) => ({ ...stamp(a, m), level: sump(a, m.s, w), running: sump(a, m.s, w) > 1.25 ? 2 : sump(a, m.s, w) > 1.05 ? 1 : 0, power: 'ok', mode: 'auto' }),
  },
  // The one device that sends a bare number.
  { family: 'pump', type: 'PumpStation', kind: 'level', every: fixed(60), payload: (a, m, w) => sump(a, m.s, w) },
];

/** @param {Asset} a @param {number} s @param {World} w @returns {number} m */
function waterLevel(a, s, w) {
  const told = w.at(a.device, 'level', s);
  if (told !== undefined) return told;
  if (a.values.river === 'tide') return 4.1 + 2.2 * Math.sin((s / 44712) * 2 * Math.PI + 0.6);
  const runoff = Math.min(0.45, (w.at('RAIN', 'runoff', s) ?? 0) * (0.8 + 0.2 * drift(`${a.device}/r`, 0, 1)));
  return 1.28 + 0.1 * drift(a.device, 0, 1) + runoff + 0.015 * drift(`${a.device}/w`, s, 900);
}

/** @param {Asset} a @param {number} s @param {World} w @returns {number} cm over the road */
const depth = (a, s, w) => w.at(a.device, 'depth', s) ?? 0;

/** @param {string} device @param {number} s @param {World} w @returns {boolean} nothing comes from it */
export const silent = (device, s, w) => w.at(device, 'silent', s) === true;

/** @param {Asset} a @param {number} s @param {World} w @returns {number} m in the sump of a pump station */
function sump(a, s, w) {
  const rain = Math.min(0.75, (w.at('RAIN', 'runoff', s) ?? 0) * 1.4);
  return round(0.78 + rain + 0.08 * drift(`${a.device}/s`, s, 600) + 0.02 * (chance(a.device, s) - 0.5), 2);
}

/** @param {string} time HH:MM:SS */
function toSeconds(time) {
  const [h, m, s] = time.split(':').map(Number);
  return h * 3600 + m * 60 + s;
}
