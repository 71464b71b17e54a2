// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** NGSI-LD normalized entities, core context only (GS CIM 009 V1.9.1, 4.5). */

/** @typedef {Record<string, unknown>} Entity */

/** @param {string} type @param {string} device @returns {string} */
export const urn = (type, device) => `urn:ngsi-ld:${type}:${device}`;

/** @param {unknown} value @param {string} [unitCode] UN/CEFACT code */
export const property = (value, unitCode) => (unitCode ? { type: 'Property', value, unitCode } : { type: 'Property', value });

/** @param {string} object urn */
export const relationship = (object) => ({ type: 'Relationship', object });

/** @param {{ko: string, en: string}} text */
export const language = ({ ko, en }) => ({ type: 'LanguageProperty', languageMap: { ko, en } });

/** @param {import('./geometry.mjs').Point} lonLat */
export const place = (lonLat) => ({ type: 'GeoProperty', value: { type: 'Point', coordinates: lonLat } });

/** @param {string} type @param {string} device @param {{name: {ko: string, en: string}, at: import('./geometry.mjs').Point, address: {ko: string, en: string}, district: string}} common
 *  @param {Record<string, unknown>} attributes @returns {Entity} */
export const entity = (type, device, common, attributes) => ({
  id: urn(type, device),
  type,
  name: language(common.name),
  location: place(common.at),
  address: language(common.address),
  district: property(common.district),
  ...attributes,
});
