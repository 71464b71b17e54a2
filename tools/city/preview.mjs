// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Takes pictures of the generated map in headless Chromium. `node preview.mjs --city DIR --out DIR [--lang en]` */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { style } from './style.mjs';

const USAGE = `usage: node preview.mjs --city DIR --out DIR [--lang ko|en] [--view NAME=ZOOM/LON/LAT]...
Pictures of the map in DIR (a folder the generator wrote). Needs 'npm ci' here, Chromium and sqlite3.`;

const { values } = parseArgs({
  options: {
    city: { type: 'string' }, out: { type: 'string' }, lang: { type: 'string', default: 'ko' }, view: { type: 'string', multiple: true }, cameras: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help || !values.city || !values.out) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const city = JSON.parse(readFileSync(join(values.city, 'city.json'), 'utf8'));
const database = join(values.city, 'city.mbtiles');
const VIEWS = [`region=9.6/${city.center.join('/')}`, `city=12.2/${city.center.join('/')}`, `town=14/${city.center.join('/')}`, `street=15.6/${city.center.join('/')}`];

const maplibre = dirname(createRequire(import.meta.url).resolve('maplibre-gl/package.json'));
const language = /** @type {'ko' | 'en'} */ (values.lang);
const page = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/lib/maplibre-gl.css">
<style>html,body,#m{margin:0;height:100%;background:#15191d;font-family:"Noto Sans KR","Noto Sans CJK KR",sans-serif}</style><div id="m"></div><script type="module">
import * as maplibregl from '/lib/maplibre-gl.mjs';
maplibregl.setWorkerUrl('/lib/maplibre-gl-worker.mjs');
const [zoom, lon, lat] = location.hash.slice(1).split('/').map(Number);
const map = new maplibregl.Map({container:'m', style: await (await fetch('/style.json')).json(), center:[lon,lat], zoom, fadeDuration:0, attributionControl:false, canvasContextAttributes:{preserveDrawingBuffer:true}});
map.on('error', (e) => console.log('map error', e.error?.message));
map.on('load', async () => {
  if (${values.cameras === true}) {
    map.addSource('a', {type:'geojson', data: await (await fetch('/assets.json')).json()});
    map.addLayer({id:'a', type:'circle', source:'a', paint:{'circle-radius':['interpolate',['linear'],['zoom'],11,0.8,16,4],'circle-color':['match',['get','type'],'Camera','#8fa0b0','EmergencyBell','#5d6c79','#74808c']}});
  }
  map.once('idle', () => { window.done = true; });
});
</script>`;

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://x').pathname;
  const send = (/** @type {string} */ type, /** @type {string | Buffer} */ body, /** @type {Record<string, string>} */ more = {}) => response.writeHead(200, { 'Content-Type': type, ...more }).end(body);
  if (path === '/') return send('text/html', page);
  if (path === '/style.json') return send('application/json', JSON.stringify(style(`http://${request.headers.host}/tiles/{z}/{x}/{y}`, language)));
  if (path === '/assets.json') return send('application/json', assets());
  if (path.startsWith('/lib/') && existsSync(join(maplibre, 'dist', path.slice(5)))) return send(path.endsWith('.css') ? 'text/css' : 'text/javascript', readFileSync(join(maplibre, 'dist', path.slice(5))));
  const tile = /^\/tiles\/(\d+)\/(\d+)\/(\d+)$/.exec(path);
  const bytes = tile && readTile(+tile[1], +tile[2], +tile[3]);
  if (bytes) return send('application/x-protobuf', bytes, { 'Content-Encoding': 'gzip' });
  response.writeHead(tile ? 204 : 404).end();
});

/** @param {number} z @param {number} x @param {number} y */
function readTile(z, x, y) {
  const row = 2 ** z - 1 - y;
  const hex = execFileSync('sqlite3', ['-readonly', database, `select hex(tile_data) from tiles where zoom_level=${z} and tile_column=${x} and tile_row=${row}`], { encoding: 'utf8', maxBuffer: 1 << 26 }).trim();
  return hex ? Buffer.from(hex, 'hex') : null;
}

function assets() {
  const lines = readFileSync(join(/** @type {string} */ (values.city), 'entities.ndjson'), 'utf8').trim().split('\n');
  const features = lines.map((line) => JSON.parse(line)).filter((e) => e.location).map((e) => ({ type: 'Feature', geometry: e.location.value, properties: { type: e.type } }));
  return JSON.stringify({ type: 'FeatureCollection', features });
}

await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const address = /** @type {import('node:net').AddressInfo} */ (server.address());
const { chromium } = await import('playwright-core');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] });
mkdirSync(values.out, { recursive: true });
for (const view of values.view ?? VIEWS) {
  const [name, where] = view.split('=');
  const tab = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  tab.on('console', (message) => message.type() === 'error' || message.text().startsWith('map error') ? console.log(message.text()) : undefined);
  await tab.goto(`http://127.0.0.1:${address.port}/#${where}`);
  await tab.waitForFunction('window.done === true', undefined, { timeout: 60000 });
  await tab.screenshot({ path: join(values.out, `${name}.png`) });
  console.log(`${name}: ${join(values.out, `${name}.png`)}`);
  await tab.close();
}
await browser.close();
server.close();
