// SPDX-License-Identifier: Apache-2.0
// @ts-check
// The permission matrix: docs/permissions.md is read as data, and every route is asked by every role and by nobody.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import test, { after, before } from 'node:test';
import { ask, startServer } from './harness.mjs';

const page = fs.readFileSync('docs/permissions.md', 'utf8');
const cells = (/** @type {string} */ line) => line.split('|').slice(1, -1).map((cell) => cell.trim());
const word = (/** @type {string} */ cell) => cell.replaceAll('`', '');

/** @type {Map<string, Set<string>>} permission -> roles that have it */
const granted = new Map();
/** @type {{ method: string, route: string, permission: string }[]} */
const routes = [];
/** @type {string[]} */
let roles = [];
for (const line of page.split('\n').filter((row) => row.startsWith('|') && !row.startsWith('|---'))) {
  const row = cells(line);
  if (row[0] === 'permission') roles = row.slice(2);
  else if (/^(GET|POST|PUT|PATCH|DELETE)$/.test(row[0])) routes.push({ method: row[0], route: word(row[1]), permission: word(row[2]) });
  else if (row.length === roles.length + 2) granted.set(word(row[0]), new Set(roles.filter((_, i) => row[i + 2] === 'yes')));
}

const address = (/** @type {string} */ route) =>
  route
    .replace('{set}/{z}/{x}/{y}', 'base/0/0/0')
    .replace('{id}', route.startsWith('/ngsi-ld') ? 'urn:ngsi-ld:Nothing:0' : '0'.repeat(26))
    .replace('{n}', '1')
    .replace('{source}', 'nothing');

/** Asks /live as a browser's socket would; gives the status and, unless it opened, the reason.
 * @param {string} base @param {string | undefined} token */
function openLive(base, token) {
  return new Promise((resolve, reject) => {
    const request = http.get(`${base}/live`, {
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
      resolve({ status: answer.statusCode, json: null });
    });
    request.once('response', (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, json: JSON.parse(text) }));
    });
    request.once('error', reject);
  });
}

/** @type {import('./harness.mjs').Server} */
let server;
/** @type {Map<string, string>} */
const tokens = new Map();
before(async () => {
  server = await startServer();
  for (const role of roles) tokens.set(role, await server.token(role));
});
after(async () => void (await server?.stop()));

const askAs = (/** @type {{ method: string, route: string }} */ { method, route }, /** @type {string | undefined} */ token) =>
  route === '/live'
    ? openLive(server.http, token)
    : ask(server.http + address(route), { method, token, body: method === 'GET' || method === 'DELETE' ? undefined : {} });

/** A route nobody has built yet has nothing to guard; it must say so. @param {{ status: number | undefined, json: any }} answer */
const isNotBuilt = (answer) => answer.status === 501 && answer.json?.reason === 'http.not_built';

test('the tables were read', () => {
  assert.deepEqual(roles, ['operator', 'supervisor', 'administrator', 'application']);
  assert.equal(granted.size, 15);
  assert.ok(routes.length > 50);
});

test('every route of the contract is in the table', () => {
  const listed = new Set(routes.map(({ method, route }) => `${method} ${route}`));
  let route = '';
  for (const line of fs.readFileSync('api/openapi.yaml', 'utf8').split('\n')) {
    const path = line.match(/^ {2}(\/\S+):$/);
    const method = line.match(/^ {4}(get|post|put|patch|delete):$/);
    if (path) route = path[1];
    if (method && route) assert.ok(listed.has(`${method[1].toUpperCase()} ${route}`), `${method[1].toUpperCase()} ${route} is not in docs/permissions.md`);
  }
});

test('nobody gets in where somebody is needed', async (t) => {
  for (const row of routes) {
    const answer = await askAs(row, undefined);
    if (isNotBuilt(answer)) t.diagnostic(`not built yet: ${row.method} ${row.route}`);
    else if (row.permission === 'none') assert.notEqual(answer.json?.reason, 'guard.not_signed_in', `${row.method} ${row.route}`);
    else assert.equal(answer.status, 401, `${row.method} ${row.route} answered ${answer.status} to nobody`);
  }
});

test('a token that was made up gets in nowhere', async () => {
  for (const row of routes.filter(({ permission }) => permission !== 'none')) {
    const answer = await askAs(row, 'bgs_made-up');
    if (!isNotBuilt(answer)) assert.equal(answer.status, 401, `${row.method} ${row.route}`);
  }
});

for (const role of ['operator', 'supervisor', 'administrator', 'application']) {
  test(`${role}: every route answers as the table says`, async () => {
    for (const row of routes) {
      const answer = await askAs(row, tokens.get(role));
      if (isNotBuilt(answer)) continue;
      const what = `${role} ${row.method} ${row.route} (${row.permission}): ${answer.status} ${JSON.stringify(answer.json)?.slice(0, 200)}`;
      const allowed = row.permission === 'none' || granted.get(row.permission)?.has(role);
      if (allowed) {
        assert.notEqual(answer.json?.reason, 'guard.not_allowed', what);
        assert.ok(answer.status !== 401 || row.route.startsWith('/link/') || row.route === '/api/v1/session', what);
      } else {
        assert.equal(answer.status, 403, what);
        assert.equal(answer.json?.reason, 'guard.not_allowed', what);
      }
    }
  });
}
