#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The whole story against a real server and a real broker, in a folder of its own: are exactly the expected alarms raised? */

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { secondsOf, timeOfDay } from './lib/time.mjs';
import { freePort, startMosquitto } from './peers.mjs';

const USAGE = `usage: node tools/simulators/rehearse.mjs [options]
  --bongsu FILE     the server program (default build/bongsu)
  --packs DIR       default packs
  --city DIR        a demo city that is made already, with its map (default: a fresh one without)
  --scale S         virtual seconds a second (default 30: the ten hours in 20 minutes)
  --from, --until   part of the story, HH:MM (default 10:00 to 20:00)
  --only NAME,...   handed to run.mjs; --no-background likewise
  --record DIR      keep journal, logs and what the agencies received there
  --slack SECONDS   handed to verify.mjs
  --lead SECONDS    real seconds the server runs before the story begins (default 10)
Prints the simulators' lines, {"event":"loaded","http","folder"} before the first of them, then one JSON line: {"event":"rehearsal","verdict",...}. Exit codes: 0 exactly as expected, 1 not, 2 usage.`;

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const text = /** @type {const} */ ({ type: 'string' });
const { values: v } = parseArgs({
  options: {
    bongsu: { ...text, default: 'build/bongsu' }, packs: { ...text, default: 'packs' }, scale: { ...text, default: '30' }, from: { ...text, default: '10:00' }, until: { ...text, default: '20:00' },
    city: text, only: text, 'no-background': { type: 'boolean' }, record: text, slack: { ...text, default: '60' }, lead: { ...text, default: '10' }, help: { type: 'boolean' },
  },
});
if (v.help) {
  console.log(USAGE);
  process.exit(0);
}
const folder = v.record ? resolve(v.record) : mkdtempSync(join(tmpdir(), 'rehearsal-'));
mkdirSync(folder, { recursive: true });
/** @type {(() => Promise<unknown> | void)[]} */
const cleanUp = [];
process.exitCode = await rehearse().catch((error) => {
  console.error(error.message);
  return 1;
});
for (const undo of cleanUp.reverse()) await undo();
if (!v.record) rmSync(folder, { recursive: true, force: true });

/** @returns {Promise<number>} */
async function rehearse() {
  const city = v.city ? resolve(v.city) : join(folder, 'city');
  const made = v.city ? null : spawnSync(process.execPath, [here('../city/generate.mjs'), '--out', city, '--no-tiles', '--quiet'], { encoding: 'utf8' });
  if (made && made.status !== 0) throw new Error(made.stderr);
  const broker = await startMosquitto();
  cleanUp.push(() => broker.stop());
  const agencies = await freePort();
  const server = await startServer(city, broker, agencies);
  const application = token('application');
  await load(server.http, application, city);
  const { udp, tcp } = server.connectors.syslog;
  const played = await program(here('./run.mjs'), [
    '--server', server.http, '--city', city, '--ingest-token', application, '--mqtt', broker.url, '--syslog-udp', `${udp}`, '--syslog-tcp', `${tcp}`, '--link-url', 'server',
    '--agency-listen', `127.0.0.1:${agencies}`, '--record', join(folder, 'agencies.ndjson'), '--from', String(v.from), '--until', String(v.until), ...(v.only ? ['--only', v.only] : []), ...(v['no-background'] ? ['--no-background'] : []),
  ]);
  const judged = await program(here('./verify.mjs'), ['--server', server.http, '--token', token('supervisor'), '--packs', String(v.packs), '--from', String(v.from), '--until', String(v.until), '--slack', String(v.slack)], true);
  console.log(JSON.stringify({ event: 'rehearsal', verdict: JSON.parse(judged.out || 'null'), scale: Number(v.scale), simulators: played.code, folder: v.record ? folder : null }));
  return played.code === 0 && judged.code === 0 ? 0 : 1;
}

/** @param {string} city @param {import('./peers.mjs').Broker} broker @param {number} agencies port @returns {Promise<{http: string, connectors: any}>} */
function startServer(city, broker, agencies) {
  const peers = readFileSync(here('../city/agencies.yaml'), 'utf8').replaceAll('url: /', `url: http://127.0.0.1:${agencies}/`);
  const config = join(folder, 'bongsu.yaml');
  writeFileSync(
    config,
    `city: ${city}\npacks: ${resolve(String(v.packs))}\n${peers}connectors:\n  mqtt:\n    - {id: city, url: "mqtt://127.0.0.1:${broker.port}", user: ${broker.user}, password: "${broker.password}"}\n  syslog: {udp: "127.0.0.1:0", tcp: "127.0.0.1:0"}\n`,
    { mode: 0o600 },
  );
  // Before the story, so that the city is loaded when it begins; a virtual minute at least.
  const epoch = new Date(Date.parse('2026-11-22T00:00:00+09:00') + (secondsOf(String(v.from)) - Math.max(60, Number(v.lead) * Number(v.scale))) * 1000).toISOString().replace(/\.\d+/, '');
  const child = spawn(String(v.bongsu), ['serve', '--data', join(folder, 'data'), '--listen', '127.0.0.1:0', '--config', config, '--clock', `scale=${v.scale},epoch=${epoch}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanUp.push(() => new Promise((done) => (child.exitCode === null && child.pid ? (child.once('exit', done), child.kill('SIGTERM')) : done(0))));
  return new Promise((done, fail) => {
    let out = '';
    let log = '';
    const note = (/** @type {Buffer} */ data) => {
      log = `${log}${data}`.slice(-200000);
      if (v.record) writeFileSync(join(folder, 'server.log'), data, { flag: 'a' });
    };
    child.stderr.on('data', note);
    child.stdout.on('data', (data) => {
      note(data);
      out += data;
      const line = out.split('\n').find((l) => l.includes('"event":"ready"'));
      if (line) done(JSON.parse(line));
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${log.slice(-2000)}`)));
  });
}

/** @param {string} role @returns {string} */
function token(role) {
  const done = spawnSync(String(v.bongsu), ['token', 'create', '--data', join(folder, 'data'), '--role', role, '--tenant', 'default', '--json'], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`token create: ${done.stderr}`);
  return JSON.parse(done.stdout).token;
}

/** @param {string} http @param {string} bearer @param {string} city */
async function load(http, bearer, city) {
  const lines = readFileSync(join(city, 'entities.ndjson'), 'utf8').split('\n').filter(Boolean);
  for (let at = 0; at < lines.length; at += 200) {
    const answer = await fetch(`${http}/ngsi-ld/v1/entityOperations/upsert`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` }, body: `[${lines.slice(at, at + 200).join(',')}]` });
    if (!answer.ok) throw new Error(`loading the city: ${answer.status} ${await answer.text()}`);
  }
  console.log(`${timeOfDay(secondsOf(String(v.from)))}  ${lines.length} entities loaded`);
  console.log(JSON.stringify({ event: 'loaded', http, folder }));
}

/** @param {string} file @param {string[]} args @param {boolean} [quiet] @returns {Promise<{code: number | null, out: string}>} */
function program(file, args, quiet = false) {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
    if (!quiet) process.stdout.write(data);
  });
  return new Promise((done) => child.once('close', (code) => done({ code, out: out.trim() })));
}
