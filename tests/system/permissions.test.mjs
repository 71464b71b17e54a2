// SPDX-License-Identifier: Apache-2.0
// @ts-check
// The permission matrix: every operation of the contract, asked of a running server by nobody, by every role and by strangers.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { expected, freshPage, kPage, readContract, readRoles } from '../../tools/permissions.mjs';
import { ask, startServer, until } from './harness.mjs';

const contract = readContract();
const { roles, granted } = readRoles();
/** Other operations have addresses of their own; these are what is left below them. */
const operations = contract.filter(({ route }) => !route.endsWith('**'));
const name = (/** @type {{ method: string, route: string }} */ { method, route }) => `${method} ${route}`;

const kNoId = '0'.repeat(26);
/** The address of an operation. @param {string} route @param {Record<string, string>} [ids] */
const address = (route, ids = {}) =>
  route
    .replace('{set}/{z}/{x}/{y}', 'base/0/0/0')
    .replace('{id}', encodeURIComponent(ids.id ?? (route.startsWith('/ngsi-ld') ? 'urn:ngsi-ld:Nothing:0' : kNoId)))
    .replace('{name}', 'nothing')
    .replace('{instance}', 'urn:ngsi-ld:Nothing:1')
    .replace('{n}', '1')
    .replace('{source}', ids.source ?? 'nothing');

/** Asks /live as a browser's socket would; gives the status and, unless it opened, the reason.
 * @param {string} url @param {string | undefined} token @returns {Promise<{ status: number, json: any }>} */
function openLive(url, token) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...(token ? { 'sec-websocket-protocol': `bearer.${token}` } : {}),
      },
    });
    request.once('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, json: null });
    });
    request.once('response', (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, json: JSON.parse(text) }));
    });
    request.once('error', reject);
  });
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-permissions-'));
const pack = (/** @type {string} */ file, /** @type {string} */ text) => {
  fs.mkdirSync(path.dirname(path.join(folder, 'packs/plant', file)), { recursive: true });
  fs.writeFileSync(path.join(folder, 'packs/plant', file), text);
};
pack('pack.yaml', 'pack: plant\nversion: 1\ntitle: {ko: 공장, en: Plant}\n');
pack('sources.yaml', 'sources:\n  - {id: plant, kind: http, name: {ko: 공장, en: Plant}, mappings: [reading]}\n');
pack(
  'mappings/reading.yaml',
  `mapping: reading
match: {where: [{path: /machine, exists: true}]}
event:
  type: machine.reading
  id: "{/id}"
  logsource: {category: device, product: machine}
  entity: "urn:ngsi-ld:Machine:{/machine}"
  fields: {heat: {from: /heat, type: number}}
entity: {type: Machine, attributes: {heat: {from: /heat, type: number}}}
`,
);
pack(
  'rules/heat.yaml',
  `title: heat
id: heat
logsource: {category: device, product: machine}
detection:
  over: {type: machine.reading, heat|gte: 90}
  condition: over
level: high
bongsu: {service: facility}
`,
);

/** @type {import('./harness.mjs').Server} */
let server;
/** role -> token @type {Record<string, string>} */
const own = {};
/** role -> token of another tenant @type {Record<string, string>} */
const strange = {};
before(async () => {
  server = await startServer({ data: folder, config: `packs: ${path.join(folder, 'packs')}\n` });
  await server.admin('tenant', 'create', 'busan');
  for (const role of roles) {
    own[role] = await server.token(role);
    strange[role] = (await server.admin('token', 'create', '--role', role, '--tenant', 'busan')).token;
  }
});
after(async () => {
  await server?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** @param {{ method: string, route: string }} operation @param {string | undefined} token
 * @param {{ tenant?: string, ids?: Record<string, string> }} [more] @returns {Promise<{ status: number, json: any, text?: string }>} */
function askAs({ method, route }, token, { tenant, ids } = {}) {
  if (route === '/live') return openLive(`${server.http}/live${tenant ? `?tenant=${tenant}` : ''}`, token);
  return ask(server.http + address(route, ids), {
    method,
    token,
    headers: tenant ? { 'ngsild-tenant': tenant } : {},
    body: method === 'GET' || method === 'DELETE' ? undefined : {},
  });
}

/** What an answer amounts to. @param {{ status: number, json: any }} answer */
function classOf({ status, json }) {
  if (status === 401 && /^guard\./.test(json?.reason)) return '401';
  if (status === 403 && json?.reason === 'guard.not_allowed') return '403';
  if (status === 404 && json?.reason === 'guard.no_tenant') return '404';
  return 'yes';
}

/** @param {(operation: { method: string, route: string }) => ReturnType<typeof askAs>} asking @param {string} who */
async function hold(asking, who) {
  const wrong = [];
  for (const one of operations) {
    const answer = await asking(one);
    const got = classOf(answer);
    if (got !== expected(one, who, granted)) wrong.push(`${name(one)} is ${expected(one, who, granted)} (${one.where}), answered ${answer.status} ${answer.json?.reason}`);
  }
  assert.deepEqual(wrong, []);
}

test('the contract is read, every permission in it has roles', () => {
  assert.deepEqual(roles, ['operator', 'supervisor', 'administrator', 'application', 'privacy']);
  assert.ok(operations.length > 75, `${operations.length} operations`);
  for (const one of contract) assert.ok(granted.has(one.permission), `${one.where}: there is no permission ${one.permission}`);
  assert.equal(new Set(contract.map(name)).size, contract.length, 'no operation is there twice');
});

test('docs/permissions.md shows the contract of today', () => {
  assert.equal(fs.readFileSync(kPage, 'utf8'), freshPage(), 'run: node tools/permissions.mjs');
});

test('the server has exactly the operations of the contract, each with the permission it declares', async () => {
  const listed = (await server.admin('routes', 'list')).items;

  const serves = new Map(listed.map((/** @type {any} */ one) => [name(one), one.permission]));
  const declares = new Map(contract.map((one) => [name(one), one.permission]));
  assert.deepEqual([...serves.keys()].filter((one) => !declares.has(one)), [], 'served, but not in api/*.yaml');
  assert.deepEqual([...declares.keys()].filter((one) => !serves.has(one)), [], 'in api/*.yaml, but not served');
  for (const [one, permission] of declares) assert.equal(serves.get(one), permission, one);
});

test('nobody gets in where somebody is needed', () => hold((one) => askAs(one, undefined), 'nobody'));

test('a token that was made up is nobody', () => hold((one) => askAs(one, 'bgs_made-up'), 'nobody'));

for (const role of roles) {
  test(`${role}: every operation answers as the contract says`, () => hold((one) => askAs(one, own[role]), role));
  test(`${role} of another tenant finds no tenant here, and ours none there`, async () => {
    await hold((one) => askAs(one, strange[role], { tenant: 'default' }), 'stranger');
    await hold((one) => askAs(one, own[role], { tenant: 'busan' }), 'stranger');
  });
  test(`${role} of another tenant has at home what the role has here`, () => hold((one) => askAs(one, strange[role]), role));
}

/** What this tenant has, by the noun of the address that shows it. @returns {Promise<Record<string, string>>} */
async function fillTheHouse() {
  const send = (/** @type {unknown} */ body) => ask(`${server.http}/api/v1/ingest/plant`, { token: own.application, body });
  assert.equal((await send({ id: 'R-1', machine: 'SECRET-1', heat: 95 })).json.accepted, 1);
  assert.equal((await send({ unknown: 'SECRET-2' })).json.quarantined, 1);
  const made = await ask(`${server.http}/ngsi-ld/v1/entities`, {
    token: own.application,
    body: { id: 'urn:ngsi-ld:Machine:SECRET-3', type: 'SecretKind', secretName: { type: 'Property', value: 1 } },
  });
  assert.equal(made.status, 201, made.text);
  const subscription = await ask(`${server.http}/ngsi-ld/v1/subscriptions`, {
    token: own.application,
    body: {
      id: 'urn:ngsi-ld:Subscription:SECRET-6',
      type: 'Subscription',
      isActive: false,
      entities: [{ type: 'SecretKind' }],
      notification: { endpoint: { uri: 'http://127.0.0.1:9/' } },
    },
  });
  assert.equal(subscription.status, 201, subscription.text);
  const context = await ask(`${server.http}/ngsi-ld/v1/jsonldContexts`, {
    token: own.application,
    body: { '@context': { secretTerm: 'https://example.org/SECRET-7' } },
  });
  assert.equal(context.status, 201, context.text);
  const list = async (/** @type {string} */ path, /** @type {string} */ role) => (await ask(`${server.http}${path}`, { token: own[role] })).json.items;
  const [alarm] = await until(() => list('/api/v1/alarms', 'operator'), (all) => all?.length > 0);
  const incident = await ask(`${server.http}/api/v1/incidents`, { token: own.operator, body: { title: { ko: 'SECRET-4', en: 'SECRET-4' }, severity: 2 } });
  assert.equal(incident.status, 201, incident.text);
  const user = await ask(`${server.http}/api/v1/users`, { token: own.administrator, body: { name: 'secret-5', role: 'operator' } });
  assert.equal(user.status, 201, user.text);
  const [held] = await list('/api/v1/quarantine', 'operator');
  const [token] = await list('/api/v1/tokens', 'administrator');
  return {
    alarms: alarm.id,
    incidents: incident.json.id,
    users: user.json.user.id,
    quarantine: held.id,
    tokens: token.id,
    entities: 'urn:ngsi-ld:Machine:SECRET-3',
    assets: 'urn:ngsi-ld:Machine:SECRET-3',
    types: 'SecretKind',
    attributes: 'secretName',
    subscriptions: 'urn:ngsi-ld:Subscription:SECRET-6',
    jsonldContexts: (context.headers.get('location') ?? '').split('/').at(-1) ?? '',
    connectors: 'plant',
    notices: kNoId,
    rules: kNoId,
  };
}

test('what one tenant has is to another what never was, in every operation', async () => {
  const ids = await fillTheHouse();
  const marks = ['SECRET-', 'SecretKind', 'secretName', 'secret-5', ...['alarms', 'incidents', 'users', 'quarantine', 'tokens'].map((noun) => ids[noun])];
  const seen = new Set();

  for (const one of operations.filter(({ scope }) => scope === 'tenant')) {
    const noun = one.route.split('/').filter((part) => !part.startsWith('{')).findLast((part) => part in ids) ?? '';
    const has = { id: ids[noun], source: 'plant' };
    for (const role of roles) {
      const answer = await askAs(one, strange[role], { ids: one.route.includes('{') ? has : {} });
      const shown = answer.text ?? '';
      // An answer may repeat the address that was asked; nothing else of the house may be in it.
      const rest = Object.values(has).reduce((text, id) => (id ? text.replaceAll(id, '').replaceAll(encodeURIComponent(id), '') : text), shown);
      for (const mark of marks) assert.ok(!rest.includes(mark), `${name(one)} showed ${mark} to ${role} of busan: ${shown.slice(0, 500)}`);
      if (!one.route.includes('{')) continue;
      const never = await askAs(one, strange[role], { ids: { id: noun === 'types' || noun === 'attributes' ? 'Nothing' : ['entities', 'assets', 'subscriptions'].includes(noun) ? 'urn:ngsi-ld:Nothing:0' : kNoId, source: 'nothing' } });
      assert.deepEqual([answer.status, answer.json?.reason], [never.status, never.json?.reason], `${name(one)} as ${role} of busan`);
      if (answer.status === 404) seen.add(name(one));
    }
  }

  assert.ok(seen.size > 15, [...seen].join('\n'));
  // And the ids are good ones: their own tenant sees them.
  const at = (/** @type {string} */ path) => ask(server.http + path, { token: own.administrator });
  for (const noun of ['alarms', 'incidents', 'quarantine', 'assets']) assert.equal((await at(`/api/v1/${noun}/${ids[noun]}`)).status, 200, noun);
  assert.equal((await at(`/ngsi-ld/v1/entities/${ids.entities}`)).status, 200);
});
