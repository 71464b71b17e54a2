#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Starts an MQTT broker (mosquitto) for tests and demonstrations: loopback, password, a folder of its own. */

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** @typedef {{url: string, port: number, user: string, password: string, pid: number, folder: string, stop: (signal?: NodeJS.Signals) => Promise<void>}} Broker */

/** @returns {Promise<number>} a port nobody listens on just now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

/** @returns {string} where Debian puts it */
const program = () => ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find(existsSync) ?? 'mosquitto';

/** @param {{port?: number, folder?: string, user?: string, password?: string}} [options] port 0 or none: any free one @returns {Promise<Broker>} resolves when it accepts connections */
export async function startMosquitto(options = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(options, options.port || (await freePort()));
    } catch (error) {
      // Somebody else may have taken the free port in between.
      if (options.port || attempt === 5) throw error;
    }
  }
}

/** @param {{folder?: string, user?: string, password?: string}} options @param {number} port @returns {Promise<Broker>} */
async function start(options, port) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const user = options.user ?? 'city';
  const password = options.password ?? randomBytes(12).toString('hex');
  const passwords = join(folder, 'passwords');
  const made = spawnSync('mosquitto_passwd', ['-b', '-c', passwords, user, password], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`mosquitto_passwd: ${made.error?.message ?? made.stderr}`);
  const config = join(folder, 'mosquitto.conf');
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous false', `password_file ${passwords}`, 'persistence false', 'max_queued_messages 100000', 'log_type error', 'log_type warning'];
  // Started by root it would drop to a user that cannot read the folder.
  if (process.getuid?.() === 0) lines.push('user root');
  writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const child = spawn(program(), ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => (errors = `${errors}${data}`.slice(-2000)));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.once('error', (error) => (errors += error.message));
  const stop = async (/** @type {NodeJS.Signals} */ signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null && child.pid) {
      child.kill(signal);
      await exited;
    }
    if (!options.folder) rmSync(folder, { recursive: true, force: true });
  };
  const ready = await untilListening(port, () => child.exitCode !== null || child.pid === undefined);
  if (!ready) {
    await stop('SIGKILL');
    throw new Error(`mosquitto did not start on 127.0.0.1:${port}: ${errors}`);
  }
  return { url: `mqtt://${user}:${password}@127.0.0.1:${port}`, port, user, password, pid: /** @type {number} */ (child.pid), folder, stop };
}

/** @param {number} port @param {() => boolean} gone @returns {Promise<boolean>} */
async function untilListening(port, gone) {
  const deadline = performance.now() + 10000;
  while (performance.now() < deadline && !gone()) {
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => (socket.destroy(), resolve(true)));
      socket.once('error', () => resolve(false));
    });
    if (open) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

const USAGE = `usage: node tools/simulators/peers.mjs mosquitto [--port N] [--folder DIR] [--user U] [--password P] [--with-stdin]
Runs mosquitto on 127.0.0.1 until SIGTERM or SIGINT (with --with-stdin also until its standard input closes). Prints one line when it is ready:
{"event":"ready","mqtt":"mqtt://USER:PASSWORD@127.0.0.1:PORT","port":PORT,"pid":PID}`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, folder: { type: 'string' }, user: { type: 'string' }, password: { type: 'string' }, 'with-stdin': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help || positionals[0] !== 'mosquitto') {
    console.log(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const broker = await startMosquitto({ port: values.port ? Number(values.port) : undefined, folder: values.folder, user: values.user, password: values.password });
  console.log(JSON.stringify({ event: 'ready', mqtt: broker.url, port: broker.port, pid: broker.pid }));
  const end = async () => {
    await broker.stop();
    process.exit(0);
  };
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.once(signal, end);
  if (values['with-stdin']) process.stdin.resume().once('end', end);
}
