// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Writes OSM XML (API 0.6): nodes shared by coordinate, ways, multipolygons. */

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {Record<string, string | number>} Tags */

const escapes = /** @type {Record<string, string>} */ ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' });
const escape = (/** @type {string | number} */ value) => String(value).replace(/[&<>"]/g, (c) => escapes[c]);

export class OsmWriter {
  /** @param {[number, number, number, number]} bounds west, south, east, north */
  constructor(bounds) {
    this.bounds = bounds;
    /** @type {Map<number, number>} */
    this.nodeIds = new Map();
    this.nextNode = 1;
    this.nextWay = 1;
    this.nextRelation = 1;
    /** @type {string[]} */
    this.nodes = [];
    /** @type {string[]} */
    this.ways = [];
    /** @type {string[]} */
    this.relations = [];
  }

  /** @param {Point} p lon, lat @returns {boolean} worth drawing */
  inside([lon, lat]) {
    const [west, south, east, north] = this.bounds;
    return lon >= west - 0.004 && lon <= east + 0.004 && lat >= south - 0.004 && lat <= north + 0.004;
  }

  /** @param {Point} p lon, lat @param {Tags} [tags] @returns {number} node id */
  node([lon, lat], tags) {
    const key = Math.round(lon * 1e6) * 1e9 + Math.round(lat * 1e6);
    const known = this.nodeIds.get(key);
    if (known !== undefined && !tags) return known;
    const id = this.nextNode++;
    if (!tags) this.nodeIds.set(key, id);
    const head = `<node id="${id}" version="1" lat="${lat.toFixed(6)}" lon="${lon.toFixed(6)}"`;
    this.nodes.push(tags ? `${head}>${tagLines(tags)}</node>` : `${head}/>`);
    return id;
  }

  /** @param {Point[]} path lon, lat @param {Tags} tags @returns {number} way id */
  line(path, tags) {
    if (!path.some((p) => this.inside(p))) return 0;
    return this.#way(path.map((p) => this.node(p)), tags);
  }

  /** @param {Point[]} ring open ring, lon, lat @param {Tags} tags @returns {number} way id */
  area(ring, tags) {
    if (!ring.some((p) => this.inside(p))) return 0;
    const refs = ring.map((p) => this.node(p)).filter((id, i, all) => id !== all[i - 1]);
    if (refs.length > 1 && refs[0] === refs.at(-1)) refs.pop();
    if (refs.length < 3) return 0;
    return this.#way([...refs, refs[0]], tags);
  }

  /** @param {Point[]} outer @param {Point[][]} inner @param {Tags} tags */
  multipolygon(outer, inner, tags) {
    const members = [this.#way(closed(outer.map((p) => this.node(p))), {}), ...inner.map((ring) => this.#way(closed(ring.map((p) => this.node(p))), {}))];
    const lines = members.map((ref, i) => `<member type="way" ref="${ref}" role="${i === 0 ? 'outer' : 'inner'}"/>`);
    this.relations.push(`<relation id="${this.nextRelation++}" version="1">${lines.join('')}${tagLines({ type: 'multipolygon', ...tags })}</relation>`);
  }

  /** @returns {string} the document */
  toString() {
    const [west, south, east, north] = this.bounds;
    return [
      '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="bongsu demo city">',
      `<bounds minlat="${south}" minlon="${west}" maxlat="${north}" maxlon="${east}"/>`,
      ...this.nodes,
      ...this.ways,
      ...this.relations,
      '</osm>\n',
    ].join('\n');
  }

  /** @param {number[]} refs @param {Tags} tags */
  #way(refs, tags) {
    const id = this.nextWay++;
    let lines = '';
    for (const ref of refs) lines += `<nd ref="${ref}"/>`;
    this.ways.push(`<way id="${id}" version="1">${lines}${tagLines(tags)}</way>`);
    return id;
  }
}

/** @param {number[]} refs */
const closed = (refs) => [...refs, refs[0]];

/** @param {Tags} tags */
const tagLines = (tags) =>
  Object.entries(tags)
    .map(([k, v]) => `<tag k="${escape(k)}" v="${escape(v)}"/>`)
    .join('');
