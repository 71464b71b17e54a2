// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The city as the files other programs read. Pure: values in, texts out. */
import { createHash } from 'node:crypto';
import { written } from './buildings.mjs';
import { bellEntities, cameraEntities, cameraId, placeCameras, switchEntities } from './cameras.mjs';
import { deviceEntities } from './devices.mjs';
import { CENTRE } from './frame.mjs';
import { distance } from './geometry.mjs';
import { Grid } from './grid.mjs';
import { MAP_BOUNDS, densify } from './map.mjs';
import { CITY, DISTRICTS } from './names.mjs';
import { urn } from './ngsi.mjs';
import { pointAt } from './streets.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./city.mjs').City} City */
/** @typedef {import('./site.mjs').Site} Site */
/** @typedef {import('./cameras.mjs').Eye} Eye */

export const BELLS = 900;
export const ZOOMS = { min: 8, max: 15 };

/** @param {Site} site @param {number} seed @returns {{entities: import('./ngsi.mjs').Entity[], cameras: Eye[]}} the whole inventory */
export function inventory(site, seed) {
  const { groups, cameras } = placeCameras(site, seed);
  /** @type {Grid<number>} */
  const eyes = new Grid(150);
  cameras.forEach((eye, i) => eyes.add(eye.pole.at, i + 1));
  const cameraNear = (/** @type {Point} */ at) => urn('Camera', cameraId(/** @type {number} */ (eyes.nearest(at))));
  const entities = [...cameraEntities(site, groups, cameras), ...bellEntities(site, cameras, seed, BELLS), ...switchEntities(site, groups), ...deviceEntities(site, seed, cameraNear)];
  return { entities, cameras };
}

/** @param {unknown[]} values @returns {string} one JSON value a line */
export const lines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** @param {City} city @param {Site} site @returns {Record<string, unknown>[]} */
export const addresses = (city, site) =>
  city.buildings.addresses.map((address, i) => {
    const { ko, en } = written(address, site.names);
    return { id: `A-${i + 1}`, point: city.frame.lonLat(address.point), ko, en, road: address.road.name.ko, number: address.number, district: address.block.district };
  });

/** @param {City} city @param {Site} site @param {string | null} revision of the tiles; null when there are none @param {ReturnType<typeof inventory>} stock */
export function cityFile(city, site, revision, { entities, cameras }) {
  const ring = (/** @type {Point[]} */ plan) => {
    const points = densify(plan, 150).map((p) => city.frame.place(p));
    return { type: 'Polygon', coordinates: [[...points, points[0]]] };
  };
  const boundary = ring(city.boundary);
  return {
    id: 'haneul',
    name: CITY,
    zone: 'Asia/Seoul',
    code: 'B5299000000',
    seed: city.seed,
    center: CENTRE,
    zoom: 13.2,
    bounds: MAP_BOUNDS,
    boundary,
    districts: DISTRICTS.map((d) => ({
      id: d.id,
      name: { ko: d.ko, en: d.en },
      center: city.frame.place(/** @type {Point} */ (city.districtCentres.get(d.id))),
      boundary: ring(/** @type {Point[]} */ (city.districtRings.get(d.id))),
    })),
    tiles: revision && {
      set: 'demo-city',
      rev: revision,
      minzoom: ZOOMS.min,
      maxzoom: ZOOMS.max,
      attribution: { ko: '합성 데모 도시 (자체 데이터)', en: 'Demo city, synthetic data' },
    },
    places: city.places.map((p) => ({ id: p.id, kind: p.kind, name: p.name, point: city.frame.place(p.at), address: site.address(p.at), district: site.district(p.at) })),
    cast: cast(site, cameras),
    counts: count(entities),
    roads: roads(city),
  };
}

/** Streets a person would name, for address search. @param {City} city */
function roads(city) {
  const out = [];
  for (const road of city.streets.roads) {
    if (!road.name.ko || road.class === 'residential' || road.pieces.length === 0) continue;
    const from = road.pieces[0].from;
    const to = /** @type {import('./streets.mjs').Piece} */ (road.pieces.at(-1)).to;
    const steps = Math.max(1, Math.ceil((to - from) / 200));
    const line = Array.from({ length: steps + 1 }, (_, i) => city.frame.place(pointAt(road.line, from + ((to - from) * i) / steps)));
    out.push({ id: `R-${road.id}`, name: road.name, class: road.class, line });
  }
  return out;
}

/** Metres in front of a camera at which the story's spots lie. */
const IN_VIEW = 28;

/** Spots of the story that are not assets: each in the view of a fixed camera, so that the centre has something to see.
 *  @param {Site} site @param {Eye[]} cameras @returns {Record<string, {point: Point, address: {ko: string, en: string}}>} */
function cast(site, cameras) {
  const fixed = cameras.filter((eye) => !eye.ptz && eye.range >= 50 && eye.pole.purpose !== 'river');
  const best = (/** @type {(eye: Eye) => number} */ penalty) => fixed.reduce((a, b) => (penalty(b) < penalty(a) ? b : a));
  const near = (/** @type {Point} */ plan) => best((eye) => distance(eye.pole.at, plan));
  const spot = (/** @type {Eye} */ eye) => {
    const [x, y] = site.city.frame.ground(eye.pole.at);
    const angle = (eye.azimuth * Math.PI) / 180;
    return { point: site.city.frame.lonLat([x + Math.sin(angle) * IN_VIEW, y + Math.cos(angle) * IN_VIEW]), address: site.address(eye.pole.at) };
  };
  const robbery = near([430, 1010]);
  return {
    robbery: spot(robbery),
    robberyMoved: spot(best((eye) => Math.abs(distance(eye.pole.at, robbery.pole.at) - 320))),
    marketFire: spot(near(site.place('중앙시장').at)),
    missingPerson: spot(near([-2250, 1750])),
    missingFound: spot(near(site.place('바다공원').at)),
    anklet: spot(near(site.place('솔빛초등학교').at)),
    quarrel: spot(near([-950, -1100])),
    indoorRescue: spot(near([2200, 1300])),
  };
}

/** @param {import('./ngsi.mjs').Entity[]} entities @returns {Record<string, number>} */
function count(entities) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { type } of entities) counts[/** @type {string} */ (type)] = (counts[/** @type {string} */ (type)] ?? 0) + 1;
  return counts;
}

/** @param {...string} texts @returns {string} 12 hexadecimal digits */
export function revisionOf(...texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex').slice(0, 12);
}
