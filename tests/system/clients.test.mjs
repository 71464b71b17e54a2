// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Clients that others wrote, against the real server: `ngsijs` and `iotagent-node-lib` in its NGSI-LD mode. Both are under the AGPL: they are test
 * peers in a package of their own (tests/peers), installed here on demand and no part of what is built or shipped.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ask, startServer } from './harness.mjs';

const peers = path.resolve('tests/peers');
const require = createRequire(path.join(peers, 'package.json'));

/** False when the peers are there, else why not. @returns {false | string} */
function whyNot() {
  if (fs.existsSync(path.join(peers, 'node_modules', 'ngsijs'))) return false;
  if (process.env.BONGSU_NO_INSTALL) return 'the test peers are not installed (BONGSU_NO_INSTALL is set)';
  try {
    execFileSync('npm', ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--silent'], { cwd: peers, timeout: 120_000, stdio: 'ignore' });
    return false;
  } catch {
    fs.rmSync(path.join(peers, 'node_modules'), { recursive: true, force: true });
    return 'the test peers cannot be installed from npm here';
  }
}

const skip = whyNot();
const core = 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld';
/** @type {import('./harness.mjs').Server} */
let server;
let packs = '';
before(async () => {
  if (skip) return;
  packs = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-packs-'));
  server = await startServer({ args: ['--open'], config: `packs: ${packs}\n` });
});
after(async () => {
  await server?.stop();
  if (packs) fs.rmSync(packs, { recursive: true, force: true });
});

test('ngsijs writes, queries, discovers and reads history', { skip }, async () => {
  const NGSI = require('ngsijs');
  const { ld } = new NGSI.Connection(server.http);
  const id = 'urn:ngsi-ld:Room:1';

  const created = await ld.createEntity({ id, type: 'Room', temperature: { type: 'Property', value: 21, observedAt: '2026-11-22T10:00:00Z' } });
  assert.equal(created.location, `/ngsi-ld/v1/entities/${id}`);
  await assert.rejects(ld.createEntity({ id, type: 'Room' }), NGSI.AlreadyExistsError);
  await assert.rejects(ld.createEntity({ id: 'room', type: 'Room' }), NGSI.BadRequestDataError);

  await ld.appendEntityAttributes({ id, floor: { type: 'Property', value: 3 } });
  await ld.updateEntityAttributes({ id, temperature: { type: 'Property', value: 24, observedAt: '2026-11-22T11:00:00Z' } });
  await ld.updateEntityAttribute({ type: 'Property', value: 4 }, { id, attribute: 'floor' });
  const found = await ld.queryEntities({ type: 'Room', q: 'temperature>23;floor==4', count: true, keyValues: true });
  assert.equal(found.count, 1);
  assert.deepEqual(found.results, [{ id, type: 'Room', floor: 4, temperature: 24 }]);
  assert.equal((await ld.getEntity(id)).entity.temperature.value, 24);
  assert.deepEqual((await ld.listTypes()).results.typeList, ['Room']);

  const history = await ld.queryTemporalEntities({ type: 'Room', timerel: 'after', timeAt: '2026-11-22T09:00:00Z' });
  assert.deepEqual(history.results[0].temperature.map((/** @type {any} */ one) => one.value), [21, 24]);

  await ld.deleteEntityAttribute({ id, attribute: 'floor' });
  assert.equal((await ld.getEntity(id)).entity.floor, undefined);
  await ld.deleteEntity(id);
  await assert.rejects(ld.getEntity(id), NGSI.NotFoundError);
});

test('an IoT agent in NGSI-LD mode reports the measures of its devices', { skip }, async () => {
  const agent = require('iotagent-node-lib');
  const address = new URL(server.http);
  const tenant = { service: 'default', subservice: '/' };
  await promisify(agent.activate)({
    logLevel: 'FATAL',
    contextBroker: { host: address.hostname, port: address.port, ngsiVersion: 'ld', jsonLdContext: core },
    server: { host: '127.0.0.1', port: 0 },
    types: {
      Lamp: {
        type: 'Lamp', commands: [], lazy: [],
        active: [{ object_id: 'p', name: 'power', type: 'Number', metadata: { unitCode: { type: 'Property', value: 'WTT' } } }, { object_id: 'l', name: 'location', type: 'geo:point' }],
        static_attributes: [{ name: 'partOf', type: 'Relationship', value: 'urn:ngsi-ld:Street:1' }],
      },
    },
    ...tenant, providerUrl: 'http://127.0.0.1:1', deviceRegistry: { type: 'memory' }, useCBflowControl: true,
  });
  try {
    const device = await promisify(agent.register)({ id: 'lamp1', type: 'Lamp', ...tenant });
    const update = promisify(agent.update);
    for (const value of [40, 55]) await update('lamp1', 'Lamp', '', [{ name: 'power', type: 'Number', value }, { name: 'location', type: 'geo:point', value: '126.6,35.8' }]);

    const lamp = await ask(`${server.http}/ngsi-ld/v1/entities/${device.name}`);
    assert.equal(lamp.status, 200, lamp.text);
    assert.equal(lamp.json.power.value, 55);
    assert.deepEqual(lamp.json.location, { type: 'GeoProperty', value: { type: 'Point', coordinates: [126.6, 35.8] } });
    const near = await ask(`${server.http}/ngsi-ld/v1/entities?type=Lamp&georel=near;maxDistance==100&geometry=Point&coordinates=[126.6,35.8]&options=keyValues`);
    assert.deepEqual(near.json.map((/** @type {any} */ one) => one.id), [device.name]);
    const history = await ask(`${server.http}/ngsi-ld/v1/temporal/entities/${device.name}?options=temporalValues`);
    assert.deepEqual(history.json.power.values.map((/** @type {any[]} */ one) => one[0]), [40, 55]);

    await assert.rejects(update('lamp1', 'Lamp', '', [{ name: 'location', type: 'geo:point', value: '35.8,126.6' }]));  // latitude 126.6
  } finally {
    await promisify(agent.deactivate)();
  }
});
