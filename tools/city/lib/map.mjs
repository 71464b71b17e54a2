// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Draws the whole city into an OSM document. */

import { area, centre, distance, inset, lerp } from './geometry.mjs';
import { CITY, DISTRICTS } from './names.mjs';
import { OsmWriter } from './osm.mjs';
import { RING, beach, hillPaths, islands, piers, river, riverIsland, riverWalk, sea, sheds, stream, tracks } from './scenery.mjs';
import { HALF_WIDTH, STRIPS, pointAt } from './streets.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./city.mjs').City} City */
/** @typedef {import('./streets.mjs').Block} Block */

/** west, south, east, north of the tiles */
export const MAP_BOUNDS = /** @type {[number, number, number, number]} */ ([126.5, 35.73, 126.72, 35.89]);

/** What ground of which use is drawn; a use that is missing stays plain ground. @type {Record<string, string>} */
const GROUND = {
  park: 'park', school: 'school', university: 'school', hospital: 'hospital', industrial: 'industrial', port: 'port', market: 'commercial',
  civic: 'commercial', commercial: 'commercial', plaza: 'plaza', parking: 'parking', flats: 'residential', bank: 'park', rail: 'rail', stream: 'park',
};

/** @param {City} city @returns {string} OSM XML */
export function drawMap(city) {
  const osm = new OsmWriter(MAP_BOUNDS);
  const put = (/** @type {Point[]} */ path) => path.map((p) => city.frame.place(p));
  drawWater(city, osm, put);
  drawGround(city, osm, put);
  drawLines(city, osm, put);
  for (const shed of sheds()) osm.area(put(rectangle(shed.at, [1, 0], shed.width, shed.length)), { building: 'warehouse', height: 9 });
  for (const place of city.places) if (place.kind === 'station') osm.area(put(rectangle(place.at, STRIPS[0].line.dir, place.rank === 1 ? 150 : 84, place.rank === 1 ? 40 : 26)), { building: 'public', height: place.rank === 1 ? 18 : 11 });
  for (const b of city.buildings.list) osm.area(b.ring.map((p) => city.frame.lonLat(p)), { building: b.class, height: b.height });
  drawLabels(city, osm);
  return osm.toString();
}

/** @param {City} city @param {OsmWriter} osm @param {(path: Point[]) => Point[]} put */
function drawWater(city, osm, put) {
  const t = city.terrain;
  osm.multipolygon(put(sea(t)), islands(t).map(put), { water: 'sea', 'name': '하늘만', 'name:en': 'Haneul Bay' });
  osm.multipolygon(put(densify(river(t), 200)), [put(riverIsland(t))], { water: 'river', name: '하늘강', 'name:en': 'Haneulgang' });
  osm.area(put(stream(t)), { water: 'stream', name: '솔빛천', 'name:en': 'Solbitcheon' });
  osm.area(put(t.blob([4330, 3180], [290, 150], 40)), { water: 'lake', name: '하늘저수지', 'name:en': 'Haneul Reservoir' });
  osm.area(put(t.blob([7350, -1500], [420, 190], 40)), { water: 'lake', name: '가람저수지', 'name:en': 'Garam Reservoir' });
  const pond = city.places.find((place) => place.name.ko === '호수공원');
  if (pond?.block) {
    const size = Math.sqrt(Math.abs(area(pond.block.polygon.points)));
    osm.area(put(t.blob(pond.at, [size * 0.3, size * 0.22], 32)), { water: 'lake', name: '하늘호수', 'name:en': 'Haneul Lake' });
  }
}

/** @param {City} city @param {OsmWriter} osm @param {(path: Point[]) => Point[]} put */
function drawGround(city, osm, put) {
  const t = city.terrain;
  for (const hill of t.hills) osm.area(put(t.blob(hill.at, hill.radius, 110)), { landuse: 'forest' });
  for (const isle of t.islands) osm.area(put(t.blob(isle.at, [isle.radius[0] * 0.86, isle.radius[1] * 0.86], 40)), { landuse: 'forest' });
  osm.area(put(riverIsland(t)), { landuse: 'park' });
  osm.area(put(beach(t)), { landuse: 'beach' });
  for (const pier of piers()) osm.area(put(pier), { landuse: 'port' });
  for (const block of city.streets.blocks) drawBlock(block, osm, put);
}

/** @param {Block} block @param {OsmWriter} osm @param {(path: Point[]) => Point[]} put */
function drawBlock(block, osm, put) {
  if (block.kind === 'void' && !block.wooded) return;
  if (block.kind === 'void' && block.zone !== 'rural') return void osm.area(put(densify(block.polygon.points, 60)), { landuse: 'forest' });
  if (block.kind === 'rural' || block.kind === 'void') {
    const field = inset(block.polygon, (edge) => (block.polygon.tags[edge]?.class === 'residential' ? 7 : 22));
    if (field) osm.area(put(densify(field.points, 160)), { landuse: 'farm' });
    return;
  }
  const use = GROUND[block.use];
  if (!use) return;
  const margin = block.kind === 'urban' ? 1 : 0;
  const shape = inset(block.polygon, (edge) => {
    const road = block.polygon.tags[edge];
    return road ? HALF_WIDTH[road.class] * margin : 0;
  });
  if (!shape) return;
  osm.area(put(densify(shape.points, 60)), { landuse: use });
  if (block.use === 'school' || block.use === 'university') drawField(block, osm, put);
  if (block.use === 'park') drawParkPaths(shape.points, osm, put);
}

/** Footpaths from the middle of each side to the middle of the park. @param {Point[]} ring @param {OsmWriter} osm @param {(path: Point[]) => Point[]} put */
function drawParkPaths(ring, osm, put) {
  if (Math.abs(area(ring)) < 5000) return;
  const middle = centre(ring);
  ring.forEach((p, i) => {
    const side = lerp(p, ring[(i + 1) % ring.length], 0.5);
    if (distance(p, ring[(i + 1) % ring.length]) < 40) return;
    const bend = lerp(side, middle, 0.5);
    const sway = /** @type {Point} */ ([bend[0] + (middle[1] - side[1]) * 0.16, bend[1] - (middle[0] - side[0]) * 0.16]);
    osm.line(put([side, sway, middle]), { highway: 'path' });
  });
}

/** @param {Point} at @param {Point} dir @param {number} width @param {number} length @returns {Point[]} */
function rectangle(at, dir, width, length) {
  const put = (/** @type {number} */ x, /** @type {number} */ y) => /** @type {Point} */ ([at[0] + dir[0] * x - dir[1] * y, at[1] + dir[1] * x + dir[0] * y]);
  return [put(-width / 2, -length / 2), put(width / 2, -length / 2), put(width / 2, length / 2), put(-width / 2, length / 2)];
}

/** The running track of a school. @param {Block} block @param {OsmWriter} osm @param {(path: Point[]) => Point[]} put */
function drawField(block, osm, put) {
  const yard = inset(block.polygon, () => 14);
  if (!yard) return;
  const size = Math.sqrt(Math.abs(area(yard.points)));
  const at = block.at;
  /** @type {Point[]} */
  const ring = [];
  for (let i = 0; i < 24; i++) {
    const angle = (i / 24) * 2 * Math.PI;
    ring.push([at[0] + Math.cos(angle) * size * 0.27, at[1] - size * 0.17 + Math.sin(angle) * size * 0.16]);
  }
  osm.area(put(ring), { landuse: 'pitch' });
}

/** @param {City} city @param {OsmWriter} osm @param {(path: Point[]) => Point[]} put */
function drawLines(city, osm, put) {
  const t = city.terrain;
  for (const road of city.streets.roads) {
    for (const piece of road.pieces) {
      const steps = Math.max(1, Math.ceil((piece.to - piece.from) / 45));
      const path = [];
      for (let i = 0; i <= steps; i++) path.push(pointAt(road.line, piece.from + ((piece.to - piece.from) * i) / steps));
      osm.line(put(path), named({ highway: road.class, ...(piece.bridge ? { bridge: 'yes' } : {}), ...(piece.tunnel ? { tunnel: 'yes' } : {}) }, road.name));
    }
  }
  osm.line(put(RING.path), named({ highway: 'trunk', bridge: 'yes' }, RING.name));
  for (const bank of /** @type {const} */ ([-1, 1])) {
    const name = bank < 0 ? { ko: '남강변 산책로', en: 'South Riverside Walk' } : { ko: '북강변 산책로', en: 'North Riverside Walk' };
    osm.line(put(riverWalk(t, bank)), named({ highway: 'path' }, name));
  }
  for (const hill of t.hills) for (const path of hillPaths(t, hill)) osm.line(put(path), { highway: 'path' });
  for (const track of tracks()) osm.line(put(track), { railway: 'rail' });
  osm.line(closedRing(put(densify(city.boundary, 120))), { boundary: 'city' });
  for (const ring of city.districtRings.values()) osm.line(closedRing(put(densify(ring, 120))), { boundary: 'dong' });
}

/** @param {City} city @param {OsmWriter} osm */
function drawLabels(city, osm) {
  const t = city.terrain;
  const label = (/** @type {Point} */ at, /** @type {import('./osm.mjs').Tags} */ tags, /** @type {import('./names.mjs').Name} */ name) =>
    osm.node(city.frame.place(at), named(tags, name));
  label([-150, 940], { place: 'city', rank: 1 }, CITY);
  for (const d of DISTRICTS) label(/** @type {Point} */ (city.districtCentres.get(d.id)), { place: 'dong', rank: 2 }, d);
  for (const hill of t.hills) label(hill.at, { place: 'hill', rank: hill.height > 300 ? 3 : 4, ele: hill.height }, hill.name);
  for (const isle of t.islands) label(isle.at, { place: 'hill', rank: 4 }, isle.name);
  label([-5300, 500], { place: 'water', rank: 2 }, { ko: '하늘만', en: 'Haneul Bay' });
  for (const u of [-2300, 350, 3700]) label([u, 0], { place: 'water', rank: 3 }, { ko: '하늘강', en: 'Haneulgang' });
  label(pointAt(STRIPS[2].line, 2900), { place: 'water', rank: 4 }, { ko: '솔빛천', en: 'Solbitcheon' });
  label([4330, 3180], { place: 'water', rank: 4 }, { ko: '하늘저수지', en: 'Haneul Reservoir' });
  for (const place of city.places) label(place.at, { poi: place.kind, rank: place.rank }, place.name);
}

/** @param {import('./osm.mjs').Tags} tags @param {import('./names.mjs').Name} name @returns {import('./osm.mjs').Tags} */
const named = (tags, name) => (name.ko ? { ...tags, name: name.ko, 'name:ko': name.ko, 'name:en': name.en } : tags);

/** @param {Point[]} ring @returns {Point[]} */
const closedRing = (ring) => [...ring, ring[0]];

/** Adds corners so that a long straight edge of the plan bends on the ground. @param {Point[]} ring @param {number} step metres @returns {Point[]} */
export function densify(ring, step) {
  /** @type {Point[]} */
  const out = [];
  ring.forEach((p, i) => {
    const q = ring[(i + 1) % ring.length];
    const pieces = Math.max(1, Math.ceil(distance(p, q) / step));
    for (let k = 0; k < pieces; k++) out.push(lerp(p, q, k / pieces));
  });
  return out;
}
