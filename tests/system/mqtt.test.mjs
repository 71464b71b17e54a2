// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A broker, a publisher and a server that is killed in between: every message is in the journal, once. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';

import { startServer } from './harness.mjs';

const run = promisify(execFile);
const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const broker = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find((file) => fs.existsSync(file));
const missing = !broker || !fs.existsSync('/usr/bin/mosquitto_pub') ? 'mosquitto and mosquitto-clients are not installed' : false;

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** @param {() => Promise<boolean>} condition @param {string} what */
async function eventually(condition, what) {
  const deadline = Date.now() + 60_000;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within 60 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a message that mosquitto holds is in the journal once, whenever the server is killed', { skip: missing, timeout: 240_000 }, async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-mqtt-'));
  const port = await freePort();
  fs.writeFileSync(path.join(folder, 'm.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n`);
  const mosquitto = spawn(/** @type {string} */ (broker), ['-c', path.join(folder, 'm.conf')], { stdio: 'ignore' });
  t.after(() => {
    mosquitto.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const config = `connectors:\n  mqtt:\n    - {id: b, url: "mqtt://127.0.0.1:${port}", client_id: kill-test, receive_maximum: 100}\n`;
  const server = await startServer({ args: ['--open'], config, keep: true });
  t.after(async () => {
    await server.stop();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  });
  const connected = async () => {
    const answer = await fetch(`${server.http}/api/v1/connectors/water`);
    return /** @type {any} */ (await answer.json()).state === 'connected';
  };
  await eventually(connected, 'the session is there');

  const total = 3000;
  const publisher = spawn('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-q', '1', '-t', 'city/water/WG-01/level', '-l'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const published = new Promise((resolve) => publisher.once('exit', resolve));
  for (let i = 0; i < total; ++i) {
    publisher.stdin.write(`${JSON.stringify({ id: 'WG-01', ts: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString(), level: 1, battery: 12 })}\n`);
    if (i % 1000 === 500) {
      await server.kill();
      await server.restart();
      await eventually(connected, 'the session is back');
    }
  }
  publisher.stdin.end();
  assert.equal(await published, 0);
  const count = async () => {
    const answer = await fetch(`${server.http}/api/v1/connectors/water`);
    return /** @type {any} */ (await answer.json());
  };
  let before = -1;
  await eventually(async () => {
    const now = (await count()).accepted + (await count()).duplicate;
    const quiet = now === before && now > 0;
    before = now;
    if (!quiet) await new Promise((resolve) => setTimeout(resolve, 500));
    return quiet;
  }, 'the last message');
  await server.stop();

  const { stdout } = await run(program, ['journal', 'inspect', '--data', server.data, '--json']);
  const events = JSON.parse(stdout).partitions.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.records_by_kind.event ?? one.records_by_kind.kEvent ?? one.records_by_kind['4'] ?? 0), 0);
  assert.equal(events, total);
});
