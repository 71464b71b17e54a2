// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Avenues, blocks and side streets.
 *
 * The plan is one rectangle. Avenues cut it into cells; railway and stream cut strips out of them; each cell is then
 * halved again and again along short lines until its blocks have the size of its zone. A street is the line it was cut
 * with; it exists where a kept block lies beside it, and where an avenue crosses water or tracks.
 */

import { along, area, centre, contains, direction, distance, left, lerp, longestEdge, reverse, shifted, side, split } from './geometry.mjs';
import { DISTRICTS, StreetNames, sideStreet } from './names.mjs';
import { Random } from './random.mjs';
import { PLAN, QUAY } from './terrain.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./geometry.mjs').Line} Line */
/** @typedef {import('./names.mjs').Name} Name */
/** @typedef {'trunk' | 'primary' | 'secondary' | 'tertiary' | 'residential'} RoadClass */
/** @typedef {{from: number, to: number, bridge: boolean, tunnel: boolean}} Piece a stretch of a road, metres along its line */
/** @typedef {{id: number, class: RoadClass, name: Name, line: Line, parent: Road | null, zone: Zone, start: number, pieces: Piece[], spans: [number, number][]}} Road */
/** @typedef {'urban' | 'rural' | 'bank' | 'rail' | 'stream' | 'void'} Kind `bank` is the green between the river and its roads */
/** @typedef {'oldtown' | 'commercial' | 'apartment' | 'houses' | 'industrial' | 'port' | 'rural'} Zone */
/** @typedef {{polygon: import('./geometry.mjs').Tagged<Road | null>, zone: Zone, kind: Kind, district: string, use: string, at: Point, wooded?: boolean}} Block `wooded`: not built because of a hill */
/** @typedef {{id: string, line: Line, length: number, half: number, kind: 'rail' | 'stream'}} Strip */

/** Half the width of a street between its house fronts, metres. */
export const HALF_WIDTH = { trunk: 16, primary: 15, secondary: 11, tertiary: 7.5, residential: 4.5 };
export const RANK = { trunk: 5, primary: 4, secondary: 3, tertiary: 2, residential: 1 };

/** Distance of the two riverside roads from the middle of the river, metres. */
export const BANK_ROAD = 290;

/** North-south avenues (u at v = 0) and east-west ones (v at u = 0). */
const NORTH_SOUTH = /** @type {[number, RoadClass, string, string][]} */ ([
  [-3620, 'secondary', '해안로', 'Haean-ro'],
  [-2700, 'secondary', '바다로', 'Bada-ro'],
  [-1800, 'primary', '평화대로', 'Pyeonghwa-daero'],
  [-980, 'secondary', '시장로', 'Sijang-ro'],
  [-150, 'primary', '하늘대로', 'Haneul-daero'],
  [700, 'secondary', '우체국대로', 'Ucheguk-daero'],
  [1500, 'primary', '새벽대로', 'Saebyeok-daero'],
  [2380, 'secondary', '한빛로', 'Hanbit-ro'],
  [3250, 'secondary', '동산로', 'Dongsan-ro'],
  [4150, 'secondary', '산들로', 'Sandeul-ro'],
]);
const EAST_WEST = /** @type {[number, RoadClass, string, string][]} */ ([
  [-3250, 'secondary', '남부로', 'Nambu-ro'],
  [-2480, 'secondary', '공단로', 'Gongdan-ro'],
  [-1720, 'primary', '항구대로', 'Hanggu-daero'],
  [-980, 'secondary', '가람로', 'Garam-ro'],
  [-BANK_ROAD, 'secondary', '남강변로', 'Namgangbyeon-ro'],
  [BANK_ROAD, 'secondary', '북강변로', 'Bukgangbyeon-ro'],
  [940, 'primary', '중앙대로', 'Jungang-daero'],
  [1680, 'secondary', '해오름로', 'Haeoreum-ro'],
  [2420, 'primary', '솔빛대로', 'Solbit-daero'],
  [3240, 'secondary', '북부로', 'Bukbu-ro'],
]);

/** Block sizes by zone: largest area m2, longest side m, how uneven the halves are, how slanted the cut (radians). */
const SIZES = {
  oldtown: { area: 5200, side: 112, uneven: 0.17, slant: 0.13 },
  commercial: { area: 8200, side: 135, uneven: 0.09, slant: 0.04 },
  houses: { area: 6600, side: 138, uneven: 0.12, slant: 0.07 },
  apartment: { area: 30000, side: 265, uneven: 0.08, slant: 0.02 },
  industrial: { area: 26000, side: 250, uneven: 0.1, slant: 0.02 },
  port: { area: 30000, side: 290, uneven: 0.12, slant: 0.03 },
  rural: { area: 210000, side: 760, uneven: 0.16, slant: 0.12 },
};

export const STRIPS = /** @type {Strip[]} */ ([
  strip('rail-main', [-2480, 1290], [13200, 2290], 20, 'rail'),
  strip('rail-port', [-1350, 1362], [-3420, -2100], 16, 'rail'),
  strip('stream', [980, 60], [2700, 5200], 24, 'stream'),
]);

/** @param {string} id @param {Point} from @param {Point} to @param {number} half @param {'rail' | 'stream'} kind @returns {Strip} */
function strip(id, from, to, half, kind) {
  return { id, line: { at: from, dir: direction(from, to) }, length: distance(from, to), half, kind };
}

export class Streets {
  /** @param {number} seed @param {import('./terrain.mjs').Terrain} terrain @param {{at: Point, area: number}[]} reserved ground that is to stay one block */
  constructor(seed, terrain, reserved) {
    this.reserved = reserved;
    this.random = new Random(seed, 'streets');
    this.names = new StreetNames(new Random(seed, 'street names'));
    this.terrain = terrain;
    /** @type {Road[]} */
    this.roads = [];
    /** @type {Block[]} */
    this.blocks = [];
    /** @type {Map<string, Road>} */
    this.avenues = new Map();
    this.usedNames = new Set();
    /** @type {Map<string, number>} */
    this.numbered = new Map();
    this.#layOut();
    this.#findSpans();
    for (const road of this.roads) this.#joinPieces(road);
  }

  /** @param {Point} p plan @returns {string} the dong this point lies in */
  district(p) {
    const west = side(this.avenue('평화대로').line, p) > 0;
    const east = side(this.avenue('새벽대로').line, p) < 0;
    if (p[1] < 0) return west ? 'D6' : side(this.avenue('우체국대로').line, p) < 0 ? 'D7' : 'D8';
    if (west) return 'D3';
    if (!east) return side(this.avenue('해오름로').line, p) > 0 ? 'D5' : 'D1';
    return side(this.avenue('해오름로').line, p) > 0 ? 'D2' : 'D4';
  }

  /** @param {string} name Korean @returns {Road} */
  avenue(name) {
    const road = this.avenues.get(name);
    if (!road) throw new Error(`no avenue ${name}`);
    return road;
  }

  #layOut() {
    const { west, east, south, north } = PLAN;
    /** @type {import('./geometry.mjs').Tagged<Road | null>[]} */
    let cells = [{ points: [[west, south], [east, south], [east, north], [west, north]], tags: [null, null, null, null] }];
    for (const [u, cls, ko, en] of NORTH_SOUTH) cells = this.#cut(cells, this.#avenue([u + this.random.between(-60, 60), 0], Math.PI / 2, cls, ko, en));
    for (const [v, cls, ko, en] of EAST_WEST) {
      const shift = Math.abs(v) < 300 ? 0 : this.random.between(-60, 60);
      cells = this.#cut(cells, this.#avenue([0, v + shift], 0, cls, ko, en));
    }
    for (const cell of cells.flatMap((c) => this.#cutShore(c))) this.#cutStrips(cell);
  }

  /** Parts the land behind the shore from the shore itself, so that blocks stand up to it.
   *  @param {import('./geometry.mjs').Tagged<Road | null>} cell */
  #cutShore(cell) {
    const vs = cell.points.map((p) => p[1]);
    const [low, high] = [Math.max(Math.min(...vs), PLAN.south), Math.min(Math.max(...vs), PLAN.north)];
    const at = centre(cell.points);
    if (at[0] > -3700 || low < -3600 || high > 3600 || Math.abs(at[1]) < BANK_ROAD) return [cell];
    let shore = -Infinity;
    for (let v = low; v <= high; v += 30) shore = Math.max(shore, this.terrain.coast(v));
    const quay = low > QUAY.south - 200 && high < QUAY.north + 200;
    const parts = split(cell, { at: [shore + (quay ? 24 : 50), 0], dir: [0, 1] }, null);
    return [parts.left, parts.right].filter((part) => part !== null);
  }

  /** @param {Point} at @param {number} angle @param {RoadClass} cls @param {string} ko @param {string} en */
  #avenue(at, angle, cls, ko, en) {
    const tilt = Math.abs(at[1]) < 300 && angle === 0 ? 0 : this.random.between(-0.022, 0.022);
    const road = this.#road({ at, dir: [Math.cos(angle + tilt), Math.sin(angle + tilt)] }, cls, { ko, en }, null, 'rural');
    this.avenues.set(ko, road);
    return road;
  }

  /** @param {Line} line @param {RoadClass} cls @param {Name} name @param {Road | null} parent @param {Zone} zone @returns {Road} */
  #road(line, cls, name, parent, zone) {
    /** @type {Road} */
    const road = { id: this.roads.length + 1, class: cls, name, line, parent, zone, start: Infinity, pieces: [], spans: [] };
    this.roads.push(road);
    return road;
  }

  /** @param {import('./geometry.mjs').Tagged<Road | null>[]} cells @param {Road} road */
  #cut(cells, road) {
    return cells.flatMap((cell) => {
      const halves = split(cell, road.line, road);
      return [halves.left, halves.right].filter((half) => half !== null);
    });
  }

  /** @param {import('./geometry.mjs').Tagged<Road | null>} cell */
  #cutStrips(cell) {
    /** @type {{polygon: import('./geometry.mjs').Tagged<Road | null>, kind: Kind | null}[]} */
    let parts = [{ polygon: cell, kind: null }];
    for (const s of STRIPS) {
      parts = parts.flatMap((part) => {
        const at = along(s.line, centre(part.polygon.points));
        const offsets = part.polygon.points.map((p) => side(s.line, p));
        if (part.kind || at < 0 || at > s.length || Math.min(...offsets) > s.half || Math.max(...offsets) < -s.half) return [part];
        const above = split(part.polygon, shifted(s.line, s.half), null);
        const below = above.right && split(above.right, shifted(s.line, -s.half), null);
        /** @type {typeof parts} */
        const out = [];
        if (above.left) out.push({ polygon: above.left, kind: null });
        if (below?.left) out.push({ polygon: below.left, kind: s.kind });
        if (below?.right) out.push({ polygon: below.right, kind: null });
        return out;
      });
    }
    for (const part of parts) {
      const at = centre(part.polygon.points);
      const kind = part.kind ?? (Math.abs(at[1]) < BANK_ROAD ? 'bank' : null);
      if (kind) this.blocks.push({ polygon: part.polygon, zone: 'rural', kind, district: this.district(at), use: kind, at });
      else this.#divide(part.polygon, this.#zone(part.polygon.points), 0);
    }
  }

  /** @param {Point[]} ring @returns {Zone} */
  #zone(ring) {
    const at = centre(ring);
    if (!this.terrain.urban(at)) return 'rural';
    const district = this.district(at);
    const [u, v] = at;
    if (district === 'D1') return u > -420 ? 'commercial' : 'oldtown';
    if (district === 'D5') return v > 2300 ? 'apartment' : u < 200 ? 'houses' : 'apartment';
    if (district === 'D6') return u < -2680 && (v < -560 || u < -3600) ? 'port' : 'houses';
    if (district === 'D7') return v > -820 ? 'houses' : 'industrial';
    if (district === 'D2') return u > 2350 && v < 2500 ? 'apartment' : 'houses';
    if (district === 'D3') return v > 2300 && u > -2700 ? 'apartment' : 'houses';
    if (district === 'D8') return v < -1700 ? 'apartment' : v > -1000 && u < -900 ? 'oldtown' : 'houses';
    return u < 2300 && v < 1000 ? 'commercial' : 'houses';
  }

  /** @param {import('./geometry.mjs').Tagged<Road | null>} polygon @param {Zone} zone @param {number} depth */
  #divide(polygon, zone, depth) {
    const size = SIZES[zone];
    const surface = Math.abs(area(polygon.points));
    const edge = longestEdge(polygon.points);
    const early = depth >= 3 && zone !== 'rural' && surface < size.area * 2.3 && this.random.chance(0.06);
    const wanted = this.reserved.find((r) => contains(polygon.points, r.at));
    if (depth > 14 || early || (wanted && surface < wanted.area * 1.45) || (surface < size.area && edge.length < size.side) || surface < 900) {
      this.blocks.push(this.#block(polygon, zone));
      return;
    }
    const a = polygon.points[edge.index];
    const b = polygon.points[(edge.index + 1) % polygon.points.length];
    const at = lerp(a, b, 0.5 + this.random.between(-size.uneven, size.uneven));
    const straight = left(direction(a, b));
    const turn = this.random.between(-size.slant, size.slant);
    const dir = /** @type {Point} */ ([straight[0] * Math.cos(turn) - straight[1] * Math.sin(turn), straight[0] * Math.sin(turn) + straight[1] * Math.cos(turn)]);
    const line = this.#eastOrNorth({ at, dir });
    const cls = surface > 150000 && zone !== 'rural' ? 'tertiary' : 'residential';
    const parent = polygon.tags[edge.index];
    const road = this.#road(line, cls, { ko: '', en: '' }, parent, zone);
    const halves = split(polygon, line, road);
    for (const half of [halves.left, halves.right]) if (half) this.#divide(half, zone, depth + 1);
  }

  /** Streets are measured from west to east and from south to north. @param {Line} line */
  #eastOrNorth(line) {
    const forward = Math.abs(line.dir[0]) > Math.abs(line.dir[1]) ? line.dir[0] > 0 : line.dir[1] > 0;
    return forward ? line : reverse(line);
  }

  /** @param {import('./geometry.mjs').Tagged<Road | null>} polygon @param {Zone} zone @returns {Block} */
  #block(polygon, zone) {
    const at = centre(polygon.points);
    const t = this.terrain;
    const probe = [...polygon.points, at];
    const dry = probe.every((p) => !t.wet(p));
    const hill = probe.some((p) => t.hillAt(p) !== undefined);
    const urban = zone !== 'rural' && probe.every((p) => t.urban(p));
    /** @type {Kind} */
    const kind = !dry || hill ? 'void' : urban ? 'urban' : 'rural';
    return { polygon, zone: urban || hill ? zone : 'rural', kind, district: this.district(at), use: '', at, wooded: dry && hill };
  }

  #findSpans() {
    for (const block of this.blocks) {
      if (block.kind !== 'urban' && block.kind !== 'rural') continue;
      block.polygon.tags.forEach((road, i) => {
        if (!road || (block.kind === 'rural' && road.class === 'residential')) return;
        const a = along(road.line, block.polygon.points[i]);
        const b = along(road.line, block.polygon.points[(i + 1) % block.polygon.points.length]);
        road.spans.push(a < b ? [a, b] : [b, a]);
        // House numbers count from where the town begins, not from the edge of the map.
        if (block.kind === 'urban') road.start = Math.min(road.start, a, b);
      });
    }
    for (const road of this.roads) road.spans.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  }

  /** Joins the spans beside kept blocks and bridges the gaps a street of this rank may bridge. @param {Road} road */
  #joinPieces(road) {
    const reach = { trunk: 900, primary: 900, secondary: 640, tertiary: 70, residential: 2 }[road.class];
    for (const [from, to] of road.spans) {
      const last = road.pieces.at(-1);
      if (last && from - last.to < 2) {
        last.to = Math.max(last.to, to);
        continue;
      }
      if (last && from - last.to <= reach) {
        const span = this.#crossing(road, last.to, from);
        if (span) road.pieces.push(span);
      }
      road.pieces.push({ from, to, bridge: false, tunnel: false });
    }
    road.pieces = road.pieces.filter((piece) => piece.bridge || piece.tunnel || piece.to - piece.from > 12);
    if (!road.name.ko && road.pieces.length > 0) road.name = this.#name(road);
  }

  /** @param {Road} road @param {number} from @param {number} to @returns {Piece | null} */
  #crossing(road, from, to) {
    let water = 0;
    let hill = 0;
    let sea = 0;
    for (let i = 0; i <= 10; i++) {
      const p = pointAt(road.line, from + ((to - from) * i) / 10);
      if (Math.abs(p[1]) < this.terrain.riverHalf(p[0])) water++;
      else if (p[0] < this.terrain.coast(p[1])) sea++;
      if (this.terrain.hillAt(p)) hill++;
    }
    if (sea > 0) return null;
    const middle = pointAt(road.line, (from + to) / 2);
    const onStrip = STRIPS.find((s) => Math.abs(side(s.line, middle)) < s.half + 4 && along(s.line, middle) > 0 && along(s.line, middle) < s.length);
    if (water > 0) return RANK[road.class] >= 3 && this.#carriesBridge(road) ? { from, to, bridge: true, tunnel: false } : null;
    if (onStrip?.kind === 'stream') return RANK[road.class] >= 3 || this.random.chance(0.45) ? { from, to, bridge: true, tunnel: false } : null;
    if (onStrip?.kind === 'rail') {
      if (RANK[road.class] >= 3) return { from, to, bridge: road.class !== 'primary', tunnel: road.class === 'primary' };
      return null;
    }
    if (hill > 3) return road.class === 'primary' || to - from < 300 ? { from, to, bridge: false, tunnel: true } : null;
    return { from, to, bridge: false, tunnel: false };
  }

  /** Not each avenue has a bridge over the river. @param {Road} road */
  #carriesBridge(road) {
    return ['해안로', '평화대로', '시장로', '하늘대로', '새벽대로', '한빛로', '산들로'].includes(road.name.ko);
  }

  /** Planned quarters number their streets after the dong; elsewhere each street has a name. @param {Road} road @returns {Name} */
  #collectorName(road) {
    if (!['industrial', 'port', 'apartment', 'commercial'].includes(road.zone)) return this.names.take();
    const { from, to } = road.pieces[0] ?? { from: 0, to: 0 };
    const dong = DISTRICTS.find((d) => d.id === this.district(pointAt(road.line, (from + to) / 2)));
    const stem = { ko: (dong?.ko ?? '').replace(/동$/, ''), en: (dong?.en ?? '').replace(/-dong$/, '') };
    const number = (this.numbered.get(stem.ko) ?? 0) + 1;
    this.numbered.set(stem.ko, number);
    return { ko: `${stem.ko}${number}로`, en: `${stem.en} ${number}-ro` };
  }

  /** @param {Road} road @returns {Name} */
  #name(road) {
    if (road.class !== 'residential' || !road.parent) return this.#collectorName(road);
    let parent = road.parent;
    if (!parent.name.ko) parent.name = this.#name(parent);
    // A lane off a lane keeps the name of the nearest street that is not itself a lane.
    while (parent.class === 'residential' && parent.parent) {
      parent = parent.parent;
      if (!parent.name.ko) parent.name = this.#name(parent);
    }
    const at = Number.isFinite(parent.start) ? Math.max(0, along(parent.line, road.line.at) - parent.start) : 0;
    let number = Math.max(1, Math.round(at / 20) * 2 + (side(parent.line, pointAt(road.line, 10)) > 0 ? 1 : 0));
    while (this.usedNames.has(`${parent.name.ko}${number}`)) number += 2;
    this.usedNames.add(`${parent.name.ko}${number}`);
    return sideStreet(parent.name, number);
  }
}

/** @param {Line} line @param {number} t @returns {Point} */
export const pointAt = (line, t) => [line.at[0] + line.dir[0] * t, line.at[1] + line.dir[1] * t];
