// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Subscriptions against real receivers: every change is told at least once, in the order of its entity, under one id; also over kills. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { ask, startServer, until } from './harness.mjs';

/** @typedef {{ url: string, got: any[], headers: http.IncomingHttpHeaders[], behave: { status: number, hold_ms: number }, close: () => Promise<void> }} Receiver */

/** An endpoint that keeps what it is told. @param {import('node:test').TestContext} t @returns {Promise<Receiver>} */
async function receiver(t) {
  /** @type {Receiver} */
  const made = { url: '', got: [], headers: [], behave: { status: 200, hold_ms: 0 }, close: async () => {} };
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const { status, hold_ms } = made.behave;
      if (status < 300) {
        made.got.push(JSON.parse(text));
        made.headers.push(request.headers);
      }
      setTimeout(() => response.writeHead(status).end(), hold_ms);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  made.url = `http://127.0.0.1:${port}/notify`;
  made.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  t.after(made.close);
  return made;
}

/** @param {import('node:test').TestContext} t @param {Parameters<typeof startServer>[0]} [options] */
async function openServer(t, options = {}) {
  const server = await startServer({ args: ['--open'], keep: true, ...options });
  t.after(async () => {
    await server.kill();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  });
  return server;
}

const subscription = (/** @type {string} */ url, /** @type {any} */ more = {}, /** @type {any} */ notification = {}, /** @type {any} */ endpoint = {}) => ({
  type: 'Subscription',
  entities: [{ type: 'Gauge' }],
  notification: { ...notification, endpoint: { uri: url, accept: 'application/json', ...endpoint } },
  ...more,
});

/** @param {string} base @param {any} body */
async function subscribe(base, body) {
  const answer = await ask(`${base}/ngsi-ld/v1/subscriptions`, { body });
  assert.equal(answer.status, 201, answer.text);
  return /** @type {string} */ (answer.headers.get('location'));
}

const gauge = (/** @type {number} */ id, /** @type {number} */ level) => ({ id: `urn:ngsi-ld:Gauge:${id}`, type: 'Gauge', level: { type: 'Property', value: level } });

/** @param {string} base @param {any[]} entities */
async function upsert(base, entities) {
  const answer = await ask(`${base}/ngsi-ld/v1/entityOperations/upsert/?options=update`, { body: entities });
  assert.ok([201, 204].includes(answer.status), answer.text);
}

test('a subscription is told what it asked for, as it asked for it', async (t) => {
  const server = await openServer(t);
  const there = await receiver(t);
  const location = await subscribe(server.http, subscription(there.url, { watchedAttributes: ['level'], q: 'level>5' }, { showChanges: true }, { receiverInfo: [{ key: 'X-Room', value: 'seven' }] }));

  await upsert(server.http, [{ ...gauge(1, 3), name: { type: 'Property', value: 'a' } }]);
  await upsert(server.http, [gauge(1, 7)]);
  await ask(`${server.http}/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:1/attrs`, { method: 'PATCH', body: { name: { type: 'Property', value: 'b' } } });
  await upsert(server.http, [gauge(1, 8)]);
  await until(async () => there.got.length, (count) => count === 2);

  assert.deepEqual(there.got.map((told) => told.data[0].level), [
    { type: 'Property', value: 7, previousValue: 3 },
    { type: 'Property', value: 8, previousValue: 7 },
  ]);
  assert.equal(there.got[0].type, 'Notification');
  assert.match(there.got[0].id, /^urn:ngsi-ld:Notification:/);
  assert.equal(there.headers[0]['x-room'], 'seven');
  assert.match(String(there.headers[0].link), /ngsi-ld-core-context.*rel="http:\/\/www\.w3\.org\/ns\/json-ld#context"/);
  const shown = (await until(() => ask(server.http + location), (answer) => answer.json.notification.timesSent === 2)).json;
  assert.equal(shown.status, 'active');
  assert.equal(shown.notification.status, 'ok');
  assert.deepEqual(shown.watchedAttributes, ['level']);

  assert.equal((await ask(server.http + location, { method: 'PATCH', body: { isActive: false } })).status, 204);
  assert.equal((await ask(server.http + location)).json.status, 'paused');
  await upsert(server.http, [gauge(1, 9)]);
  assert.equal((await ask(server.http + location, { method: 'PATCH', body: { isActive: true } })).status, 204);
  await upsert(server.http, [gauge(1, 10)]);
  await until(async () => there.got.length, (count) => count === 3);
  assert.equal(there.got[2].data[0].level.value, 10);

  assert.equal((await ask(server.http + location, { method: 'DELETE' })).status, 204);
  assert.equal((await ask(server.http + location)).status, 404);
});

test('deletions, intervals and the other triggers are told', async (t) => {
  const server = await openServer(t);
  const gone = await receiver(t);
  const timed = await receiver(t);
  await subscribe(server.http, subscription(gone.url, { notificationTrigger: ['entityDeleted', 'attributeDeleted'] }));
  await subscribe(server.http, subscription(timed.url, { timeInterval: 0.2 }, { format: 'keyValues' }));
  await upsert(server.http, [{ ...gauge(1, 1), name: { type: 'Property', value: 'a' } }, gauge(2, 2)]);

  await ask(`${server.http}/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:1/attrs/name`, { method: 'DELETE' });
  await ask(`${server.http}/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:1`, { method: 'DELETE' });
  await until(async () => gone.got.length, (count) => count === 2);
  await until(async () => timed.got.length, (count) => count >= 2);

  assert.deepEqual(gone.got[0].data[0].name, { type: 'Property', value: 'urn:ngsi-ld:null' });
  assert.ok(gone.got[1].data[0].deletedAt);
  assert.deepEqual(timed.got.at(-1).data.find((/** @type {any} */ entity) => entity.id.endsWith(':2')), { id: 'urn:ngsi-ld:Gauge:2', type: 'Gauge', level: 2 });
});

test('a dead endpoint delays no other, and is told everything once it lives', async (t) => {
  const server = await openServer(t);
  const alive = await receiver(t);
  const dead = await receiver(t);
  dead.behave.status = 503;
  await subscribe(server.http, subscription(dead.url, {}, {}, { cooldown: 200 }));
  await subscribe(server.http, subscription(alive.url));

  const total = 1500; // more than a lane keeps in memory
  for (let level = 1; level <= total / 50; ++level) await upsert(server.http, Array.from({ length: 50 }, (_, i) => gauge(i, level)));
  await until(async () => alive.got.length, (count) => count === total, 30_000);
  assert.equal(dead.got.length, 0);
  const queues = (await ask(`${server.http}/api/v1/subscription-queues`)).json.items;
  assert.equal(queues.length, 2);
  assert.equal(queues.filter((/** @type {any} */ queue) => queue.waiting > 0 && queue.behind > 0).length, 1, JSON.stringify(queues));
  for (const limit of ['0', '1001', 'x', '1x']) {
    const refused = await ask(`${server.http}/api/v1/subscription-queues?limit=${limit}`);
    assert.deepEqual([refused.status, refused.json.reason], [400, 'http.bad_query'], limit);
  }
  const first = (await ask(`${server.http}/api/v1/subscription-queues?limit=1`)).json;
  const pages = await Promise.all(Array.from({ length: 40 }, () => ask(`${server.http}/api/v1/subscription-queues?limit=1&cursor=${encodeURIComponent(first.next)}`)));
  for (const rest of pages) {
    assert.deepEqual([...first.items, ...rest.json.items].map((queue) => queue.id), queues.map((/** @type {any} */ queue) => queue.id));
  }
  dead.behave.status = 200;
  await until(async () => new Set(dead.got.map((told) => told.id)).size, (count) => count === total, 60_000);

  inOrder(dead.got);
  const metrics = (await ask(`${server.http}/metrics`)).text;
  assert.match(metrics, /bongsu_subscriptions_read_again_total [1-9]/);
});

test('past the bound a subscription says that it missed something', async (t) => {
  const server = await openServer(t, { config: 'subscription_records: 400\n' });
  const dead = await receiver(t);
  dead.behave.status = 503;
  const location = await subscribe(server.http, subscription(dead.url, {}, {}, { cooldown: 200 }));
  for (let level = 1; level <= 30; ++level) await upsert(server.http, Array.from({ length: 50 }, (_, i) => gauge(i, level)));
  await until(async () => (await ask(server.http + location)).json, (shown) => shown.notification.status === 'gap');
  const id = /** @type {string} */ (location.split('/').at(-1));
  const alarms = async () => (await ask(`${server.http}/api/v1/alarms`)).json.items;
  const [rang] = await until(alarms, (items) => items.length > 0);
  assert.deepEqual([rang.rule, rang.key, rang.severity, rang.state], ['platform-subscription-gap', decodeURIComponent(id), 2, 'unacked']);
  assert.deepEqual(rang.title, { ko: `구독 알림 누락 · ${rang.key}`, en: `Notifications missed · ${rang.key}` });
  const listed = (await ask(`${server.http}/api/v1/subscription-queues?state=gap`)).json;
  assert.deepEqual([listed.total, listed.items[0].id, listed.items[0].error], [1, rang.key, 'answered 503']);

  dead.behave.status = 200;
  await until(async () => dead.got.length, (count) => count > 0);

  assert.ok(dead.got[0].gap.from < dead.got[0].gap.to, JSON.stringify(dead.got[0].gap));
  await until(async () => (await ask(server.http + location)).json, (shown) => shown.notification.status === 'ok');
  await until(async () => (await ask(`${server.http}/api/v1/alarms/${rang.id}`)).json, (shown) => shown.alarm.state === 'returned');
});

const linkedGauge = (/** @type {number} */ id, /** @type {number} */ level, /** @type {number} */ site) => ({
  ...gauge(id, level),
  partOf: { type: 'Relationship', object: `urn:ngsi-ld:Site:${site}` },
});
const site = (/** @type {number} */ id, /** @type {string} */ state) => ({ id: `urn:ngsi-ld:Site:${id}`, type: 'Site', state: { type: 'Property', value: state } });

test('what an entity links to is told with it and decides, whatever shard has it', async (t) => {
  const server = await openServer(t);
  const [inside, behind, chosen, timed] = [await receiver(t), await receiver(t), await receiver(t), await receiver(t)];
  const open = { q: 'partOf{Site:state}=="open"' };
  const made = await subscribe(server.http, subscription(inside.url, {}, { format: 'keyValues', join: 'inline' }));
  await subscribe(server.http, subscription(behind.url, {}, { format: 'keyValues', join: 'flat', joinLevel: 2 }));
  await subscribe(server.http, subscription(chosen.url, open));
  await subscribe(server.http, subscription(timed.url, { ...open, timeInterval: 0.3 }, { format: 'keyValues', join: 'inline' }));
  assert.equal((await ask(server.http + made)).json.notification.join, 'inline');

  const count = 40;
  await upsert(server.http, Array.from({ length: count }, (_, i) => site(i, i % 2 === 0 ? 'open' : 'shut')));
  await upsert(server.http, Array.from({ length: count }, (_, i) => linkedGauge(i, 1, i)));

  await until(async () => inside.got.length + behind.got.length, (told) => told === 2 * count);
  for (const told of inside.got) {
    const [entity] = told.data;
    const number = Number(entity.id.split(':').at(-1));
    assert.deepEqual(entity.partOf, { id: `urn:ngsi-ld:Site:${number}`, type: 'Site', state: number % 2 === 0 ? 'open' : 'shut' });
  }
  for (const told of behind.got) assert.deepEqual(told.data.map((/** @type {any} */ one) => one.type), ['Gauge', 'Site']);
  await until(async () => chosen.got.length, (told) => told === count / 2);
  assert.ok(chosen.got.every((told) => Number(told.data[0].id.split(':').at(-1)) % 2 === 0), JSON.stringify(chosen.got));
  await until(async () => timed.got.length, (told) => told > 0);
  assert.deepEqual(new Set(timed.got[0].data.map((/** @type {any} */ one) => one.partOf.state)), new Set(['open']));
});

test('linked entities are told as they were when it is said later', { timeout: 120_000 }, async (t) => {
  const server = await openServer(t);
  const [plain, chosen] = [await receiver(t), await receiver(t)];
  for (const dead of [plain, chosen]) dead.behave.status = 503;
  await subscribe(server.http, subscription(plain.url, {}, { format: 'keyValues', join: 'inline' }, { cooldown: 200 }));
  await subscribe(server.http, subscription(chosen.url, { q: 'partOf{state}=="open"' }, { format: 'keyValues' }, { cooldown: 200 }));
  const count = 30;
  for (let round = 1; round <= 12; ++round) { // 360 changes: more than a lane keeps in memory
    const state = round % 2 === 0 ? 'open' : `shut ${round}`;
    await upsert(server.http, Array.from({ length: count }, (_, i) => site(i, state)));
    await upsert(server.http, Array.from({ length: count }, (_, i) => linkedGauge(i, round, i)));
  }
  await upsert(server.http, Array.from({ length: count }, (_, i) => site(i, 'gone')));
  await server.kill();
  await server.restart();
  for (const dead of [plain, chosen]) dead.behave.status = 200;

  await until(async () => new Set(plain.got.map((told) => told.id)).size, (told) => told === 12 * count, 60_000);
  for (const told of plain.got) {
    const [{ level, partOf }] = told.data;
    assert.equal(partOf.state, level % 2 === 0 ? 'open' : `shut ${level}`);
  }
  await until(async () => new Set(chosen.got.map((told) => told.id)).size, (told) => told === 6 * count, 60_000);
  assert.ok(chosen.got.every((told) => told.data[0].level % 2 === 0));
});

/** Each entity's levels never fall, as they were written. @param {any[]} got */
function inOrder(got) {
  const last = new Map();
  const seen = new Set();
  for (const told of got) {
    const repeat = seen.has(told.id);
    seen.add(told.id);
    for (const entity of told.data) {
      const level = entity.level.value;
      if (!repeat) assert.ok(level > (last.get(entity.id) ?? 0), `${entity.id}: ${level} after ${last.get(entity.id)}`);
      last.set(entity.id, Math.max(level, last.get(entity.id) ?? 0));
    }
  }
}

test('over kills every change is told at least once, in order, under one id', { timeout: 180_000 }, async (t) => {
  const server = await openServer(t);
  const there = await receiver(t);
  there.behave.hold_ms = 2; // so that something is always under way
  const location = await subscribe(server.http, subscription(there.url));
  const written = [];
  for (let round = 1; round <= 4; ++round) {
    for (let step = 1; step <= 8; ++step) {
      const level = round * 100 + step;
      await upsert(server.http, Array.from({ length: 25 }, (_, i) => gauge(i, level)));
      written.push(level);
    }
    await until(async () => there.got.length, (count) => count > (round - 1) * 100);
    await server.kill();
    await server.restart();
  }

  const ids = new Map();
  const told = () => {
    const pairs = new Set();
    for (const one of there.got) pairs.add(`${one.data[0].id} ${one.data[0].level.value}`);
    return pairs.size;
  };
  await until(async () => told(), (count) => count === written.length * 25, 60_000);
  inOrder(there.got);
  for (const one of there.got) {
    const what = `${one.data[0].id} ${one.data[0].level.value}`;
    assert.equal(ids.get(what) ?? one.id, one.id, 'the id of a repeat is the same');
    ids.set(what, one.id);
  }
  const shown = (await ask(server.http + location)).json;
  assert.ok(shown.notification.timesSent > 0, JSON.stringify(shown));
});

const broker = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find((file) => fs.existsSync(file));
const missing = !broker || !fs.existsSync('/usr/bin/mosquitto_sub') ? 'mosquitto and mosquitto-clients are not installed' : false;

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

test('mosquitto gets notifications in both versions, every quality of service, with user and password', { skip: missing, timeout: 60_000 }, async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-notify-'));
  const port = await freePort();
  fs.writeFileSync(path.join(folder, 'passwords'), '');
  await new Promise((resolve) => spawn('mosquitto_passwd', ['-b', path.join(folder, 'passwords'), 'city', 's3cret']).once('exit', resolve));
  fs.chmodSync(path.join(folder, 'passwords'), 0o644);
  fs.chmodSync(folder, 0o755);
  fs.writeFileSync(path.join(folder, 'm.conf'), `listener ${port} 127.0.0.1\nallow_anonymous false\npassword_file ${path.join(folder, 'passwords')}\npersistence false\n`);
  const mosquitto = spawn(/** @type {string} */ (broker), ['-v', '-c', path.join(folder, 'm.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  mosquitto.stderr.on('data', (chunk) => (log += chunk));
  const answers = () =>
    new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  await until(answers, (yes) => yes === true);
  const listener = spawn('mosquitto_sub', ['-h', '127.0.0.1', '-p', String(port), '-u', 'city', '-P', 's3cret', '-q', '2', '-t', 'told/#', '-F', '%t %q %p'], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => {
    listener.kill('SIGKILL');
    mosquitto.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  let heard = '';
  listener.stdout.on('data', (chunk) => (heard += chunk));
  const server = await openServer(t);
  await until(async () => log, (text) => text.includes('SUBACK'));
  const cases = ['mqtt5.0', 'mqtt3.1.1'].flatMap((version) => [0, 1, 2].map((qos) => ({ version, qos })));
  for (const { version, qos } of cases) {
    await subscribe(server.http, subscription(`mqtt://city:s3cret@127.0.0.1:${port}/told/${version}/${qos}`, {}, {}, { notifierInfo: [{ key: 'MQTT-Version', value: version }, { key: 'MQTT-QoS', value: String(qos) }] }));
  }
  const refused = await subscribe(server.http, subscription(`mqtt://city:wrong@127.0.0.1:${port}/told/never`));

  await upsert(server.http, [gauge(1, 1)]);
  await upsert(server.http, [gauge(1, 2)]);

  const told = () => heard.split('\n').filter((line) => line.startsWith('told/'));
  await until(async () => told().length, (count) => count === cases.length * 2, 20_000);
  for (const { version, qos } of cases) {
    const mine = told().filter((line) => line.startsWith(`told/${version}/${qos} ${qos} `)).map((line) => JSON.parse(line.slice(line.indexOf('{'))));
    assert.deepEqual(mine.map((message) => message.body.data[0].level.value), [1, 2], `${version} ${qos}`);
    assert.equal(mine[0].metadata['Content-Type'], 'application/json');
    assert.match(mine[0].metadata.Link, /rel="http:\/\/www\.w3\.org\/ns\/json-ld#context"/);
  }
  await until(async () => (await ask(server.http + refused)).json.notification.status, (status) => status === 'failed');
});

test('hosted contexts outlive a kill, and a subscription made with one still reads its names', async (t) => {
  const server = await openServer(t);
  const there = await receiver(t);
  const hosted = await ask(`${server.http}/ngsi-ld/v1/jsonldContexts`, { body: { '@context': { Gauge: 'https://g.example/Gauge', level: 'https://g.example/level' } } });
  assert.equal(hosted.status, 201, hosted.text);
  const at = server.http + hosted.headers.get('location');
  const link = { link: `<${at}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"` };
  const made = await ask(`${server.http}/ngsi-ld/v1/subscriptions`, { body: subscription(there.url, { watchedAttributes: ['level'] }), headers: link });
  assert.equal(made.status, 201, made.text);
  await server.kill();
  await server.restart();

  assert.equal((await ask(server.http + hosted.headers.get('location'))).json['@context'].Gauge, 'https://g.example/Gauge');
  assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities`, { body: gauge(1, 1), headers: link })).status, 201);
  await until(async () => there.got.length, (count) => count === 1);
  assert.deepEqual(there.got[0].data[0], { id: 'urn:ngsi-ld:Gauge:1', type: 'Gauge', level: { type: 'Property', value: 1 } });
  assert.ok(String(there.headers[0].link).includes(at));
});
