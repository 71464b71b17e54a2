// SPDX-License-Identifier: Apache-2.0
// @ts-check
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { City } from './lib/city.mjs';
import { contains } from './lib/geometry.mjs';
import { drawMap } from './lib/map.mjs';
import { addresses, cityFile, inventory, lines } from './lib/output.mjs';
import { Site } from './lib/site.mjs';

/** @typedef {any} Entity */

/** @param {number} seed */
function make(seed) {
  const city = new City(seed);
  const site = new Site(city);
  const stock = inventory(site, seed);
  const file = cityFile(city, site, 'test', stock);
  return { city, site, entities: /** @type {Entity[]} */ (JSON.parse(JSON.stringify(stock.entities))), file, addresses: addresses(city, site) };
}

/** @param {ReturnType<typeof make>} made */
const digest = (made) =>
  createHash('sha256').update(drawMap(made.city)).update(lines(made.entities)).update(lines(made.addresses)).update(JSON.stringify(made.file)).digest('hex');

const first = make(1);
const of = (/** @type {string} */ type) => first.entities.filter((e) => e.type === type);
const byId = new Map(first.entities.map((e) => [e.id, e]));

const GOLDEN = new URL('./golden.json', import.meta.url);
if (process.env.UPDATE_GOLDEN) writeFileSync(GOLDEN, `${JSON.stringify({ seed: 1, sha256: digest(first) })}\n`);

test('the same seed gives the same bytes, on this machine and on the one that wrote golden.json', () => {
  assert.equal(digest(make(1)), digest(first));
  assert.equal(digest(first), JSON.parse(readFileSync(GOLDEN, 'utf8')).sha256);
});

test('another seed gives another city with the same inventory', () => {
  const other = make(2);
  assert.notEqual(digest(other), digest(first));
  for (const type of ['Camera', 'EmergencyBell', 'StreetlightCircuit', 'WaterLevelGauge', 'Underpass', 'TrafficSignal', 'VehicleDetector', 'FireDetector'])
    assert.equal(other.file.counts[type], first.file.counts[type], type);
});

test('every asset lies inside the city boundary and in the dong it names', () => {
  const boundary = first.file.boundary.coordinates[0];
  const dong = new Map(first.file.districts.map((d) => [d.id, d.boundary.coordinates[0]]));
  for (const e of first.entities) {
    const at = e.location.value.coordinates;
    assert.ok(contains(boundary, at), `${e.id} lies outside the city`);
    assert.ok(contains(dong.get(e.district.value) ?? [], at), `${e.id} does not lie in ${e.district.value}`);
  }
});

test('the eight dong are inside the city and do not overlap at their label', () => {
  assert.equal(first.file.districts.length, 8);
  for (const d of first.file.districts) {
    const holders = first.file.districts.filter((other) => contains(other.boundary.coordinates[0], d.center));
    assert.deepEqual(holders.map((h) => h.id), [d.id]);
  }
});

test('every pole switch feeds at least three cameras, SW-031 exactly fourteen in Saebyeok-dong', () => {
  const fed = new Map(of('NetworkSwitch').filter((s) => !s.id.includes('CORE')).map((s) => [s.id, /** @type {Entity[]} */ ([])]));
  for (const camera of of('Camera')) fed.get(camera.refSwitch.object)?.push(camera);
  for (const [id, cameras] of fed) assert.ok(cameras.length >= 3, `${id} feeds ${cameras.length}`);
  const dead = fed.get('urn:ngsi-ld:NetworkSwitch:SW-031') ?? [];
  assert.equal(dead.length, 14);
  assert.ok(dead.every((c) => c.district.value === 'D4' && c.keyCamera.value));
});

test('ids are unique, relationships point at entities that exist, and addresses carry the address of their switch', () => {
  assert.equal(byId.size, first.entities.length);
  for (const e of first.entities) {
    for (const value of Object.values(e)) if (value?.type === 'Relationship') assert.ok(byId.has(value.object), `${e.id} -> ${value.object}`);
    if (e.type !== 'Camera') continue;
    const third = (/** @type {string} */ ip) => ip.split('.').slice(0, 3).join('.');
    assert.equal(third(e.ipAddress.value), third(byId.get(e.refSwitch.object).ipAddress.value));
  }
  const ips = of('Camera').map((c) => c.ipAddress.value);
  assert.equal(new Set(ips).size, ips.length);
});

test('entities are NGSI-LD normalized without a context member', () => {
  for (const e of first.entities) {
    assert.match(e.id, /^urn:ngsi-ld:[A-Za-z]+:[A-Z]+-[A-Z0-9-]+$/);
    assert.equal(e['@context'], undefined);
    assert.ok(e.name.languageMap.ko && e.name.languageMap.en, e.id);
    assert.ok(e.address.languageMap.ko.startsWith('하늘시 '), e.id);
    for (const [key, value] of Object.entries(e)) {
      if (key === 'id' || key === 'type') continue;
      assert.match(value.type, /^(Property|Relationship|LanguageProperty|GeoProperty)$/, `${e.id}.${key}`);
    }
  }
});

test('cameras look along a street with a sensible view', () => {
  assert.equal(of('Camera').length, 2000);
  for (const c of of('Camera')) {
    assert.ok(c.azimuth.value >= 0 && c.azimuth.value < 360 && c.fieldOfView.value >= 20 && c.fieldOfView.value <= 100 && c.range.value >= 30);
  }
  assert.equal(of('Camera').filter((c) => c.keyCamera.value).length, 240);
});

test('the cast of the story stands where the story wants it', () => {
  const name = (/** @type {string} */ id) => byId.get(`urn:ngsi-ld:${id}`).name.languageMap.ko;
  assert.match(name('EmergencyBell:B-0118'), /^솔빛공원/);
  assert.match(name('EmergencyBell:B-0417'), /^가람공원/);
  assert.match(name('FireDetector:FD-0331'), /^중앙시장/);
  assert.equal(byId.get('urn:ngsi-ld:Camera:C-0777').refSwitch.object, 'urn:ngsi-ld:NetworkSwitch:SW-077');
  assert.equal(byId.get('urn:ngsi-ld:TrafficSignal:TS-014').main.value, true);
  assert.equal(byId.get('urn:ngsi-ld:WaterLevelGauge:WG-03').walkway.value, true);
  for (const spot of Object.values(first.file.cast)) assert.ok(contains(first.file.boundary.coordinates[0], spot.point));
});

test('at least one camera sees each spot of the story, and the bells of the story have a camera within 40 m', () => {
  const metres = (/** @type {number[]} */ a, /** @type {number[]} */ b) => [(b[0] - a[0]) * 90380, (b[1] - a[1]) * 110950];
  for (const [name, { point }] of Object.entries(first.file.cast)) {
    const sees = of('Camera').some((c) => {
      const [x, y] = metres(c.location.value.coordinates, point);
      const off = Math.abs((((Math.atan2(x, y) * 180) / Math.PI - c.azimuth.value + 900) % 360) - 180);
      return Math.hypot(x, y) <= c.range.value && off <= c.fieldOfView.value / 2;
    });
    assert.ok(sees, name);
  }
  for (const id of ['B-0118', 'B-0417']) {
    const bell = byId.get(`urn:ngsi-ld:EmergencyBell:${id}`);
    assert.ok(Math.hypot(...metres(bell.location.value.coordinates, byId.get(bell.refCamera.object).location.value.coordinates)) < 40, id);
  }
});

test('road addresses are unique within a street and inside the map', () => {
  const seen = new Set();
  for (const a of first.addresses) {
    const key = `${a.road}/${a.number}`;
    assert.ok(!seen.has(key), key);
    seen.add(key);
  }
  assert.ok(first.addresses.length > 20000);
});
