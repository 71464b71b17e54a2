// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** All assets that are not cameras, switches or bells. */

import { distance } from './geometry.mjs';
import { hilbert } from './corners.mjs';
import { Grid } from './grid.mjs';
import { entity, property, relationship, urn } from './ngsi.mjs';
import { Random } from './random.mjs';
import { swap } from './cameras.mjs';
import { BANK_ROAD, RANK, pointAt } from './streets.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./site.mjs').Site} Site */
/** @typedef {import('./ngsi.mjs').Entity} Entity */

const pad = (/** @type {number} */ n, /** @type {number} */ width) => String(n).padStart(width, '0');

/** @param {Site} site @param {number} seed @param {(plan: Point) => string} cameraNear urn of the nearest camera @returns {Entity[]} */
export function deviceEntities(site, seed, cameraNear) {
  const random = new Random(seed, 'devices');
  return [
    ...lights(site, random),
    ...waterGauges(site),
    ...rainGauges(site),
    ...airStations(site),
    ...underpasses(site, cameraNear),
    ...signals(site),
    ...detectors(site, random),
    ...pumps(site),
    ...fireDetectors(site),
    ...stations(site),
    ...centre(site),
  ];
}

/** @param {Site} site @param {Random} random @returns {Entity[]} 60 cabinets of three circuits */
function lights(site, random) {
  const kerbs = spread(site.kerbs.filter((k) => k.road.class !== 'primary'), (k) => k.kerb, 60, 420, random);
  return kerbs.flatMap((kerb, i) => {
    const cabinet = `LC-${pad(i + 1, 3)}`;
    const spot = site.spot(kerb.kerb);
    const out = [entity('StreetlightCabinet', cabinet, site.common(kerb.kerb, { ko: `${spot.ko} 가로등 분전함`, en: `${spot.en} street-light cabinet` }), { status: property('ok') })];
    const near = site.cornerGrid.within(kerb.kerb, 260).map((found) => found.value).filter((c) => distance(c.kerb, kerb.kerb) > 30);
    for (let n = 1; n <= 3; n++) {
      const at = (near[n * 2] ?? near[n] ?? site.corner(kerb.kerb)).kerb;
      const where = site.spot(at);
      out.push(
        entity('StreetlightCircuit', `SL-${pad(i + 1, 3)}-${n}`, site.common(at, { ko: `${where.ko} 가로등 회로 ${n}`, en: `${where.en} street-light circuit ${n}` }), {
          status: property('ok'),
          lamps: property(random.int(12, 26)),
          refCabinet: relationship(urn('StreetlightCabinet', cabinet)),
        }),
      );
    }
    return out;
  });
}

/** @param {Site} site @returns {Entity[]} */
function waterGauges(site) {
  const bank = (/** @type {number} */ u, /** @type {number} */ way) => site.corner([u, way * BANK_ROAD]).kerb;
  const bridge = (/** @type {string} */ road) => crossing(site, road)[0];
  /** @type {[string, string, Point, string, boolean][]} */
  const wanted = [
    ['하늘강 하구', 'Haneulgang mouth', bank(-3300, 1), 'Haneulgang', false],
    ['하늘강 평화대교', 'Haneulgang Pyeonghwa Bridge', bank(bridge('평화대로'), 1), 'Haneulgang', true],
    ['하늘강 하늘대교', 'Haneulgang Haneul Bridge', bank(bridge('하늘대로'), 1), 'Haneulgang', true],
    ['하늘강 새벽대교', 'Haneulgang Saebyeok Bridge', bank(bridge('새벽대로'), 1), 'Haneulgang', true],
    ['하늘강 한빛교', 'Haneulgang Hanbit Bridge', bank(bridge('한빛로'), -1), 'Haneulgang', true],
    ['하늘강 산들교', 'Haneulgang Sandeul Bridge', bank(bridge('산들로'), -1), 'Haneulgang', false],
    ['하늘강 시장교', 'Haneulgang Sijang Bridge', bank(bridge('시장로'), -1), 'Haneulgang', true],
    ['솔빛천 하류', 'Solbitcheon lower', site.corner([1060, 420]).kerb, 'Solbitcheon', true],
    ['솔빛천 중류', 'Solbitcheon middle', site.corner([1480, 1560]).kerb, 'Solbitcheon', true],
    ['솔빛천 상류', 'Solbitcheon upper', site.corner([1950, 2880]).kerb, 'Solbitcheon', false],
    ['하늘항', 'Haneul Port', site.corner([-3720, -1500]).kerb, 'tide', false],
    ['항구동 배수로', 'Hanggu-dong drain', site.corner([-2500, -1200]).kerb, 'drain', false],
  ];
  return wanted.map(([ko, en, at, river, walkway], i) =>
    entity('WaterLevelGauge', `WG-${pad(i + 1, 2)}`, site.common(at, { ko: `${ko} 수위계`, en: `${en} level gauge` }), {
      status: property('ok'),
      river: property(river),
      attentionLevel: property(river === 'tide' ? 7.2 : 2.2, 'MTR'),
      cautionLevel: property(river === 'tide' ? 7.6 : 2.9, 'MTR'),
      warningLevel: property(river === 'tide' ? 8.0 : 3.5, 'MTR'),
      walkway: property(walkway),
    }),
  );
}

/** Where an avenue meets the middle of the river. @param {Site} site @param {string} road @returns {Point} */
function crossing(site, road) {
  const { line } = site.city.streets.avenue(road);
  return pointAt(line, -line.at[1] / line.dir[1]);
}

/** @param {Site} site @returns {Entity[]} */
function rainGauges(site) {
  const at = [...site.city.districtCentres.values(), /** @type {Point} */ ([-300, 1500]), /** @type {Point} */ ([2700, 2700])];
  return at.map((wanted, i) => {
    const { kerb } = site.corner(wanted);
    const spot = site.spot(kerb);
    return entity('RainGauge', `RG-${pad(i + 1, 2)}`, site.common(kerb, { ko: `${spot.ko} 강우량계`, en: `${spot.en} rain gauge` }), { status: property('ok') });
  });
}

/** @param {Site} site @returns {Entity[]} */
function airStations(site) {
  /** @type {[string, string, Point, string][]} */
  const wanted = [
    ['중앙', 'Jungang', [-500, 1000], 'urban'], ['한빛', 'Hanbit', [2500, 2250], 'urban'], ['바다', 'Bada', [-2700, 1400], 'urban'], ['새벽', 'Saebyeok', [2700, 900], 'urban'],
    ['솔빛', 'Solbit', [100, 2300], 'urban'], ['항구', 'Hanggu', [-3500, -1500], 'port'], ['산업', 'Saneop', [2300, -1700], 'industrial'], ['가람', 'Garam', [-400, -1400], 'urban'],
    ['하늘대로', 'Haneul-daero', [-150, 600], 'roadside'],
  ];
  return wanted.map(([ko, en, at, kind], i) =>
    entity('AirQualityStation', `AQ-${pad(i + 1, 2)}`, site.common(site.corner(at).kerb, { ko: `${ko} 대기측정소`, en: `${en} air station` }), { status: property('ok'), stationKind: property(kind) }),
  );
}

/** @param {Site} site @param {(plan: Point) => string} cameraNear @returns {Entity[]} the four road tunnels under the railway */
function underpasses(site, cameraNear) {
  /** @type {{at: Point, name: {ko: string, en: string}}[]} */
  const found = [];
  for (const road of site.city.streets.roads) {
    for (const piece of road.pieces) {
      if (!piece.tunnel || piece.to - piece.from > 90) continue;
      const at = pointAt(road.line, (piece.from + piece.to) / 2);
      if (distance(at, [0, 0]) > 4200) continue;
      const stem = { ko: road.name.ko.replace(/대?로$/, ''), en: road.name.en.replace(/-(dae)?ro$/, '') };
      found.push({ at, name: { ko: `${stem.ko}지하차도`, en: `${stem.en} Underpass` } });
    }
  }
  found.sort((a, b) => distance(a.at, [-300, 1434]) - distance(b.at, [-300, 1434]));
  const list = found.slice(0, 4);
  swap(list, 0, 1);
  list.forEach((one) => {
    const same = list.filter((other) => other.name.ko === one.name.ko);
    if (same.length > 1) same.forEach((s, n) => (s.name = { ko: s.name.ko.replace('지하차도', `${n + 1}지하차도`), en: s.name.en.replace(' Underpass', ` Underpass ${n + 1}`) }));
  });
  return list.map(({ at, name }, i) =>
    entity('Underpass', `UP-${i + 1}`, site.common(site.corner(at).kerb, name), {
      status: property('ok'),
      barrier: property('open'),
      prewarnDepth: property(5, 'CMT'),
      closeDepth: property(15, 'CMT'),
      refCamera: relationship(cameraNear(at)),
    }),
  );
}

/** @param {Site} site @returns {Entity[]} */
function signals(site) {
  const ranked = site.corners.filter((c) => c.rank >= 5).sort((a, b) => b.rank - a.rank || hilbert(a.at) - hilbert(b.at));
  /** @type {Grid<true>} */
  const taken = new Grid(100);
  /** @type {typeof ranked} */
  const chosen = [];
  for (const corner of ranked) {
    if (chosen.length === 160) break;
    if (taken.within(corner.at, 110).length > 0) continue;
    taken.add(corner.at, true);
    chosen.push(corner);
  }
  chosen.sort((a, b) => hilbert(a.at) - hilbert(b.at));
  const main = (/** @type {typeof chosen[0]} */ c) => c.roads.filter((r) => RANK[r.class] >= 3).length >= 2 && c.roads.some((r) => r.class === 'primary');
  swap(chosen, nearestIndex(chosen.filter(main), [1500, 940], chosen), 13);
  return chosen.map((corner, i) => {
    const [a, b] = corner.roads;
    return entity('TrafficSignal', `TS-${pad(i + 1, 3)}`, site.common(corner.kerb, { ko: `${a.name.ko}·${b.name.ko} 교차로`, en: `${a.name.en} / ${b.name.en} junction` }), {
      status: property('ok'),
      main: property(main(corner)),
    });
  });
}

/** @template {{at: Point}} T @param {T[]} list @param {Point} at @param {T[]} within @returns {number} */
function nearestIndex(list, at, within) {
  const best = list.reduce((a, b) => (distance(b.at, at) < distance(a.at, at) ? b : a));
  return within.indexOf(best);
}

/** @param {Site} site @param {Random} random @returns {Entity[]} */
function detectors(site, random) {
  const kerbs = spread(site.kerbs.filter((k) => RANK[k.road.class] >= 3), (k) => k.kerb, 120, 210, random);
  return kerbs.map((kerb, i) => {
    const spot = site.spot(kerb.kerb);
    const dir = /** @type {Point} */ (random.chance(0.5) ? kerb.dir : [-kerb.dir[0], -kerb.dir[1]]);
    return entity('VehicleDetector', `VD-${pad(i + 1, 3)}`, site.common(kerb.kerb, { ko: `${spot.ko} 차량검지기`, en: `${spot.en} vehicle detector` }), {
      status: property('ok'),
      heading: property(site.bearing(kerb.kerb, dir), 'DD'),
      speedLimit: property(kerb.road.class === 'primary' ? 60 : 50, 'KMH'),
    });
  });
}

/** @param {Site} site @returns {Entity[]} */
function pumps(site) {
  /** @type {[string, string, Point][]} */
  const wanted = [['항구', 'Hanggu', [-2900, -420]], ['가람', 'Garam', [-600, -340]], ['중앙', 'Jungang', [350, 340]], ['산업', 'Saneop', [2000, -400]]];
  return wanted.map(([ko, en, at], i) =>
    entity('PumpStation', `PS-${i + 1}`, site.common(site.corner(at).kerb, { ko: `${ko} 빗물펌프장`, en: `${en} storm-water pump station` }), {
      status: property('ok'),
      pumps: property(3 + (i % 2)),
      highLevel: property(2.4, 'MTR'),
    }),
  );
}

/** @param {Site} site @returns {Entity[]} FD-0301 to FD-0340; FD-0331 hangs in the market */
function fireDetectors(site) {
  const kinds = ['market', 'hospital', 'station', 'university', 'city_hall', 'library', 'port', 'school'];
  const premises = site.city.places.filter((p) => kinds.includes(p.kind)).slice(0, 38);
  const market = site.place('중앙시장');
  const list = Array.from({ length: 40 }, (_, i) => (i >= 29 && i <= 32 ? market : premises[i % premises.length]));
  return list.map((place, i) => {
    const { kerb } = site.corner([place.at[0] + ((i * 37) % 50) - 25, place.at[1] + ((i * 53) % 50) - 25]);
    const line = place === market ? { ko: ` 3동 ${'ABCD'[(i - 30 + 4) % 4]}라인`, en: ` hall 3 line ${'ABCD'[(i - 30 + 4) % 4]}` } : { ko: '', en: '' };
    return entity('FireDetector', `FD-${pad(301 + i, 4)}`, site.common(kerb, { ko: `${place.name.ko}${line.ko} 화재감지기`, en: `${place.name.en}${line.en} fire detector` }), {
      status: property('ok'),
      premises: property(place.name.ko),
    });
  });
}

/** @param {Site} site @returns {Entity[]} */
function stations(site) {
  const of = (/** @type {string} */ kind) => site.city.places.filter((p) => p.kind === kind);
  const make = (/** @type {string} */ type, /** @type {string} */ prefix, /** @type {import('./places.mjs').Place[]} */ list) =>
    list.map((place, i) => entity(type, `${prefix}-${i + 1}`, site.common(site.corner(place.at).kerb, place.name), { phone: property(`063-000-${type === 'FireStation' ? 1190 + i : 1120 + i}`) }));
  return [...make('FireStation', 'FS', of('fire_station')), ...make('PoliceStation', 'PO', of('police'))];
}

/** Machines and links of the operation centre, which sits in the city hall. @param {Site} site @returns {Entity[]} */
function centre(site) {
  const at = site.corner(site.place('하늘시청').at).kerb;
  const server = (/** @type {string} */ id, /** @type {string} */ ko, /** @type {string} */ en, /** @type {string} */ role, /** @type {string} */ ip) =>
    entity('Server', id, site.common(at, { ko, en }), { status: property('ok'), role: property(role), ipAddress: property(ip) });
  const roles = [['포털 서버', 'portal server', 'portal'], ['연계 서버', 'linkage server', 'linkage'], ['데이터베이스 서버', 'database server', 'database'], ['지도 서버', 'map server', 'gis'], ['백업 서버', 'backup server', 'backup'], ['시각 서버', 'time server', 'ntp']];
  /** @type {[string, string, string, string, string, number, string][]} */
  const links = [
    ['AL-112', '112 연계', '112 link', '전북경찰청 112종합상황실', '112', 300, '063-000-0112'],
    ['AL-119', '119 연계', '119 link', '소방본부 119종합상황실', '119', 300, '063-000-0119'],
    ['AL-POLICE', '경찰서 연계', 'Police station link', '하늘경찰서', 'police', 300, '063-000-1120'],
    ['AL-MOJ', '전자감독 연계', 'Electronic supervision link', '위치추적관제센터', 'moj', 300, '063-000-1301'],
    ['AL-VMS', '영상관리 연계', 'Video management link', '하늘시 영상관리시스템', 'vms', 60, '063-000-2000'],
  ];
  return [
    ...Array.from({ length: 12 }, (_, i) => server(`VS-${pad(i + 1, 2)}`, `영상 서버 ${i + 1}`, `Video server ${i + 1}`, 'video', `10.9.1.${11 + i}`)),
    ...roles.map(([ko, en, role], i) => server(`SV-${pad(i + 1, 2)}`, ko, en[0].toUpperCase() + en.slice(1), role, `10.9.0.${21 + i}`)),
    server('FW-01', '방화벽', 'Firewall', 'firewall', '10.9.0.1'),
    ...[1, 2].map((n) =>
      entity('NetworkSwitch', `CORE-${n}`, site.common(at, { ko: `백본 스위치 ${n}`, en: `Core switch ${n}` }), { status: property('ok'), ipAddress: property(`10.9.0.${1 + n}`), ports: property(192) }),
    ),
    ...links.map(([id, ko, en, agency, source, interval, phone]) =>
      entity('AgencyLink', id, site.common(at, { ko, en }), { status: property('ok'), agency: property(agency), source: property(source), interval: property(interval, 'SEC'), phone: property(phone) }),
    ),
  ];
}

/** Picks `count` spots that keep their distance, and orders them along a space-filling curve.
 *  @template T @param {T[]} list @param {(value: T) => Point} at @param {number} count @param {number} gap metres, halved until enough fit @param {Random} random @returns {T[]} */
function spread(list, at, count, gap, random) {
  const order = random.shuffle([...list]);
  /** @type {T[]} */
  const chosen = [];
  for (let distanceApart = gap; chosen.length < count && distanceApart > 10; distanceApart /= 2) {
    /** @type {Grid<true>} */
    const taken = new Grid(distanceApart);
    for (const value of chosen) taken.add(at(value), true);
    for (const value of order) {
      if (chosen.length === count) break;
      if (taken.within(at(value), distanceApart).length > 0) continue;
      taken.add(at(value), true);
      chosen.push(value);
    }
  }
  return chosen.sort((a, b) => hilbert(at(a)) - hilbert(at(b)) || at(a)[0] - at(b)[0]);
}
