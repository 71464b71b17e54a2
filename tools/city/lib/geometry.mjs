// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Plane geometry on convex polygons whose edges carry a tag (the street that runs along the edge). Units: metres. */

/** @typedef {[number, number]} Point */
/** A convex polygon, counter-clockwise; `tags[i]` belongs to the edge from `points[i]` to `points[i + 1]`.
 *  @template T @typedef {{points: Point[], tags: T[]}} Tagged */
/** A line through `at` with unit direction `dir`; its left side is where `side` is positive.
 *  @typedef {{at: Point, dir: Point}} Line */

/** @param {Point} a @param {Point} b */
export const distance = (a, b) => Math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2);

/** @param {Point} a @param {Point} b @param {number} t @returns {Point} */
export const lerp = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];

/** @param {Point} from @param {Point} to @returns {Point} unit vector; [1, 0] for equal points */
export function direction(from, to) {
  const length = distance(from, to);
  return length === 0 ? [1, 0] : [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
}

/** @param {Point} dir @returns {Point} turned left by 90 degrees */
export const left = (dir) => [-dir[1], dir[0]];

/** @param {Line} line @param {Point} p @returns {number} signed distance, positive on the left */
export const side = (line, p) => line.dir[0] * (p[1] - line.at[1]) - line.dir[1] * (p[0] - line.at[0]);

/** @param {Line} line @param {Point} p @returns {number} metres along the line from `at` */
export const along = (line, p) => line.dir[0] * (p[0] - line.at[0]) + line.dir[1] * (p[1] - line.at[1]);

/** @param {Point[]} ring @returns {number} square metres, positive when counter-clockwise */
export function area(ring) {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) sum += ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
  return sum / 2;
}

/** @param {Point[]} ring @returns {Point} mean of the corners (fine for convex shapes) */
export function centre(ring) {
  let x = 0;
  let y = 0;
  for (const p of ring) {
    x += p[0];
    y += p[1];
  }
  return [x / ring.length, y / ring.length];
}

/** @param {Point[]} ring @param {Point} p */
export function contains(ring, p) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > p[1] !== yj > p[1] && p[0] < ((xj - xi) * (p[1] - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The part of a polygon left of a line; null when nothing is left.
 *  @template T @param {Tagged<T>} polygon @param {Line} line @param {T} tag given to the new edge @returns {Tagged<T> | null} */
export function keepLeft(polygon, line, tag) {
  /** @type {Tagged<T>} */
  const out = { points: [], tags: [] };
  const n = polygon.points.length;
  for (let i = 0; i < n; i++) {
    const a = polygon.points[i];
    const b = polygon.points[(i + 1) % n];
    const sa = side(line, a);
    const sb = side(line, b);
    if (sa >= 0) {
      out.points.push(a);
      out.tags.push(sb >= 0 || sa > 0 ? polygon.tags[i] : tag);
    }
    if ((sa > 0 && sb < 0) || (sa < 0 && sb > 0)) {
      out.points.push(lerp(a, b, sa / (sa - sb)));
      out.tags.push(sa > 0 ? tag : polygon.tags[i]);
    }
  }
  return out.points.length < 3 || Math.abs(area(out.points)) < 1 ? null : out;
}

/** @template T @param {Tagged<T>} polygon @param {Line} line @param {T} tag @returns {{left: Tagged<T> | null, right: Tagged<T> | null}} */
export function split(polygon, line, tag) {
  return { left: keepLeft(polygon, line, tag), right: keepLeft(polygon, reverse(line), tag) };
}

/** @param {Line} line @returns {Line} */
export const reverse = (line) => ({ at: line.at, dir: [-line.dir[0], -line.dir[1]] });

/** @param {Line} line @param {number} metres to the left @returns {Line} */
export function shifted(line, metres) {
  const n = left(line.dir);
  return { at: [line.at[0] + n[0] * metres, line.at[1] + n[1] * metres], dir: line.dir };
}

/** Shrinks a convex polygon; `by(i)` is the distance for edge i.
 *  @template T @param {Tagged<T>} polygon @param {(edge: number) => number} by @returns {Tagged<T> | null} */
export function inset(polygon, by) {
  /** @type {Tagged<T> | null} */
  let out = polygon;
  const n = polygon.points.length;
  for (let i = 0; i < n && out; i++) {
    const a = polygon.points[i];
    const b = polygon.points[(i + 1) % n];
    if (distance(a, b) < 0.01) continue;
    out = keepLeft(out, shifted({ at: a, dir: direction(a, b) }, by(i)), polygon.tags[i]);
  }
  return out;
}

/** @param {Point[]} ring @returns {{index: number, length: number}} the longest edge */
export function longestEdge(ring) {
  let index = 0;
  let length = 0;
  for (let i = 0; i < ring.length; i++) {
    const d = distance(ring[i], ring[(i + 1) % ring.length]);
    if (d > length + 1e-9) {
      length = d;
      index = i;
    }
  }
  return { index, length };
}

/** Extent of a ring along a direction. @param {Point[]} ring @param {Point} dir @returns {[number, number]} */
export function extent(ring, dir) {
  let low = Infinity;
  let high = -Infinity;
  for (const p of ring) {
    const d = p[0] * dir[0] + p[1] * dir[1];
    if (d < low) low = d;
    if (d > high) high = d;
  }
  return [low, high];
}

/** @param {Point} p @param {Point[]} path @returns {number} metres to the nearest point of a path */
export function distanceToPath(p, path) {
  let best = Infinity;
  for (let i = 0; i + 1 < path.length; i++) {
    const a = path[i];
    const b = path[i + 1];
    const dx = b[0] - a[0];
    const dy = b[1] - a[1];
    const length2 = dx * dx + dy * dy;
    const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2));
    best = Math.min(best, distance(p, [a[0] + dx * t, a[1] + dy * t]));
  }
  return best;
}

/** A smooth path through points (Catmull-Rom). @param {Point[]} points @param {number} steps between two points @returns {Point[]} */
export function smooth(points, steps) {
  /** @type {Point[]} */
  const out = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const p0 = points[Math.max(0, i - 1)];
    const p1 = points[i];
    const p2 = points[i + 1];
    const p3 = points[Math.min(points.length - 1, i + 2)];
    for (let k = 0; k < steps; k++) {
      const t = k / steps;
      const t2 = t * t;
      const t3 = t2 * t;
      const mix = (/** @type {0 | 1} */ c) =>
        0.5 * (2 * p1[c] + (p2[c] - p0[c]) * t + (2 * p0[c] - 5 * p1[c] + 4 * p2[c] - p3[c]) * t2 + (3 * p1[c] - p0[c] - 3 * p2[c] + p3[c]) * t3);
      out.push([mix(0), mix(1)]);
    }
  }
  out.push(points[points.length - 1]);
  return out;
}
