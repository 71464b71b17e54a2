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
import { Site } from './site.mjs';
import { pointAt } from './streets.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./city.mjs').City} City */

export const BELLS = 900;
export const ZOOMS = { min: 8, max: 15 };

/** @param {Site} site @param {number} seed @returns {import('./ngsi.mjs').Entity[]} the whole inventory */
export function inventory(site, seed) {
  const { groups, cameras } = placeCameras(site, seed);
  /** @type {Grid<number>} */
  const eyes = new Grid(150);
  cameras.forEach((eye, i) => eyes.add(eye.pole.at, i + 1));
  const cameraNear = (/** @type {Point} */ at) => urn('Camera', cameraId(/** @type {number} */ (eyes.nearest(at))));
  return [...cameraEntities(site, groups, cameras), ...bellEntities(site, cameras, seed, BELLS), ...switchEntities(site, groups), ...deviceEntities(site, seed, cameraNear)];
}

/** @param {unknown[]} values @returns {string} one JSON value a line */
export const lines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** @param {City} city @param {Site} site @returns {Record<string, unknown>[]} */
export const addresses = (city, site) =>
  city.buildings.addresses.map((address, i) => {
    const { ko, en } = written(address, site.names);
    return { id: `A-${i + 1}`, point: city.frame.lonLat(address.point), ko, en, road: address.road.name.ko, number: address.number, district: address.block.district };
  });

/** @param {City} city @param {Site} site @param {string} revision of the tiles @param {import('./ngsi.mjs').Entity[]} entities */
export function cityFile(city, site, revision, entities) {
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
    tiles: {
      set: 'demo-city',
      rev: revision,
      minzoom: ZOOMS.min,
      maxzoom: ZOOMS.max,
      attribution: { ko: '합성 데모 도시 (자체 데이터)', en: 'Demo city, synthetic data' },
    },
    places: city.places.map((p) => ({ id: p.id, kind: p.kind, name: p.name, point: city.frame.place(p.at), address: site.address(p.at), district: site.district(p.at) })),
    cast: cast(site),
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

/** Spots of the story that are not assets. @param {Site} site @returns {Record<string, {point: Point, address: {ko: string, en: string}}>} */
function cast(site) {
  const spot = (/** @type {Point} */ plan) => ({ point: site.lonLat(plan), address: site.address(plan) });
  const robbery = site.corner([430, 1010]);
  const moved = site.corners
    .filter((c) => c.roads.some((r) => robbery.roads.includes(r)))
    .reduce((a, b) => (Math.abs(distance(b.kerb, robbery.kerb) - 320) < Math.abs(distance(a.kerb, robbery.kerb) - 320) ? b : a));
  return {
    robbery: spot(robbery.kerb),
    robberyMoved: spot(moved.kerb),
    marketFire: spot(site.corner(site.place('중앙시장').at).kerb),
    missingPerson: spot(site.corner([-2250, 1750]).kerb),
    missingFound: spot(site.corner([-2750, 2150]).kerb),
    anklet: spot(site.corner([250, 2790]).kerb),
    quarrel: spot(site.corner([-950, -1100]).kerb),
    indoorRescue: spot(site.corner([2200, 1300]).kerb),
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

export { Site };
