// SPDX-License-Identifier: Apache-2.0
// @ts-check
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test, { after } from 'node:test';
import mqtt from 'mqtt';
import { Agencies } from './lib/agencies.mjs';
import { readCity } from './lib/city.mjs';
import { Player, channelOf } from './lib/player.mjs';
import { PEERS, authRequest, encode, eventHeaders } from './lib/safety-net.mjs';
import { secondsOf } from './lib/time.mjs';
import { startMosquitto } from './peers.mjs';
import { Recorder } from './recorder.mjs';
import { DAY, makeCity, story } from './testing.mjs';

const made = makeCity();
after(made.remove);
const program = fileURLToPath(new URL('./run.mjs', import.meta.url));

/** @param {string[]} args @param {(line: string) => void} [onLine] @returns {Promise<{code: number | null, lines: string[], errors: string}> & {child: import('node:child_process').ChildProcess}} */
function run(args, onLine) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = /** @type {string[]} */ ([]);
  let rest = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    const parts = `${rest}${data}`.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      onLine?.(line);
    }
  });
  child.stderr.on('data', (data) => (errors += data));
  const done = new Promise((resolve) => child.once('close', (code) => resolve({ code, lines, errors })));
  return Object.assign(/** @type {any} */ (done), { child });
}

/** @param {string} url @returns {Promise<{messages: Map<string, number>, close: () => Promise<void>}>} counts by topic and payload */
async function listen(url) {
  const client = mqtt.connect(url, { clientId: 'listener', clean: false, reconnectPeriod: 100 });
  const messages = new Map();
  client.on('message', (topic, payload) => messages.set(`${topic} ${payload}`, (messages.get(`${topic} ${payload}`) ?? 0) + 1));
  await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
  });
  await client.subscribeAsync('city/#', { qos: 1 });
  return { messages, close: () => client.endAsync(true) };
}

/** @param {number} from @param {number} until */
function expected(from, until) {
  const player = new Player(readCity(made.folder), story, { origin: DAY, from, until });
  const out = [];
  for (let m = player.take(); m; m = player.take()) out.push(m);
  return out;
}

/** @param {() => boolean} condition @param {number} [ms] */
async function eventually(condition, ms = 5000) {
  const deadline = performance.now() + ms;
  while (!condition() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('every message of a quarter of an hour arrives over its own protocol, once', async (t) => {
  const broker = await startMosquitto();
  t.after(() => broker.stop());
  const recorder = new Recorder({ now: DAY + secondsOf('10:07') * 1000, scale: 200 });
  const at = await recorder.listen();
  t.after(() => recorder.close());
  const ear = await listen(broker.url);
  t.after(() => ear.close());
  const result = await run(['--server', at.http, '--city', made.folder, '--ingest-token', 'secret', '--mqtt', broker.url, '--syslog-udp', `${at.udp}`, '--syslog-tcp', `${at.tcp}`, '--link-url', 'server', '--from', '10:07', '--until', '10:15']);

  const wanted = expected(secondsOf('10:07'), secondsOf('10:15'));
  const of = (/** @type {string} */ channel) => wanted.filter((m) => m.channel === channel);
  const heard = () => [...ear.messages].flatMap(([key, n]) => Array(n).fill(key));
  await eventually(() => heard().length >= of('mqtt').length && recorder.udpLines.length >= of('syslog-udp').length);
  assert.equal(result.errors, '');
  assert.equal(result.code, 0);
  assert.deepEqual(heard().sort(), of('mqtt').map((m) => /** @type {any} */ (m)).map((m) => `${m.topic} ${m.payload}`).sort());
  assert.deepEqual(recorder.pushes.map((p) => JSON.stringify(p.body)).sort(), of('push').map((m) => JSON.stringify(/** @type {any} */ (m).body)).sort());
  assert.ok(recorder.pushes.every((p) => p.token === 'Bearer secret'));
  assert.deepEqual(recorder.udpLines.sort(), of('syslog-udp').map((m) => /** @type {any} */ (m).line).sort());
  assert.deepEqual(recorder.tcpLines.sort(), of('syslog-tcp').map((m) => /** @type {any} */ (m).line).sort());
  const events = recorder.links.filter((l) => l.path === 'linkHttp/recvEvent.json');
  assert.deepEqual(events.map((e) => JSON.parse(e.text).body.ocrSts), ['10', '10', '20', '30', '40']);
  assert.equal(events[0].text, events[1].text, 'the repeat is byte for byte the same');
  assert.ok(events.every((e) => String(e.headers['x-scsns-secret']).startsWith('session-')));
});

test('nothing is lost when the broker dies, a push is refused for a moment and the syslog connection breaks', async (t) => {
  let broker = await startMosquitto({ password: 'again' });
  t.after(() => broker.stop());
  const recorder = new Recorder({ now: DAY + secondsOf('11:30') * 1000, scale: 60 });
  const at = await recorder.listen();
  t.after(() => recorder.close());
  recorder.failPushes = [503, 429, 500];
  let trouble = Promise.resolve();
  const seen = new Map();
  const collect = (/** @type {Map<string, number>} */ messages) => messages.forEach((n, key) => seen.set(key, (seen.get(key) ?? 0) + n));
  const first = await listen(broker.url);
  t.after(() => first.close());
  let second = /** @type {Awaited<ReturnType<typeof listen>> | null} */ (null);
  const result = await run(['--server', at.http, '--city', made.folder, '--ingest-token', 't', '--mqtt', broker.url, '--syslog-udp', `${at.udp}`, '--syslog-tcp', `${at.tcp}`, '--link-url', at.http, '--from', '11:30', '--until', '11:36', '--only', 'water,firewall,facility,market-fire'], (line) => {
    if (!line.includes('(market-fire)')) return;
    trouble = (async () => {
      recorder.cutStreams();
      await broker.stop('SIGKILL');
      collect(first.messages);
      broker = await startMosquitto({ port: broker.port, password: 'again' });
      const again = await listen(broker.url);
      second = again;
      t.after(() => again.close());
    })();
  });
  await trouble;
  const wanted = (() => {
    const player = new Player(readCity(made.folder), story, { origin: DAY, from: secondsOf('11:30'), until: secondsOf('11:36'), only: ['water', 'firewall', 'facility', 'market-fire'] });
    const out = [];
    for (let m = player.take(); m; m = player.take()) out.push(m);
    return out;
  })();
  assert.equal(result.code, 0, result.errors);
  const end = JSON.parse(result.lines[result.lines.length - 1]);
  assert.equal(end.undelivered, 0);
  assert.ok(end.channels.push.retries >= 3);
  assert.deepEqual(recorder.pushes.map((p) => JSON.stringify(p.body)).sort(), wanted.filter((m) => m.channel === 'push').map((m) => JSON.stringify(/** @type {any} */ (m).body)).sort());
  const lines = new Set(recorder.tcpLines);
  for (const m of wanted) if (m.channel === 'syslog-tcp') assert.ok(lines.has(m.line), m.line);
  assert.equal(end.channels.mqtt.sent, wanted.filter((m) => m.channel === 'mqtt').length);
  if (second) collect(/** @type {any} */ (second).messages);
  assert.ok(seen.size > 0);
});

test('a signal ends it cleanly, a wrong scale and a refused token end it with 1, nonsense with 2', async (t) => {
  const recorder = new Recorder({ now: DAY + secondsOf('10:30') * 1000, scale: 60 });
  const at = await recorder.listen();
  t.after(() => recorder.close());
  const base = ['--server', at.http, '--city', made.folder];
  const stopped = run([...base, '--ingest-token', 't', '--only', 'push'], (line) => line.includes('"ready"') && stopped.child.kill('SIGTERM'));
  assert.equal((await stopped).code, 0);
  assert.equal((await run([...base, '--clock-scale', '1'])).code, 1);
  recorder.failPushes = Array(100).fill(401);
  const refused = await run([...base, '--ingest-token', 'wrong', '--only', 'fallen-storm', '--from', '11:02', '--until', '11:02:20', '--align', 'now']);
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /refused with 401/);
  assert.equal((await run(['--server'])).code, 2);
  assert.equal((await run([...base, '--align', 'sideways'])).code, 2);
});

test('with --loop the day goes on after the story and over midnight, with nothing said twice', async (t) => {
  const recorder = new Recorder({ now: DAY + secondsOf('23:55') * 1000, scale: 200 });
  const at = await recorder.listen();
  t.after(() => recorder.close());
  const running = run(['--server', at.http, '--city', made.folder, '--ingest-token', 't', '--only', 'push', '--loop']);
  await eventually(() => recorder.pushes.some((p) => p.body.occurredAt > '2026-11-23T00:03'), 60000);
  running.child.kill('SIGTERM');
  assert.equal((await running).code, 0);
  const alive = recorder.pushes.filter((p) => p.body.eventType === 'KeepAlive').map((p) => Date.parse(p.body.occurredAt));
  assert.ok(alive.length >= 6);
  for (let i = 1; i < alive.length; i++) assert.equal(alive[i] - alive[i - 1], 60000);
});

test('the agencies accept what the peers themselves would send, and show it', async (t) => {
  const agencies = new Agencies({ now: () => DAY });
  const url = await agencies.listen('127.0.0.1', 0);
  t.after(() => agencies.close());
  const post = async (/** @type {string} */ path, /** @type {Record<string, string>} */ headers, /** @type {string} */ body) => (await fetch(`${url}${path}`, { method: 'POST', headers, body })).json();
  const message = /** @type {any} */ (expected(secondsOf('10:08'), secondsOf('10:08:02')).find((m) => m.channel === 'link')).message;
  for (const source of Object.keys(PEERS)) {
    const auth = authRequest(source, PEERS[source].apiKey);
    const session = await post(`/${source}/api/getAuth.json`, auth.headers, auth.body);
    assert.equal(session.result, '0', source);
    assert.deepEqual(await post(`/${source}/linkHttp/recvEvent.json`, eventHeaders(source, session.message), encode(source, message)), { result: '0', message: 'OK' });
    assert.equal((await post(`/${source}/linkHttp/recvEvent.json`, eventHeaders(source, 'stale'), encode(source, message))).result, '1');
  }
  const wrong = authRequest('112', 'wrong');
  assert.equal((await post('/112/api/getAuth.json', wrong.headers, wrong.body)).result, '1');
  assert.deepEqual(await post('/webhook/duty', { 'Content-Type': 'application/json' }, '{"a":1}'), { ok: true });
  const shown = await (await fetch(`${url}/received`)).json();
  const events = shown.received.filter((/** @type {any} */ r) => r.kind === 'event');
  assert.deepEqual(events.map((/** @type {any} */ r) => [r.source, (r.body.body ?? r.body.Body).evtId]), Object.keys(PEERS).map((source) => [source, '112UC001']));
  assert.equal(shown.received.at(-1).kind, 'webhook');
});

test('a dry run writes the stream a real run would send', async () => {
  const result = await run(['--city', made.folder, '--dry-run', '-', '--from', '10:07', '--until', '10:09', '--only', 'link,robbery']);
  const wanted = expected(secondsOf('10:07'), secondsOf('10:09')).filter((m) => channelOf(m) === 'link');
  assert.equal(result.code, 0);
  assert.deepEqual(result.lines.map((l) => JSON.parse(l).channel), wanted.map((m) => m.channel));
});
