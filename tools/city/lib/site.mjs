// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Answers what an asset needs to know about its spot: address, dong, position, bearings, nearby places. */

import { contains } from './geometry.mjs';
import { Grid } from './grid.mjs';
import { corners, kerbs } from './corners.mjs';
import { DISTRICTS } from './names.mjs';
import { written } from './buildings.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./names.mjs').Name} Name */
/** @typedef {import('./buildings.mjs').Address} Address */

export class Site {
  /** @param {import('./city.mjs').City} city */
  constructor(city) {
    this.city = city;
    this.names = new Map(DISTRICTS.map((d) => [d.id, { ko: d.ko, en: d.en }]));
    /** @type {Grid<Address>} */
    this.addresses = new Grid(60);
    for (const address of city.buildings.addresses) this.addresses.add(address.plan, address);
    /** @type {Grid<import('./places.mjs').Place>} */
    this.places = new Grid(200);
    for (const place of city.places) this.places.add(place.at, place);
    this.corners = corners(city.streets.blocks);
    this.kerbs = kerbs(city.streets.blocks);
    /** @type {Grid<import('./corners.mjs').Corner>} */
    this.cornerGrid = new Grid(150);
    for (const corner of this.corners) this.cornerGrid.add(corner.kerb, corner);
  }

  /** @param {Point} plan @returns {Point} lon, lat */
  lonLat(plan) {
    return this.city.frame.place(plan);
  }

  /** @param {Point} plan @returns {Address} the nearest one */
  nearestAddress(plan) {
    const found = this.addresses.nearest(plan);
    if (!found) throw new Error(`no address near ${plan}`);
    return found;
  }

  /** @param {Point} plan @returns {Name} road address of the nearest house */
  address(plan) {
    return written(this.nearestAddress(plan), this.names);
  }

  /** @param {Point} plan @returns {Name} street and number only, as people say it */
  spot(plan) {
    const { road, number } = this.nearestAddress(plan);
    return { ko: `${road.name.ko} ${number}`, en: `${road.name.en} ${number}` };
  }

  /** @param {Point} plan @returns {string} */
  district(plan) {
    for (const [id, ring] of this.city.districtRings) if (contains(ring, plan)) return id;
    return this.city.streets.district(plan);
  }

  /** Name, place and address of an asset that stands at `plan`. @param {Point} plan @param {Name} name */
  common(plan, name) {
    return { name, at: this.lonLat(plan), address: this.address(plan), district: this.district(plan) };
  }

  /** @param {Point} plan @param {Point} dir plan direction @returns {number} degrees clockwise from north on the ground */
  bearing(plan, dir) {
    const a = this.city.frame.ground(plan);
    const b = this.city.frame.ground([plan[0] + dir[0], plan[1] + dir[1]]);
    const degrees = (Math.atan2(b[0] - a[0], b[1] - a[1]) * 180) / Math.PI;
    return Math.round((degrees + 360) % 360);
  }

  /** @param {Point} plan @param {number} radius @returns {import('./places.mjs').Place | undefined} the nearest named place */
  placeNear(plan, radius) {
    return this.places.within(plan, radius)[0]?.value;
  }

  /** @param {string} ko @returns {import('./places.mjs').Place} */
  place(ko) {
    const found = this.city.places.find((p) => p.name.ko === ko);
    if (!found) throw new Error(`no place ${ko}`);
    return found;
  }

  /** @param {Point} plan @returns {import('./corners.mjs').Corner} the nearest street corner */
  corner(plan) {
    const found = this.cornerGrid.nearest(plan);
    if (!found) throw new Error(`no corner near ${plan}`);
    return found;
  }
}

const COMPASS = [
  ['북', 'N'], ['북동', 'NE'], ['동', 'E'], ['남동', 'SE'], ['남', 'S'], ['남서', 'SW'], ['서', 'W'], ['북서', 'NW'],
];

/** @param {number} degrees @returns {Name} */
export function compass(degrees) {
  const [ko, en] = COMPASS[Math.round(degrees / 45) % 8];
  return { ko, en };
}
