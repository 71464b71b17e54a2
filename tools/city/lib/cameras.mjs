// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Camera poles, the cameras on them, the pole switches that feed them, and the emergency bells. */

import { hilbert } from './corners.mjs';
import { Grid } from './grid.mjs';
import { entity, property, relationship, urn } from './ngsi.mjs';
import { Random } from './random.mjs';
import { compass } from './site.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./site.mjs').Site} Site */
/** @typedef {{at: Point, arms: Point[], rank: number, purpose: string, place: import('./places.mjs').Place | undefined, score: number, district: string}} Pole */
/** @typedef {{pole: Pole, azimuth: number, fov: number, range: number, ptz: boolean, key: boolean, index: number}} Eye a camera without a number yet */
/** @typedef {{poles: Pole[], eyes: Eye[], at: Point, district: string}} Group what one pole switch feeds */

export const CAMERAS = 2000;
const KEY_CAMERAS = 240;
/** Roles of the story: group and camera numbers that do not depend on the seed. */
export const ROLES = { deadSwitch: 31, deadSwitchCameras: 14, permitSwitch: 44, openedSwitch: 77, darkCamera: 777, fallenCamera: 456 };

const PURPOSE = /** @type {Record<string, string>} */ ({ school: 'school', university: 'school', park: 'park', market: 'market', station: 'traffic', port: 'facility' });

/** @param {Site} site @param {number} seed @returns {{groups: Group[], cameras: Eye[]}} cameras in the order of their numbers */
export function placeCameras(site, seed) {
  const random = new Random(seed, 'cameras');
  const eyes = raisePoles(site, random);
  const groups = feed(eyes, site);
  const cameras = number(groups);
  chooseKeyCameras(groups, cameras);
  return { groups, cameras };
}

/** @param {Site} site @param {Random} random @returns {Map<Pole, Eye[]>} */
function raisePoles(site, random) {
  const candidates = [...riverPoles(site), ...site.corners.map((corner) => cornerPole(site, corner, random))];
  candidates.sort((a, b) => b.score - a.score || a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  /** @type {Grid<Pole>} */
  const taken = new Grid(100);
  /** @type {Map<Pole, Eye[]>} */
  const out = new Map();
  let count = 0;
  for (const spacing of [120, 85, 60, 40]) {
    for (const pole of candidates) {
      const left = CAMERAS - count;
      if (left === 0) return out;
      const gap = pole.purpose === 'market' ? spacing * 0.5 : spacing;
      if (out.has(pole) || taken.within(pole.at, gap).length > 0) continue;
      const wanted = Math.min(left, pole.rank >= 6 ? random.int(3, 4) : random.int(2, 4));
      taken.add(pole.at, pole);
      out.set(pole, hang(site, pole, wanted, random));
      count += wanted;
    }
  }
  return out;
}

/** @param {Site} site @param {import('./corners.mjs').Corner} corner @param {Random} random @returns {Pole} */
function cornerPole(site, corner, random) {
  const at = corner.kerb;
  const place = site.placeNear(at, 135);
  const underpass = place?.kind === 'station' ? 2 : 0;
  const centre = Math.exp(-(at[0] ** 2 + (at[1] - 800) ** 2) / 3.2e6);
  const purpose = (place && PURPOSE[place.kind]) ?? (corner.rank >= 6 ? 'traffic' : random.chance(0.1) ? 'facility' : random.chance(0.07) ? 'parking' : 'crime');
  const near = place ? (place.kind === 'market' ? 3 : place.kind === 'school' ? 0.7 : place.kind === 'park' ? 1.5 : 0.9) : 0;
  const score = corner.rank * 0.22 + near + underpass + centre * 0.9 + random.next() * 2;
  return { at, arms: corner.arms, rank: corner.rank, purpose, place, score, district: site.district(at) };
}

/** Cameras along the river walk, where people and water meet. @param {Site} site @returns {Pole[]} */
function riverPoles(site) {
  /** @type {Pole[]} */
  const out = [];
  for (const bank of [-1, 1]) {
    for (let u = -2900; u <= 3900; u += 340) {
      const corner = site.corner([u, bank * 290]);
      out.push({ at: corner.kerb, arms: [[1, 0], [-1, 0], [0, -bank]], rank: 4, purpose: 'river', place: undefined, score: 9, district: site.district(corner.kerb) });
    }
  }
  return out;
}

/** @param {Site} site @param {Pole} pole @param {number} count @param {Random} random @returns {Eye[]} */
function hang(site, pole, count, random) {
  const arms = pole.arms.length > 0 ? pole.arms : [/** @type {Point} */ ([1, 0])];
  const ptz = count >= 3 && random.chance(0.72);
  /** @type {Eye[]} */
  const eyes = [];
  for (let i = 0; i < count; i++) {
    const turns = ptz && i === count - 1;
    const arm = arms[i % arms.length];
    const plate = !turns && pole.purpose === 'traffic' && random.chance(0.3);
    eyes.push({
      pole,
      azimuth: (site.bearing(pole.at, arm) + random.int(-9, 9) + 360) % 360,
      fov: turns ? 60 : plate ? 26 : random.pick([68, 82, 95]),
      range: turns ? random.pick([150, 180, 220]) : plate ? 35 : random.pick([50, 65, 80, 100]),
      ptz: turns,
      key: false,
      index: i,
    });
  }
  return eyes;
}

/** Groups neighbouring poles under one switch. @param {Map<Pole, Eye[]>} eyes @param {Site} site @returns {Group[]} in the order of their numbers */
function feed(eyes, site) {
  const poles = [...eyes.keys()].sort((a, b) => hilbert(a.at) - hilbert(b.at) || a.at[0] - b.at[0]);
  const dead = poles.findIndex((pole) => pole.district === 'D4' && pole.purpose !== 'river' && pole.at[0] < 2600);
  /** @type {Group[]} */
  const groups = [];
  /** @type {Group | null} */
  let open = null;
  /** @type {Group | null} */
  let special = null;
  poles.forEach((pole, i) => {
    const own = /** @type {Eye[]} */ (eyes.get(pole));
    const start = i === dead;
    if (!open || start) {
      open = { poles: [], eyes: [], at: pole.at, district: pole.district };
      groups.push(open);
      if (start) special = open;
    }
    open.poles.push(pole);
    const room = open === special ? ROLES.deadSwitchCameras - open.eyes.length : own.length;
    open.eyes.push(...own.slice(0, room));
    const rest = own.slice(room);
    if (open.eyes.length >= (open === special ? ROLES.deadSwitchCameras : 5)) open = null;
    if (rest.length > 0) {
      open = { poles: [pole], eyes: rest, at: pole.at, district: pole.district };
      groups.push(open);
    }
  });
  mergeSmall(groups, special);
  swap(groups, groups.indexOf(/** @type {Group} */ (/** @type {unknown} */ (special))), ROLES.deadSwitch - 1);
  const market = site.place('장터어시장');
  const opened = groups.findIndex((g) => g.poles.some((p) => p.place === market));
  swap(groups, opened < 0 ? ROLES.openedSwitch - 1 : opened, ROLES.openedSwitch - 1);
  return groups;
}

/** A switch with fewer than three cameras gives them to the one before it. @param {Group[]} groups @param {Group | null} special */
function mergeSmall(groups, special) {
  for (let i = groups.length - 1; i >= 0; i--) {
    if (groups[i].eyes.length >= 3) continue;
    const into = [groups[i - 1], groups[i + 1], groups[i - 2]].find((g) => g && g !== special);
    if (!into) continue;
    into.eyes.push(...groups[i].eyes);
    into.poles.push(...groups[i].poles);
    groups.splice(i, 1);
  }
}

/** @template T @param {T[]} list @param {number} i @param {number} j */
export function swap(list, i, j) {
  [list[i], list[j]] = [list[j], list[i]];
}

/** @param {Group[]} groups @returns {Eye[]} */
function number(groups) {
  const cameras = groups.flatMap((g) => g.eyes);
  const dark = groups[ROLES.openedSwitch - 1].eyes[0];
  swap(cameras, cameras.indexOf(dark), ROLES.darkCamera - 1);
  const fallen = cameras.findIndex((eye, i) => i !== ROLES.darkCamera - 1 && eye.pole.district === 'D8' && eye.pole.purpose === 'crime' && !eye.ptz);
  swap(cameras, fallen, ROLES.fallenCamera - 1);
  return cameras;
}

/** Key cameras report their health themselves. @param {Group[]} groups @param {Eye[]} cameras */
function chooseKeyCameras(groups, cameras) {
  for (const eye of groups[ROLES.deadSwitch - 1].eyes) eye.key = true;
  cameras[ROLES.darkCamera - 1].key = true;
  const ranked = cameras.map((eye, i) => ({ eye, i })).sort((a, b) => b.eye.pole.score - a.eye.pole.score || a.i - b.i);
  let left = KEY_CAMERAS - cameras.filter((eye) => eye.key).length;
  for (const { eye } of ranked) {
    if (left === 0) return;
    if (eye.key || eye.index !== 0) continue;
    eye.key = true;
    left--;
  }
}

/** @param {number} n switch number @param {number} host @returns {string} address in the camera network */
export const cameraAddress = (n, host) => `10.${20 + (n >> 8)}.${n & 255}.${host}`;

export const cameraId = (/** @type {number} */ n) => `C-${String(n).padStart(4, '0')}`;
export const switchId = (/** @type {number} */ n) => `SW-${String(n).padStart(3, '0')}`;
export const cabinetId = (/** @type {number} */ n) => `PC-${String(n).padStart(3, '0')}`;
export const bellId = (/** @type {number} */ n) => `B-${String(n).padStart(4, '0')}`;

/** @param {Site} site @param {Group[]} groups @param {Eye[]} cameras @returns {import('./ngsi.mjs').Entity[]} */
export function cameraEntities(site, groups, cameras) {
  const groupOf = new Map(groups.flatMap((g, i) => g.eyes.map((eye) => /** @type {[Eye, number]} */ ([eye, i + 1]))));
  const hosts = new Map();
  /** @type {Map<string, number>} */
  const usedNames = new Map();
  return cameras.map((eye, i) => {
    const n = /** @type {number} */ (groupOf.get(eye));
    const host = (hosts.get(n) ?? 10) + 1;
    hosts.set(n, host);
    const server = `VS-${String((n % 12) + 1).padStart(2, '0')}`;
    return entity('Camera', cameraId(i + 1), site.common(eye.pole.at, cameraName(site, eye, usedNames)), {
      azimuth: property(eye.azimuth, 'DD'),
      fieldOfView: property(eye.fov, 'DD'),
      range: property(eye.range, 'MTR'),
      ptz: property(eye.ptz),
      height: property(eye.ptz ? 7.5 : 5, 'MTR'),
      purpose: property(eye.pole.purpose),
      keyCamera: property(eye.key),
      status: property('ok'),
      streaming: property(true),
      ipAddress: property(cameraAddress(n, host)),
      videoServer: relationship(urn('Server', server)),
      refSwitch: relationship(urn('NetworkSwitch', switchId(n))),
    });
  });
}

/** @param {Site} site @param {Eye} eye @param {Map<string, number>} used @returns {{ko: string, en: string}} */
function cameraName(site, eye, used) {
  const spot = eye.pole.place && eye.pole.place.kind !== 'police' ? eye.pole.place.name : site.spot(eye.pole.at);
  const view = compass(eye.azimuth);
  const name = eye.ptz ? { ko: `${spot.ko} 회전`, en: `${spot.en} PTZ` } : { ko: `${spot.ko} ${view.ko}측`, en: `${spot.en} ${view.en}` };
  const times = (used.get(name.ko) ?? 0) + 1;
  used.set(name.ko, times);
  return times === 1 ? name : { ko: `${name.ko} ${times}`, en: `${name.en} ${times}` };
}

/** @param {Site} site @param {Group[]} groups @returns {import('./ngsi.mjs').Entity[]} */
export function switchEntities(site, groups) {
  return groups.flatMap((group, i) => {
    const n = i + 1;
    const spot = site.spot(group.at);
    return [
      entity('NetworkSwitch', switchId(n), site.common(group.at, { ko: `${spot.ko} 현장 스위치`, en: `${spot.en} pole switch` }), {
        status: property('ok'),
        ipAddress: property(cameraAddress(n, 2)),
        ports: property(Math.max(8, Math.ceil((group.eyes.length + 2) / 8) * 8)),
        refCabinet: relationship(urn('PoleCabinet', cabinetId(n))),
        uplink: relationship(urn('NetworkSwitch', n % 2 ? 'CORE-1' : 'CORE-2')),
      }),
      entity('PoleCabinet', cabinetId(n), site.common(group.at, { ko: `${spot.ko} 함체`, en: `${spot.en} pole cabinet` }), {
        status: property('ok'),
        workPermit: property(''),
        refSwitch: relationship(urn('NetworkSwitch', switchId(n))),
      }),
    ];
  });
}

/** Bells hang on camera poles, in parks and at schools first, and where there is no pole at corners of parks and schools.
 *  @param {Site} site @param {Eye[]} cameras @param {number} seed @param {number} count @returns {import('./ngsi.mjs').Entity[]} */
export function bellEntities(site, cameras, seed, count) {
  const random = new Random(seed, 'bells');
  /** @type {Grid<number>} */
  const eyes = new Grid(150);
  cameras.forEach((eye, i) => eyes.add(eye.pole.at, i + 1));
  const spots = bellSpots(site, cameras, random, count);
  const watched = (/** @type {string} */ park) => spots.findIndex((s) => s.park === park && eyes.within(s.at, 40).length > 0);
  swap(spots, watched('솔빛공원'), 117);
  swap(spots, watched('가람공원'), 416);
  /** @type {Map<string, number>} */
  const used = new Map();
  return spots.map((s, i) => {
    const label = s.park ? site.place(s.park).name : site.spot(s.at);
    const times = (used.get(label.ko) ?? 0) + 1;
    used.set(label.ko, times);
    return entity('EmergencyBell', bellId(i + 1), site.common(s.at, { ko: `${label.ko} 비상벨 ${times}`, en: `${label.en} bell ${times}` }), {
      status: property('ok'),
      refCamera: relationship(urn('Camera', cameraId(/** @type {number} */ (eyes.nearest(s.at))))),
    });
  });
}

/** @param {Site} site @param {Eye[]} cameras @param {Random} random @param {number} count @returns {{at: Point, park: string}[]} */
function bellSpots(site, cameras, random, count) {
  /** @type {{at: Point, park: string}[]} */
  const spots = [];
  /** @type {Grid<true>} */
  const taken = new Grid(50);
  const put = (/** @type {Point} */ at, /** @type {string} */ park, /** @type {number} */ gap) => {
    if (spots.length >= count || taken.within(at, gap).length > 0) return;
    taken.add(at, true);
    spots.push({ at, park });
  };
  const beside = (/** @type {Point} */ at) => {
    const place = site.placeNear(at, 230);
    return place && (place.kind === 'park' || place.kind === 'school') ? place.name.ko : '';
  };
  const onPole = (/** @type {Pole} */ pole) => /** @type {Point} */ ([pole.at[0] + 1.5, pole.at[1] + 1]);
  const poles = random.shuffle([...new Set(cameras.map((eye) => eye.pole))]);
  for (const pole of poles) if (beside(pole.at)) put(onPole(pole), beside(pole.at), 40);
  for (const corner of site.corners) if (beside(corner.kerb)) put(corner.kerb, beside(corner.kerb), 75);
  for (const gap of [70, 45]) for (const pole of poles) put(onPole(pole), '', gap);
  for (const kerb of site.kerbs) put(kerb.kerb, '', 60);
  return spots.sort((a, b) => hilbert(a.at) - hilbert(b.at) || a.at[0] - b.at[0]);
}
