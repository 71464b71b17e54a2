// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Personal attributes of entities that an application writes itself: sealed before they are kept, found only by who may see them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask, startServer } from './harness.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-personal-'));
const pack = path.join(folder, 'packs/people');
fs.mkdirSync(pack, { recursive: true });
fs.writeFileSync(path.join(pack, 'pack.yaml'), 'pack: people\nversion: 1\ntitle: {ko: 사람, en: People}\n');
fs.mkdirSync(path.join(pack, 'mappings'));
fs.writeFileSync(path.join(pack, 'sources.yaml'), 'sources:\n  - {id: guests, kind: http, name: {ko: 방문, en: Guests}, mappings: [guest]}\n');
fs.writeFileSync(
  path.join(pack, 'mappings/guest.yaml'),
  `mapping: guest
match: {where: [{path: /guest, exists: true}]}
event: {type: guest.seen, id: "{/id}"}
entity:
  id: "urn:ngsi-ld:Guest:{/guest}"
  type: Guest
  attributes:
    telephone: /phone
    floor: {from: /floor, type: number, required: true}
`,
);
fs.writeFileSync(
  path.join(pack, 'personal.yaml'),
  `attributes:
  - {attribute: telephone, class: contact}
  - {attribute: homeAddress, class: contact, of: [Person]}
  - {attribute: note, class: case, belongs_to: {case: caseNumber}}
`,
);

const kPhone = '010-4711-0815';
const kOfGuest = '010-5555-6666';
const kOfHeld = '010-6666-7777';
const kStreet = '하늘로 17';
const kNote = 'limps on the left';

/** @type {import('./harness.mjs').Server} */
let server;
/** @type {Record<string, string>} */
const token = {};
before(async () => {
  server = await startServer({ data: folder, config: `packs: ${path.join(folder, 'packs')}\nquery_indexes: [telephone]\n` });
  for (const role of ['application', 'operator', 'administrator', 'supervisor', 'privacy']) token[role] = await server.token(role);
});
after(async () => {
  await server?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const as = (/** @type {string} */ role, /** @type {string} */ address, /** @type {any} */ more = {}) => ask(server.http + address, { token: token[role], ...more });
const entity = (/** @type {string} */ role, /** @type {string} */ name) => as(role, `/ngsi-ld/v1/entities/urn:ngsi-ld:Person:${name}?options=keyValues`);
const find = (/** @type {string} */ role, /** @type {string} */ q) => as(role, `/ngsi-ld/v1/entities?type=Person&options=keyValues&q=${encodeURIComponent(q)}`);
const person = (/** @type {string} */ name, /** @type {string} */ telephone) => ({
  id: `urn:ngsi-ld:Person:${name}`,
  type: 'Person',
  telephone: { type: 'Property', value: telephone },
  homeAddress: { type: 'Property', value: { street: kStreet, floor: 3 } },
  caseNumber: { type: 'Property', value: `CASE-${name}` },
  note: { type: 'Property', value: kNote },
  colour: { type: 'Property', value: 'red' },
});

test('what is declared personal is sealed, by whatever operation it is written', async () => {
  assert.equal((await as('application', '/ngsi-ld/v1/entities', { body: person('1', kPhone) })).status, 201);
  const batch = await as('application', '/ngsi-ld/v1/entityOperations/upsert', { body: [person('2', '010-1'), person('3', '010-2')] });
  assert.equal(batch.status, 201, batch.text);
  const patched = await as('application', '/ngsi-ld/v1/entities/urn:ngsi-ld:Person:2/attrs/telephone', { method: 'PATCH', body: { type: 'Property', value: '010-2222-3333' } });
  assert.equal(patched.status, 204, patched.text);
  const history = await as('application', '/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Person:3/attrs', {
    body: { telephone: [{ type: 'Property', value: '010-7777-8888', observedAt: '2026-01-01T00:00:00Z' }] },
  });
  assert.equal(history.status, 204, history.text);
  const sent = await as('application', '/api/v1/ingest/guests', { body: { id: 'G-1', guest: '1', phone: kOfGuest, floor: 2 } });
  assert.equal(sent.json.accepted, 1, sent.text);
  const held = await as('application', '/api/v1/ingest/guests', { body: { id: 'G-2', guest: '2', phone: kOfHeld, floor: 'none' } });
  assert.equal(held.json.quarantined, 1, held.text);
  await server.restart();

  const secret = [kOfGuest, kOfHeld, kPhone, kStreet, kNote, '010-2222-3333', '010-7777-8888'];
  /** @type {string[]} */
  const found = [];
  for (const name of /** @type {string[]} */ (fs.readdirSync(server.data, { recursive: true }))) {
    const file = path.join(server.data, name);
    if (fs.statSync(file).isFile() && secret.some((text) => fs.readFileSync(file).includes(text))) found.push(name);
  }
  assert.deepEqual(found, []);
  for (const text of secret) assert.ok(!server.stderr().includes(text), 'it is in no log');
});

test('who may see it reads it as it was written; the others read masks, and so does every list', async () => {
  const seen = (await entity('operator', '1')).json;
  assert.equal(seen.telephone, kPhone);
  assert.deepEqual(seen.homeAddress, { street: kStreet, floor: '3' }, 'a number comes back as a text');
  assert.equal(seen.note, kNote);
  assert.equal(seen.colour, 'red');
  assert.equal((await entity('operator', '2')).json.telephone, '010-2222-3333');
  assert.equal((await as('operator', '/ngsi-ld/v1/entities/urn:ngsi-ld:Guest:1?options=keyValues')).json.telephone, kOfGuest);
  const past = await as('operator', '/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Person:3?attrs=telephone');
  assert.match(past.text, /010-7777-8888/);

  const masked = (await entity('administrator', '1')).json;
  assert.deepEqual([masked.telephone, masked.homeAddress.street, masked.note], ['[sealed contact]', '[sealed contact]', '[sealed case]']);
  const list = (await as('operator', '/ngsi-ld/v1/entities?type=Person&options=keyValues')).json;
  assert.deepEqual(list.map((/** @type {any} */ one) => one.telephone), Array(3).fill('[sealed contact]'));
});

test('a mask that is written back is refused, and the value stays', async () => {
  const back = await as('application', '/ngsi-ld/v1/entities/urn:ngsi-ld:Person:1', { method: 'PATCH', body: { telephone: '[sealed contact]' } });

  assert.equal(back.status, 400, back.text);
  assert.match(back.json.detail, /leave the attribute out/);
  assert.equal((await entity('operator', '1')).json.telephone, kPhone);
});

test('q finds the whole value, for who may see it, and the search is on record without the value', async () => {
  const found = await find('operator', `telephone=="01047110815"`); // written without dashes
  assert.deepEqual(found.json.map((/** @type {any} */ one) => one.id), ['urn:ngsi-ld:Person:1'], found.text);
  assert.equal(found.json[0].telephone, '[sealed contact]', 'a list stays masked');
  const planned = await as('operator', `/ngsi-ld/v1/entities?q=${encodeURIComponent(`telephone=="${kPhone}"`)}`, { headers: { 'bongsu-debug': 'query' } });
  assert.match(planned.headers.get('bongsu-query-plan') ?? '', /index="value\(.*telephone/);
  assert.deepEqual(planned.json.map((/** @type {any} */ one) => one.id), ['urn:ngsi-ld:Person:1'], 'the index finds what a look at all finds');
  const others = await find('operator', `telephone!="${kPhone}"`);
  assert.equal(others.json.length, 2);
  assert.equal((await find('operator', `homeAddress[street]=="${kStreet}"`)).json.length, 3);
  const body = await as('operator', '/ngsi-ld/v1/entityOperations/query', { body: { type: 'Query', entities: [{ type: 'Person' }], q: `telephone=="${kPhone}"` } });
  assert.equal(body.json.length, 1, body.text);
  assert.equal((await find('operator', 'telephone')).json.length, 3, 'that there is one is no secret');

  const { items } = (await as('supervisor', '/api/v1/audit?limit=100')).json;
  const searches = items.filter((/** @type {any} */ one) => one.act === 'personal.search');
  assert.ok(searches.length >= 5, JSON.stringify(items.map((/** @type {any} */ one) => one.act)));
  // Whole values, and of the number its digits as they are compared: a piece of it can come by chance in a hash.
  for (const text of [kPhone, '01047110815', kStreet]) assert.ok(!JSON.stringify(items).includes(text), JSON.stringify(searches));
});

test('whoever may not see it cannot try out guesses, and nobody can look into it', async () => {
  const guess = await find('administrator', `telephone=="${kPhone}"`);
  assert.equal(guess.status, 403, guess.text);
  assert.match(guess.json.detail, /read_personal/);
  assert.equal((await find('administrator', `homeAddress[street]=="${kStreet}"`)).json.length, 0, 'personal of some types: it matches what is not sealed');
  for (const q of ['telephone~="010.*"', 'telephone>"010"', 'telephone=="010".."011"']) {
    const refused = await find('operator', q);
    assert.equal(refused.status, 400, q);
    assert.match(refused.json.detail, /== or !=/);
  }
  const kept = await as('application', '/ngsi-ld/v1/subscriptions', {
    body: { type: 'Subscription', entities: [{ type: 'Person' }], q: `telephone=="${kPhone}"`, notification: { endpoint: { uri: 'http://127.0.0.1:9/x' } } },
  });
  assert.equal(kept.status, 400, kept.text);
  assert.match(kept.json.detail, /ask with a query/);
});

test('an erased case is gone from the entity and from its history', async () => {
  const done = await as('privacy', '/api/v1/erasures', { body: { case: 'CASE-1', reason: 'asked by the person' } });
  assert.equal(done.status, 201, done.text);

  assert.equal((await entity('operator', '1')).json.note, '[erased case]');
  assert.equal((await entity('operator', '2')).json.note, kNote);
  assert.ok(!(await as('operator', '/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Person:1?attrs=note')).text.includes(kNote));
  for (const text of [kPhone, '01047110815']) assert.ok(!server.stderr().includes(text), 'what was looked for is in no log');
});
