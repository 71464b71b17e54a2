// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Reads the folder the city generator wrote. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ko: string, en: string}} Name */
/** @typedef {{id: string, device: string, type: string, name: Name, point: [number, number], address: Name, district: string, values: Record<string, any>, refs: Record<string, string>}} Asset */
/** @typedef {{file: any, assets: Map<string, Asset>, byType: Map<string, Asset[]>}} CityData */

/** @param {string} folder @returns {CityData} */
export function readCity(folder) {
  const file = JSON.parse(readFileSync(join(folder, 'city.json'), 'utf8'));
  /** @type {Map<string, Asset>} */
  const assets = new Map();
  /** @type {Map<string, Asset[]>} */
  const byType = new Map();
  for (const line of readFileSync(join(folder, 'entities.ndjson'), 'utf8').split('\n')) {
    if (!line) continue;
    const asset = toAsset(JSON.parse(line));
    assets.set(asset.device, asset);
    const list = byType.get(asset.type);
    if (list) list.push(asset);
    else byType.set(asset.type, [asset]);
  }
  return { file, assets, byType };
}

/** @param {any} entity @returns {Asset} */
function toAsset(entity) {
  /** @type {Asset} */
  const asset = {
    id: entity.id,
    device: entity.id.slice(entity.id.lastIndexOf(':') + 1),
    type: entity.type,
    name: entity.name.languageMap,
    point: entity.location.value.coordinates,
    address: entity.address.languageMap,
    district: entity.district.value,
    values: {},
    refs: {},
  };
  for (const [key, attribute] of Object.entries(entity)) {
    const a = /** @type {any} */ (attribute);
    if (a?.type === 'Property') asset.values[key] = a.value;
    if (a?.type === 'Relationship') asset.refs[key] = a.object.slice(a.object.lastIndexOf(':') + 1);
  }
  return asset;
}

/** @param {CityData} city @param {string} device @returns {Asset} */
export function assetOf(city, device) {
  const asset = city.assets.get(device);
  if (!asset) throw new Error(`the city has no asset ${device}`);
  return asset;
}
