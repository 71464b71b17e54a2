// SPDX-License-Identifier: Apache-2.0
// Small geodesy of one city: Web Mercator on the unit square, circles and view sectors on the ground.

const earthRadiusM = 6_371_008.8;
const rad = Math.PI / 180;

export function mercatorX(lon: number): number {
  return (lon + 180) / 360;
}

export function mercatorY(lat: number): number {
  return (1 - Math.log(Math.tan(Math.PI / 4 + (lat * rad) / 2)) / Math.PI) / 2;
}

export function lonOf(x: number): number {
  return x * 360 - 180;
}

export function latOf(y: number): number {
  return (2 * Math.atan(Math.exp(Math.PI * (1 - 2 * y))) - Math.PI / 2) / rad;
}

/** The point `metres` away in the direction `bearing` (degrees clockwise from north), as [lon, lat]. */
export function move(lon: number, lat: number, bearing: number, metres: number): [number, number] {
  const angle = metres / earthRadiusM;
  const lat1 = lat * rad;
  const lat2 = Math.asin(Math.sin(lat1) * Math.cos(angle) + Math.cos(lat1) * Math.sin(angle) * Math.cos(bearing * rad));
  const turn = Math.atan2(
    Math.sin(bearing * rad) * Math.sin(angle) * Math.cos(lat1),
    Math.cos(angle) - Math.sin(lat1) * Math.sin(lat2),
  );
  return [lon + turn / rad, lat2 / rad];
}

export function distanceM(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const dLat = (b.lat - a.lat) * rad;
  const dLon = (b.lon - a.lon) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** A circle on the ground as a closed ring of [lon, lat]. */
export function circle(lon: number, lat: number, radiusM: number, points = 72): [number, number][] {
  return Array.from({ length: points + 1 }, (_, i) => move(lon, lat, (i % points) * (360 / points), radiusM));
}

/** The view sector of a camera as a closed ring: its foot, then the arc. */
export function sector(lon: number, lat: number, azimuth: number, fov: number, rangeM: number): [number, number][] {
  if (fov >= 359) return circle(lon, lat, rangeM);
  const steps = Math.max(6, Math.ceil(fov / 6));
  const arc = Array.from({ length: steps + 1 }, (_, i) => move(lon, lat, azimuth - fov / 2 + (fov * i) / steps, rangeM));
  return [[lon, lat], ...arc, [lon, lat]];
}
