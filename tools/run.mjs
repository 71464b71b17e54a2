// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Starts the operation centre for a person: a broker, the server, the city's entities and the devices that make it live.
 * Called by ./x run. Ctrl-C stops everything, children first.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    city: { type: 'string', default: 'demo' },
    port: { type: 'string', default: '8080' },
    data: { type: 'string', default: 'build/run/demo' },
  },
});
const data = path.resolve(options.data ?? 'build/run/demo');
process.env.PATH += ':/usr/sbin'; // where Debian puts mosquitto
const work = path.join(data + '.run'); // broker settings and secrets of this machine's demo; not part of the journal
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
let stopping = false;

/** @param {string} text */
const say = (text) => process.stderr.write(`\x1b[1m▸ ${text}\x1b[0m\n`);

/** @returns {Promise<number>} a port that was free a moment ago */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(address.port));
    });
  });

/** Starts a child that ends with us; its end ends the run.
 * @param {string} name @param {string} command @param {string[]} args @param {import('node:child_process').StdioOptions} stdio */
function start(name, command, args, stdio, { env = process.env, may_end = false } = {}) {
  const child = spawn(command, args, { stdio, env });
  children.push(child);
  child.once('error', (error) => stop(1, `${name} could not be started: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (stopping) return;
    if (may_end && code === 0) return say(`${name} came to its end`);
    void stop(code === 0 ? 0 : 1, `${name} ended (${signal ?? code})`);
  });
  return child;
}

/** @param {number} code @param {string} [why] */
async function stop(code, why) {
  if (stopping) return;
  stopping = true;
  if (why) say(why);
  for (const child of [...children].reverse()) child.kill('SIGTERM');
  const ended = children.map((child) => new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve(0) : child.once('exit', resolve))));
  await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, 8000))]);
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  process.exit(code);
}
process.on('SIGINT', () => void stop(0, 'stopping'));
process.on('SIGTERM', () => void stop(0));
process.on('SIGHUP', () => void stop(0)); // the terminal is gone; to the server it would mean: reload the rules

/** A mosquitto of our own: loopback, one account, settings in `work`. */
async function startBroker() {
  const port = await freePort();
  const password = randomBytes(18).toString('base64url');
  const passwords = path.join(work, 'mosquitto.passwords');
  fs.writeFileSync(passwords, '', { mode: 0o600 });
  for (const user of ['bongsu', 'devices']) {
    await new Promise((resolve, reject) => {
      spawn('mosquitto_passwd', ['-b', passwords, user, password], { stdio: 'ignore' }).once('exit', (code) => (code === 0 ? resolve(0) : reject(new Error(`mosquitto_passwd ended with ${code}`))));
    });
  }
  fs.writeFileSync(
    path.join(work, 'mosquitto.conf'),
    `user ${os.userInfo().username}\nlistener ${port} 127.0.0.1\nallow_anonymous false\npassword_file ${passwords}\npersistence false\nlog_type error\nmax_inflight_messages 200\nmax_queued_messages 100000\n`,
  );
  start('mosquitto', 'mosquitto', ['-c', path.join(work, 'mosquitto.conf')], ['ignore', 'ignore', 'inherit']);
  for (let tries = 0; tries < 100; ++tries) {
    if (await canConnect(port)) return { port, password };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`mosquitto does not answer on 127.0.0.1:${port}`);
}

/** @param {number} port @returns {Promise<boolean>} */
const canConnect = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

/** Starts the server and waits for its ready line. @param {string[]} args */
function startServer(args) {
  return new Promise((resolve, reject) => {
    const child = start('the server', 'build/bongsu', args, ['ignore', 'pipe', 'inherit']);
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        try {
          const message = JSON.parse(line);
          if (message.event === 'ready') resolve(message);
        } catch {
          process.stdout.write(line + '\n');
        }
      }
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
}

/** One command to the running server. @param {...string} words @returns {Promise<any>} */
function admin(...words) {
  return new Promise((resolve, reject) => {
    const child = spawn('build/bongsu', [...words.slice(0, 2), '--data', data, ...words.slice(2), '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.once('exit', (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`${words.join(' ')}: ${text.trim()}`))));
  });
}
/** A token of the running server. @param {string} role @returns {Promise<string>} */
const makeToken = async (role, tenant = 'default') => (await admin('token', 'create', '--role', role, '--tenant', tenant)).token;

/** Tenants of the recorded city with a seat each, and the tokens the replay takes. @returns {Promise<NodeJS.ProcessEnv>} */
async function recordedTenants() {
  const env = { ...process.env };
  const there = JSON.stringify(await admin('tenant', 'list'));
  for (const tenant of ['seoul', 'los-angeles', 'south-metro', 'cyber-range']) {
    if (!there.includes(`"${tenant}"`)) {
      await admin('tenant', 'create', tenant);
      const seat = await admin('user', 'add', tenant, '--role', 'operator', '--tenant', tenant);
      say(`see ${tenant} as ${tenant} with the one-time password ${seat.password}`);
    }
    const name = tenant.toUpperCase().replaceAll('-', '_');
    env[`BONGSU_TOKEN_${name}`] = await makeToken('application', tenant);
    env[`BONGSU_WATCH_TOKEN_${name}`] = await makeToken('operator', tenant);
  }
  return env;
}

/** Puts the city's entities into the context, 200 at a time. @param {string} http @param {string} token @param {string} city */
async function loadEntities(http, token, city) {
  const lines = fs.readFileSync(path.join(city, 'entities.ndjson'), 'utf8').split('\n').filter(Boolean);
  for (let at = 0; at < lines.length; at += 200) {
    const answer = await fetch(`${http}/ngsi-ld/v1/entityOperations/upsert?options=update`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: `[${lines.slice(at, at + 200).join(',')}]`,
    });
    if (answer.status !== 201 && answer.status !== 204) throw new Error(`loading the city: ${answer.status} ${await answer.text()}`);
  }
  return lines.length;
}

/** The agencies of the demo city, as the simulators answer for them. @param {number} port */
const peers = (port) => fs.readFileSync('tools/city/agencies.yaml', 'utf8').replace(/url: (\/[\w/-]+)/g, (_, where) => `url: "http://127.0.0.1:${port}${where}"`);

async function main() {
  fs.mkdirSync(work, { recursive: true, mode: 0o700 });
  const city = path.resolve('build/city/demo');
  const demo = options.city === 'demo';
  const broker = options.city === 'none' ? null : await startBroker();
  const config = path.join(work, 'bongsu.yaml');
  const brokerLines = broker
    ? `connectors:\n  mqtt:\n    - id: city\n      url: mqtt://127.0.0.1:${broker.port}\n      user: bongsu\n      password: "${broker.password}"\n  syslog:\n    udp: 127.0.0.1:0\n    tcp: 127.0.0.1:0\n`
    : '';
  const agencies = await freePort();
  fs.writeFileSync(config, `${demo ? `city: ${city}\n${peers(agencies)}` : ''}${brokerLines}`, { mode: 0o600 });
  const scale = demo ? 20 : options.city === 'recorded' ? 60 : 1;
  const args = ['serve', '--data', data, '--listen', `127.0.0.1:${options.port}`, '--config', config];
  const epoch = process.env.BONGSU_EPOCH ?? (demo ? '2026-11-22T01:00:00Z' : new Date().toISOString().slice(0, 19) + 'Z');
  if (scale !== 1) args.push('--clock', `scale=${scale},epoch=${epoch}`);
  const ready = await startServer(args);
  const passwordFile = path.join(data, 'run', 'first-password');
  if (fs.existsSync(passwordFile)) {
    say(`sign in as admin with the one-time password ${fs.readFileSync(passwordFile, 'utf8').trim()}`);
    // Administrators look on; alarms are answered from a seat.
    const seat = await admin('user', 'add', 'operator', '--role', 'operator').catch(() => null);
    if (seat) say(`answer alarms as operator with the one-time password ${seat.password}`);
  }
  say(`${ready.http}/ is ready`);
  if (demo) {
    const token = await makeToken('application');
    say(`${await loadEntities(ready.http, token, city)} things of the city are in place`);
    const syslog = ready.connectors?.syslog ?? {};
    start('the simulators', process.execPath, ['tools/simulators/run.mjs', '--server', ready.http, '--city', city, '--ingest-token', token,
      '--mqtt', `mqtt://devices:${broker?.password}@127.0.0.1:${broker?.port}`, '--syslog-udp', String(syslog.udp), '--syslog-tcp', String(syslog.tcp),
      '--link-url', 'server', '--agency-listen', `127.0.0.1:${agencies}`, '--clock-scale', String(scale), '--loop'], ['ignore', 'inherit', 'inherit']);
  } else if (options.city === 'recorded') {
    if (!fs.existsSync('../shared/data')) {
      say('../shared/data is not here: the recorded city has nothing to play; the centre runs empty');
    } else {
      start('the replay', 'build/bongsu', ['replay', '--data', '../shared/data', '--server', ready.http], ['ignore', 'inherit', 'inherit'], { env: await recordedTenants(), may_end: true });
    }
  }
}

main().catch((error) => void stop(1, error.message));
