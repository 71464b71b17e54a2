// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A MapLibre style over the demo city's tile schema, for the preview. Everything normal is grey (console.md 2.3). */

const DARK = {
  ground: '#15191d', water: '#0f151c', park: '#182019', forest: '#161d18', farm: '#171c1d', beach: '#22231f', yard: '#191e23',
  rail: '#191d21', building: '#1d2328', outline: '#262d33', residential: '#252b31', tertiary: '#2a3138', secondary: '#323a42', primary: '#3c454e',
  trunk: '#48525c', path: '#232a2c', track: '#333b43', boundary: '#39434c', road: '#7f8b96', place: '#a9b4be', water_text: '#4d6274',
};

/** @param {string} tiles URL template @param {'ko' | 'en'} language */
export function style(tiles, language) {
  const c = DARK;
  const name = ['coalesce', ['get', `name:${language}`], ['get', 'name']];
  const by = (/** @type {(string | number)[]} */ ...pairs) => ['match', ['get', 'class'], ...pairs];
  const grow = (/** @type {number[]} */ ...stops) => ['interpolate', ['exponential', 1.6], ['zoom'], ...stops];
  const roads = (/** @type {string} */ id, /** @type {string[]} */ classes, /** @type {string} */ color, /** @type {unknown} */ width) => ({
    id, type: 'line', source: 'city', 'source-layer': 'roads', filter: ['in', ['get', 'class'], ['literal', classes]],
    layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': color, 'line-width': width },
  });
  const text = (/** @type {string} */ color) => ({ 'text-color': color, 'text-halo-color': c.ground, 'text-halo-width': 1.4 });
  return {
    version: 8,
    sources: { city: { type: 'vector', tiles: [tiles], minzoom: 8, maxzoom: 15, attribution: '합성 데모 도시' } },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': c.ground } },
      {
        id: 'landuse', type: 'fill', source: 'city', 'source-layer': 'landuse',
        paint: {
          'fill-color': by('forest', c.forest, 'park', c.park, 'pitch', '#1d261e', 'farm', c.farm, 'beach', c.beach, 'rail', c.rail, 'plaza', '#1c2126', c.yard),
          'fill-antialias': true,
        },
      },
      { id: 'water', type: 'fill', source: 'city', 'source-layer': 'water', paint: { 'fill-color': c.water } },
      { id: 'building', type: 'fill', source: 'city', 'source-layer': 'building', paint: { 'fill-color': c.building, 'fill-outline-color': c.outline } },
      roads('path', ['path'], c.path, grow(13, 0.5, 17, 2.5)),
      roads('residential', ['residential'], c.residential, grow(12, 0.3, 14, 1, 16, 4.5, 18, 18)),
      roads('tertiary', ['tertiary'], c.tertiary, grow(11, 0.4, 14, 2, 16, 7, 18, 28)),
      roads('secondary', ['secondary'], c.secondary, grow(10, 0.6, 14, 3, 16, 10, 18, 40)),
      roads('primary', ['primary'], c.primary, grow(9, 0.7, 14, 4, 16, 13, 18, 54)),
      { id: 'rail-line', type: 'line', source: 'city', 'source-layer': 'rail', paint: { 'line-color': c.track, 'line-width': grow(12, 0.6, 16, 1.6) } },
      { id: 'rail-ties', type: 'line', source: 'city', 'source-layer': 'rail', minzoom: 13, paint: { 'line-color': c.track, 'line-width': grow(13, 2, 16, 5), 'line-dasharray': [0.25, 2.2] } },
      roads('trunk', ['trunk'], c.trunk, grow(8, 0.8, 14, 4.4, 16, 13, 18, 56)),
      { id: 'boundary', type: 'line', source: 'city', 'source-layer': 'boundary', paint: { 'line-color': c.boundary, 'line-width': by('city', 1.4, 0.9), 'line-dasharray': [3, 2.5] } },
      {
        id: 'road-names', type: 'symbol', source: 'city', 'source-layer': 'road_names',
        layout: { 'symbol-placement': 'line', 'symbol-spacing': 420, 'text-field': name, 'text-size': by('primary', 12, 'trunk', 12, 'secondary', 11.5, 10.5), 'text-font': ['Noto Sans KR'] },
        paint: text(c.road),
      },
      {
        id: 'poi', type: 'symbol', source: 'city', 'source-layer': 'poi', minzoom: 12.5,
        layout: { 'text-field': name, 'text-size': 11.5, 'text-font': ['Noto Sans KR'], 'symbol-sort-key': ['get', 'rank'] },
        paint: text('#94a0ab'),
      },
      {
        id: 'water-names', type: 'symbol', source: 'city', 'source-layer': 'place', filter: ['==', ['get', 'class'], 'water'],
        layout: { 'text-field': name, 'text-size': 13, 'text-letter-spacing': 0.15, 'text-font': ['Noto Sans KR'] }, paint: text(c.water_text),
      },
      {
        id: 'hill-names', type: 'symbol', source: 'city', 'source-layer': 'place', filter: ['==', ['get', 'class'], 'hill'],
        layout: { 'text-field': name, 'text-size': 11.5, 'text-font': ['Noto Sans KR'] }, paint: text('#6f7f72'),
      },
      {
        id: 'places', type: 'symbol', source: 'city', 'source-layer': 'place', filter: ['in', ['get', 'class'], ['literal', ['city', 'dong']]],
        layout: { 'text-field': name, 'text-size': by('city', 20, 15), 'text-letter-spacing': 0.06, 'text-font': ['Noto Sans KR'], 'symbol-sort-key': ['get', 'rank'] }, paint: text(c.place),
      },
    ],
  };
}
