#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Makes the demo city: map, tiles, addresses, inventory. Same seed, same bytes. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { City } from './lib/city.mjs';
import { drawMap } from './lib/map.mjs';
import { addresses, cityFile, inventory, lines, revisionOf } from './lib/output.mjs';
import { Site } from './lib/site.mjs';

const USAGE = `usage: node tools/city/generate.mjs --out DIR [--seed N] [--no-tiles] [--quiet]
Writes the demo city of docs/formats/demo-city.md into DIR:
  city.json  addresses.ndjson  entities.ndjson  city.osm  city.osm.pbf  city.mbtiles
  --seed N     another coast, other streets, other positions (default 1)
  --no-tiles   leave out city.osm.pbf and city.mbtiles; tiles is null in city.json (needs neither osmium nor tilemaker)
Exit codes: 0 ok, 1 a tool failed, 2 usage.`;

/** @returns {{seed: number, out: string, tiles: boolean, quiet: boolean}} */
function options() {
  /** @type {Record<string, string | boolean | undefined>} */
  let values;
  try {
    ({ values } = parseArgs({
      options: { seed: { type: 'string', default: '1' }, out: { type: 'string' }, 'no-tiles': { type: 'boolean' }, quiet: { type: 'boolean' }, help: { type: 'boolean' } },
    }));
  } catch (error) {
    return usage(/** @type {Error} */ (error).message);
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const seed = Number(values.seed);
  if (!values.out) return usage('--out DIR is missing');
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) return usage(`--seed ${values.seed}: a whole number from 0 to 4294967295 is wanted`);
  return { seed, out: String(values.out), tiles: !values['no-tiles'], quiet: values.quiet === true };
}

/** @param {string} message @returns {never} */
function usage(message) {
  console.error(`${message}\n${USAGE}`);
  process.exit(2);
}

const { seed, out, tiles, quiet } = options();
const started = performance.now();
const say = (/** @type {string} */ text) => quiet || console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`);

mkdirSync(out, { recursive: true });
const city = new City(seed);
say(`${city.streets.roads.filter((r) => r.pieces.length > 0).length} streets, ${city.streets.blocks.length} blocks, ${city.buildings.list.length} buildings`);
const site = new Site(city);
const stock = inventory(site, seed);
const { entities } = stock;
writeFileSync(join(out, 'entities.ndjson'), lines(entities));
say(`entities.ndjson   ${entities.length} entities`);
const list = addresses(city, site);
writeFileSync(join(out, 'addresses.ndjson'), lines(list));
say(`addresses.ndjson  ${list.length} road addresses`);

const here = dirname(fileURLToPath(import.meta.url));
const config = join(here, 'tiles/config.json');
const script = join(here, 'tiles/process.lua');
const osm = drawMap(city);
writeFileSync(join(out, 'city.osm'), osm);
say(`city.osm          ${megabytes(osm.length)}`);
writeFileSync(join(out, 'city.json'), `${JSON.stringify(cityFile(city, site, tiles ? revisionOf(osm, readFileSync(config, 'utf8'), readFileSync(script, 'utf8')) : null, stock))}\n`);
say('city.json');
if (tiles) {
  const pbf = join(out, 'city.osm.pbf');
  const mbtiles = join(out, 'city.mbtiles');
  run('osmium', ['cat', '--overwrite', '--no-progress', '-o', pbf, join(out, 'city.osm')]);
  say(`city.osm.pbf      ${megabytes(statSync(pbf).size)}`);
  rmSync(mbtiles, { force: true });
  // One thread: tiles then come in one order and the file is the same every time.
  run('tilemaker', ['--input', pbf, '--output', mbtiles, '--config', config, '--process', script, '--threads', '1']);
  say(`city.mbtiles      ${megabytes(statSync(mbtiles).size)}`);
}

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status === 0) return;
  console.error(done.error ? `${program}: ${done.error.message} (apt-get install osmium-tool tilemaker)` : `${program} failed (${done.status}):\n${done.stderr}${done.stdout}`);
  process.exit(1);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
