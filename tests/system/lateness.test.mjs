// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A source that says how late it may be is waited for so long, and not the ten minutes of one that does not. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask, startServer, until } from './harness.mjs';

const epoch = Date.parse('2026-11-22T03:00:00Z');
const packs = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-packs-'));
const write = (/** @type {string} */ name, /** @type {string} */ text) => {
  fs.mkdirSync(path.dirname(path.join(packs, name)), { recursive: true });
  fs.writeFileSync(path.join(packs, name), text);
};
write('plant/pack.yaml', 'pack: plant\nversion: 1\ntitle: {ko: 공장, en: Plant}\n');
write(
  'plant/sources.yaml',
  `sources:
  - {id: prompt, kind: http, name: {ko: 빠름, en: Prompt}, mappings: [press], lateness: 1m}
  - {id: slow, kind: http, name: {ko: 느림, en: Slow}, mappings: [press]}
`,
);
write(
  'plant/mappings/press.yaml',
  `mapping: press
match: {where: [{path: /press, exists: true}]}
event:
  type: press.stopped
  id: "{/id}"
  time: {from: /at}
  logsource: {category: device, product: "{/press}"}
  entity: "urn:ngsi-ld:Machine:{/press}"
  fields: {press: /press}
`,
);
const rule = (/** @type {string} */ id) => `title: ${id}
id: ${id}
logsource: {category: device, product: ${id}}
detection:
  stop: {type: press.stopped}
  condition: stop
level: medium
bongsu: {service: facility, dedupe: 10s}
`;
write('plant/rules/press.yaml', `${rule('prompt')}---\n${rule('slow')}`);

/** @type {import('./harness.mjs').Server} */
let server;
before(async () => {
  server = await startServer({ args: ['--clock', `scale=120,epoch=${new Date(epoch).toISOString()}`], config: `packs: ${packs}\n` });
});
after(async () => {
  assert.equal(await server.stop(), 0);
  fs.rmSync(packs, { recursive: true, force: true });
});

const now = async () => Date.parse((await ask(`${server.http}/health`)).json.clock.now);

test('a finding becomes final when its own source can send nothing older', async () => {
  const [device, seat] = [await server.token('application'), await server.token('operator')];
  const at = await now();
  for (const source of ['slow', 'prompt']) {
    const sent = await ask(`${server.http}/api/v1/ingest/${source}`, { token: device, body: { id: 'P-1', press: source, at: new Date(at).toISOString() } });
    assert.equal(sent.json.accepted, 1, sent.text);
  }
  const finding = async (/** @type {string} */ name) => (await ask(`${server.http}/api/v1/findings?rule=${name}`, { token: seat })).json.items[0];

  await until(() => finding('prompt'), (found) => found?.status === 'final', 15_000);
  const took = (await now()) - at;
  assert.ok(took < 8 * 60_000, `final after ${took / 60_000} min, the source is at most 1 min late`);
  assert.equal((await finding('slow')).status, 'provisional');

  await until(() => finding('slow'), (found) => found.status === 'final', 15_000);
  assert.ok((await now()) - at >= 10 * 60_000, 'a source that does not say is waited for 10 min');
});
