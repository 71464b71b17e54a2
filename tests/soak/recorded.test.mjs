// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * The whole recorded city through the real server: what replay says was accepted lies in the journal, row for row and
 * value for value, undisturbed and with the server killed twenty times on the way. The files are read here a second time,
 * by other code than replay's. A day of the files passes in a second; the longest file has half a year.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import test from 'node:test';
import zlib from 'node:zlib';
import { startServer } from '../system/harness.mjs';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const recorded = path.resolve('../shared/data');
const kScale = 86_400;
const kKills = 20;
const present = fs.existsSync(recorded);
if (!present) console.log(`skipped: there is no recorded data in ${recorded}`);

/** Lines of a packed file. @param {string} file */
const linesOf = (file) => zlib.gunzipSync(fs.readFileSync(path.join(recorded, file))).toString('utf8').split(/\r?\n/).filter(Boolean);

/** Numbers of rows and the sum of one column over the rows that are not repeats, straight from the files. */
function filesSay() {
  const air = linesOf('environment/seoul_air_hourly_2017H1_st101-120.csv.gz');
  const head = air[0].split(',');
  const column = (/** @type {string} */ name) => head.indexOf(name);
  let pm10 = 0;
  const seen = new Set();
  for (const line of air.slice(1)) {
    const cells = line.split(',');
    const key = `${cells[column('station')]}@${cells[column('datetime')]}`;
    if (seen.has(key)) continue;
    seen.add(key);
    pm10 += Number(cells[column('PM10_ugm3')] || 0);
  }
  const traffic = linesOf('traffic/metr_la_speed_20120301-05.csv.gz').slice(1).map((line) => line.split(',').slice(1));
  const speeds = traffic.flat().filter((cell) => cell !== '');
  return {
    'seoul-air': { rows: air.length - 1, events: seen.size, sum: pm10 },
    'metr-la': { rows: traffic.length, events: speeds.length, sum: speeds.reduce((sum, cell) => sum + Number(cell) * 1.609344, 0) },
    smfr: { rows: linesOf('emergency/smfr_dispatch_2019-04-01_06-15.csv.gz').length - 1 },
    openssh: { rows: linesOf('cyber/loghub_OpenSSH_2k.log.gz').length },
    linux: { rows: linesOf('cyber/loghub_Linux_2k.log.gz').length },
    suricata: { rows: linesOf('cyber/suricata_wrccdc-2018_alerts.ndjson.gz').length },
  };
}

/** What lies in the journal: events and their sums by source. @param {string} data */
async function journalSays(data) {
  /** @type {Record<string, { events: number, sum: number, ids: Set<string>, held: number }>} */
  const by = {};
  const child = spawn(program, ['journal', 'export', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of readline.createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdout) })) {
    const record = JSON.parse(line);
    if (record.kind !== 'event' && record.kind !== 'quarantine') continue;
    const one = (by[record.source] ??= { events: 0, sum: 0, ids: new Set(), held: 0 });
    if (record.kind === 'quarantine') {
      ++one.held;
      continue;
    }
    ++one.events;
    one.ids.add(record.payload.id);
    one.sum += Number(record.payload.fields?.pm10 ?? record.payload.fields?.speed ?? 0);
  }
  return by;
}

/** @returns {Promise<number>} a port that was free a moment ago */
const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** @param {number} pid @returns {number} resident MiB */
const residentOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** Plays everything; `meanwhile` runs beside it until it is over.
 * @param {(server: import('../system/harness.mjs').Server, over: () => boolean) => Promise<void>} meanwhile */
async function play(meanwhile) {
  const server = await startServer({ keep: true, listen: `127.0.0.1:${await freePort()}`, config: 'connectors: {syslog: {tcp: 127.0.0.1:0}}\n', args: ['--open', '--clock', `scale=${kScale},epoch=2026-01-01T00:00:00Z`] });
  const began = performance.now();
  let text = '';
  let over = false;
  const replay = spawn(program, ['replay', '--data', recorded, '--server', server.http, '--speed', String(kScale), '--for', 'all', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  replay.stdout.on('data', (chunk) => (text += chunk));
  const ended = new Promise((resolve) => replay.once('exit', resolve)).then(() => (over = true));
  await meanwhile(server, () => over);
  await ended;
  const seconds = (performance.now() - began) / 1000;
  await server.stop();
  return { report: JSON.parse(text), seconds, folder: path.dirname(server.data), journal: await journalSays(server.data) };
}

/** @param {Awaited<ReturnType<typeof play>>} played */
function expectSums({ report, journal }) {
  const files = filesSay();
  for (const one of Object.values(report.sources)) {
    assert.equal(one.rows_in, one.accepted + one.refused + one.duplicate + one.quarantined, JSON.stringify(one));
    assert.equal(one.refused, 0, JSON.stringify(one));
    if (one.source in files) assert.equal(one.rows_in, files[/** @type {keyof typeof files} */ (one.source)].rows, `${one.source}: rows`);
    const kept = journal[one.source];
    if (one.source !== 'metr-la') assert.equal(kept.events, one.accepted, `${one.source}: events in the journal`);
    assert.equal(kept.held, one.quarantined, `${one.source}: quarantined`);
    assert.equal(kept.ids.size, kept.events, `${one.source}: nothing twice`);
  }
  for (const source of /** @type {const} */ (['seoul-air', 'metr-la'])) {
    assert.equal(journal[source].events, files[source].events, `${source}: events`);
    assert.ok(Math.abs(journal[source].sum - files[source].sum) < 1e-6 * files[source].sum, `${source}: sum ${journal[source].sum}, the file has ${files[source].sum}`);
  }
}

/** @param {string} name @param {Awaited<ReturnType<typeof play>>} played @param {object} more */
const say = (name, { report, seconds, journal }, more) =>
  console.log(JSON.stringify({ soak: name, rows_in: report.rows_in, accepted: report.accepted, duplicate: report.duplicate, quarantined: report.quarantined, refused: report.refused,
    events: Object.values(journal).reduce((sum, one) => sum + one.events, 0), seconds: Math.round(seconds), ...more }));

test('the sums of the recorded city add up against the journal, memory stays flat', { skip: !present }, async () => {
  /** @type {number[]} */
  const resident = [];
  const played = await play(async (server, over) => {
    while (!over()) {
      resident.push(residentOf(server.pid));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  });
  try {
    // The first third fills caches and the picture of the city; after that only the journal on disk grows.
    const third = Math.max(...resident.slice(0, Math.ceil(resident.length / 3)));
    const last = Math.max(...resident.slice(-10));
    say('recorded', played, { resident_third_mib: Math.round(third), resident_end_mib: Math.round(last) });
    expectSums(played);
    assert.ok(last < third * 1.2, `${last} MiB at the end, ${third} MiB after a third`);
  } finally {
    fs.rmSync(played.folder, { recursive: true, force: true });
  }
});

test(`the sums add up when the server is killed ${kKills} times on the way`, { skip: !present }, async () => {
  let kills = 0;
  const played = await play(async (server, over) => {
    while (!over() && kills < kKills) {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      if (over()) break;
      await server.kill();
      await server.restart();
      ++kills;
    }
  });
  try {
    say('recorded_kills', played, { kills });
    assert.equal(kills, kKills);
    expectSums(played);
  } finally {
    fs.rmSync(played.folder, { recursive: true, force: true });
  }
});
