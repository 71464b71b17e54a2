// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Rule files change under a running server: what is good takes force, what is broken is said and runs on as it was. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ask, startServer, until } from './harness.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-reload-'));
const packs = path.join(folder, 'packs');
const write = (/** @type {string} */ name, /** @type {string} */ text) => {
  fs.mkdirSync(path.dirname(path.join(packs, name)), { recursive: true });
  fs.writeFileSync(path.join(packs, name), text);
};
write('plant/pack.yaml', 'pack: plant\nversion: 1\ntitle: {ko: 공장, en: Plant}\n');
write('plant/sources.yaml', 'sources:\n  - {id: plant, kind: http, name: {ko: 공장, en: Plant}, mappings: [reading]}\n');
write(
  'plant/mappings/reading.yaml',
  `mapping: reading
match: {where: [{path: /machine, exists: true}]}
event:
  type: machine.reading
  id: "{/id}"
  time: {from: /at}
  logsource: {category: device, product: machine}
  entity: "urn:ngsi-ld:Machine:{/machine}"
  fields: {heat: {from: /heat, type: number}, noise: {from: /noise, type: number}}
`,
);
/** @param {string} id @param {string} test @param {string} more */
const rule = (id, test, more = '') => `title: ${id}
id: ${id}
logsource: {category: device, product: machine}
detection:
  over: {type: machine.reading, ${test}}
  condition: over
level: medium
bongsu: {service: facility, dedupe: 1s${more}}
`;
write('plant/rules/heat.yaml', rule('heat', 'heat|gte: 90'));
write('plant/rules/noise.yaml', rule('noise', 'noise|gte: 50'));

/** @type {import('./harness.mjs').Server} */
let server;
/** @type {Record<string, string>} */
const token = {};
const options = { data: folder, config: `packs: ${packs}\n` };
before(async () => {
  server = await startServer(options);
  for (const role of ['application', 'operator', 'supervisor']) token[role] = await server.token(role);
});
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

let number = 0;
/** @param {string} machine @param {Record<string, number>} values */
async function read(machine, values) {
  const body = { id: `R-${++number}`, machine, at: new Date().toISOString(), ...values };
  const sent = await ask(`${server.http}/api/v1/ingest/plant`, { token: token.application, body });
  assert.equal(sent.json.accepted, 1, sent.text);
}
/** Findings of a rule about a machine. @param {string} id @param {string} machine */
async function found(id, machine) {
  const all = (await ask(`${server.http}/api/v1/findings?rule=${id}`, { token: token.operator })).json.items;
  return all.filter((/** @type {any} */ finding) => finding.key === `urn:ngsi-ld:Machine:${machine}`);
}
const comes = (/** @type {string} */ id, /** @type {string} */ machine) => until(() => found(id, machine), (all) => all.length > 0, 5_000);
const reload = () => ask(`${server.http}/api/v1/rules/reload`, { method: 'POST', token: token.supervisor, body: {} });
const rules = async () => (await ask(`${server.http}/api/v1/rules`, { token: token.operator })).json;

test('without a change a reload changes nothing', async () => {
  await read('M-9', { heat: 25, noise: 1 });
  await read('M-1', { heat: 95, noise: 55 });
  await comes('heat', 'M-1');
  await comes('noise', 'M-1');
  const { version } = await rules();

  const answer = await reload();

  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json, { version, rules: 2, added: [], changed: [], removed: [], kept: [], complaints: [] });
});

test('a changed rule takes force, a broken one is reported and its old version goes on', async () => {
  const before = await rules();
  write('plant/rules/heat.yaml', rule('heat', 'heat|gte: 20'));
  write('plant/rules/noise.yaml', rule('noise', 'noise|loud: 10'));
  write('plant/rules/cold.yaml', rule('cold', 'heat|lt: 0'));

  const answer = await reload();

  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([answer.json.added, answer.json.changed, answer.json.removed, answer.json.kept], [['cold'], ['heat'], [], ['noise']]);
  assert.notEqual(answer.json.version, before.version);
  assert.equal((await rules()).version, answer.json.version);
  const [complaint] = answer.json.complaints;
  assert.match(complaint.file, /noise\.yaml$/);
  assert.equal(complaint.line, 5);
  assert.ok(complaint.column > 1 && complaint.message.includes('loud') && complaint.code.startsWith('rules.'), answer.text);
  await read('M-2', { heat: 25, noise: 55 });
  await read('M-3', { heat: -5, noise: 5 });
  await comes('heat', 'M-2');
  await comes('noise', 'M-2');
  await comes('cold', 'M-3');
  assert.equal((await found('noise', 'M-3')).length, 0);
});

test('it is an act on record, with who did it', async () => {
  const trail = (await ask(`${server.http}/api/v1/audit?limit=50`, { token: token.supervisor })).json.items;
  const act = trail.find((/** @type {any} */ one) => (one.action ?? one.act) === 'rules.reload');
  assert.ok(act, JSON.stringify(trail.slice(0, 3)));
  assert.match(JSON.stringify(act), /"changed":\["heat"\]/);
});

test('a new rule reads an attribute of the context nobody had asked for before', async () => {
  const machine = {
    id: 'urn:ngsi-ld:Machine:M-4',
    type: 'Machine',
    overhaul: { type: 'Property', value: 'due' },
  };
  assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities`, { token: token.application, body: machine })).status, 201);
  write('plant/rules/overhaul.yaml', rule('overhaul', 'entity.overhaul: due'));

  assert.deepEqual((await reload()).json.added, ['overhaul']);

  await read('M-4', { heat: 1, noise: 1 });
  await read('M-5', { heat: 1, noise: 1 });
  await comes('overhaul', 'M-4');
  assert.equal((await found('overhaul', 'M-5')).length, 0);
});

test('the command line says the same and ends with 1 while a rule does not load', async () => {
  const run = promisify(execFile)(path.resolve(process.env.BONGSU ?? 'build/bongsu'), ['rules', 'reload', '--data', server.data]);
  const failed = await run.then(() => null, (error) => error);
  assert.equal(failed?.code, 1, 'noise.yaml is still broken');
  assert.match(failed.stdout, /noise\.yaml:5:\d+: /);
  assert.match(failed.stdout, /^kept: noise$/m);
});

test('a removed rule is quiet, and its open alarm stays with the operator', async () => {
  const alarms = async () => (await ask(`${server.http}/api/v1/alarms`, { token: token.operator })).json.items.filter((/** @type {any} */ alarm) => alarm.rule === 'cold' || alarm.rule?.id === 'cold');
  const open = await until(alarms, (list) => list.length === 1);
  fs.rmSync(path.join(packs, 'plant/rules/cold.yaml'));

  assert.deepEqual((await reload()).json.removed, ['cold']);

  await read('M-6', { heat: -5, noise: 60 });
  await comes('noise', 'M-6');
  assert.equal((await found('cold', 'M-6')).length, 0);
  assert.deepEqual((await alarms()).map((/** @type {any} */ alarm) => alarm.id), open.map((/** @type {any} */ alarm) => alarm.id));
});

test('while rules are reloaded again and again, every event is judged once by a version of each', async () => {
  write('plant/rules/steady.yaml', rule('steady', 'heat|gte: 1000'));
  let reloading = true;
  const reloads = (async () => {
    let done = 0;
    for (; reloading; ++done) {
      write('plant/rules/restless.yaml', rule('restless', 'heat|gte: 1000') + `# ${done}\n`);
      assert.equal((await reload()).status, 200);
    }
    return done;
  })();
  await until(rules, (list) => list.items.some((/** @type {any} */ one) => one.id === 'restless'));
  const events = 400;
  for (let i = 0; i < events; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => read(`S-${i + k}`, { heat: 2000, noise: 1 })));
  reloading = false;
  assert.ok((await reloads) > 3);
  const all = async (/** @type {string} */ id) => (await ask(`${server.http}/api/v1/findings?rule=${id}&limit=1000`, { token: token.operator })).json.items.length;
  for (const id of ['steady', 'restless']) assert.equal(await until(() => all(id), (count) => count >= events, 5_000), events);
  fs.rmSync(path.join(packs, 'plant/rules/steady.yaml'));
  fs.rmSync(path.join(packs, 'plant/rules/restless.yaml'));
});

test('a kill and a restart run the rules that are on disk now', async () => {
  write('plant/rules/noise.yaml', rule('noise', 'noise|gte: 70'));
  const answer = await reload();
  assert.deepEqual([answer.json.changed, answer.json.kept, answer.json.complaints], [['noise'], [], []]);
  await server.kill();
  fs.appendFileSync(path.join(packs, 'plant/rules/overhaul.yaml'), '# changed while nobody ran\n');
  server = await startServer(options);

  assert.notEqual((await rules()).version, answer.json.version);
  assert.match(server.stderr(), /rules\.other_than_recorded/);
  await read('M-7', { heat: 30, noise: 60 });
  await read('M-8', { heat: 1, noise: 75 });
  await comes('heat', 'M-7');
  await comes('noise', 'M-8');
  assert.equal((await found('noise', 'M-7')).length, 0);
  assert.equal((await found('heat', 'M-9')).length, 0, 'what came before the rule was changed is not judged by it after a restart');
});

test('a hang-up signal reloads, too', async () => {
  write('plant/rules/late.yaml', rule('late', 'heat|gte: 500'));
  process.kill(server.pid, 'SIGHUP');
  await until(rules, (list) => list.items.some((/** @type {any} */ one) => one.id === 'late'), 5_000);
});
