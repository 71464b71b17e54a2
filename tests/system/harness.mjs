// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Starts the real server in a temporary folder and speaks to it; every test file uses this. */
import { spawn, execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const run = promisify(execFile);

/** @typedef {{ http: string, data: string, pid: number, connectors: any, stop: () => Promise<number | null>, kill: () => Promise<void>,
 *   restart: () => Promise<void>, admin: (...args: string[]) => Promise<any>, token: (role: string) => Promise<string>, stderr: () => string }} Server */

/**
 * @param {{ args?: string[], config?: string, data?: string, keep?: boolean, listen?: string, env?: Record<string, string> }} [options]  listen: for a server that comes back on the same port
 * @returns {Promise<Server>}
 */
export async function startServer(options = {}) {
  const folder = options.data ?? fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-test-'));
  const data = path.join(folder, 'data');
  const args = ['serve', '--data', data, '--listen', options.listen ?? '127.0.0.1:0', ...(options.args ?? [])];
  if (options.config !== undefined) {
    const file = path.join(folder, 'bongsu.yaml');
    fs.writeFileSync(file, options.config);
    args.push('--config', file);
  }
  /** @type {import('node:child_process').ChildProcess} */
  let child;
  let errors = '';

  const launch = () =>
    new Promise((resolve, reject) => {
      child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...(options.env ?? {}) } });
      let text = '';
      child.stderr?.on('data', (chunk) => (errors = (errors + chunk).slice(-200_000)));
      child.stdout?.on('data', (chunk) => {
        text += chunk;
        const line = text.split('\n').find((candidate) => candidate.includes('"event":"ready"'));
        if (line) resolve(JSON.parse(line));
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`the server ended (${signal ?? code}) before it was ready:\n${errors.slice(-4000)}`)));
    });
  /** @param {NodeJS.Signals} signal @returns {Promise<number | null>} */
  const end = (signal) =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
      child.once('exit', (code) => resolve(code));
      child.kill(signal);
    });

  const ready = await launch();
  /** @type {Server} */
  const server = {
    ...ready,
    data,
    stop: async () => {
      const code = await end('SIGTERM');
      if (!options.keep && !options.data) fs.rmSync(folder, { recursive: true, force: true });
      return code;
    },
    kill: async () => void (await end('SIGKILL')),
    restart: async () => {
      await end('SIGTERM');
      Object.assign(server, await launch());
    },
    admin: async (...words) => {
      const { stdout } = await run(program, [...words.slice(0, 2), '--data', data, ...words.slice(2), '--json']);
      return stdout.trim() ? JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') : null;
    },
    token: async (role) => (await server.admin('token', 'create', '--role', role, '--tenant', 'default')).token,
    stderr: () => errors,
  };
  return server;
}

/** One request; the answer with its body as JSON where it is JSON.
 * @param {string} url @param {{ method?: string, token?: string, cookie?: string, csrf?: string, body?: unknown, type?: string, headers?: Record<string, string> }} [options] */
export async function ask(url, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { ...(options.headers ?? {}) };
  if (options.token) headers.authorization = `Bearer ${options.token}`;
  if (options.cookie) headers.cookie = options.cookie;
  if (options.csrf) headers['x-csrf-token'] = options.csrf;
  if (options.body !== undefined) headers['content-type'] = options.type ?? 'application/json';
  const answer = await fetch(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers,
    body: options.body === undefined ? undefined : typeof options.body === 'string' ? options.body : JSON.stringify(options.body),
  });
  const text = await answer.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // not JSON
  }
  return { status: answer.status, headers: answer.headers, text, json };
}

/** Asks until `good` says yes; fails with what it last saw. @template T
 * @param {() => Promise<T>} look @param {(value: T) => boolean} good @param {number} [limit_ms] @returns {Promise<T>} */
export async function until(look, good, limit_ms = 10_000) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const value = await look();
    if (good(value)) return value;
    if (Date.now() > end) throw new Error(`did not come true within ${limit_ms} ms; last seen: ${JSON.stringify(value)?.slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Signs in as the first administrator and sets a password of its own; gives cookie and CSRF token. @param {Server} server */
export async function signIn(server, user = 'admin', password = '') {
  const file = path.join(server.data, 'run', 'first-password');
  const first = password || fs.readFileSync(file, 'utf8').trim();
  const answer = await ask(`${server.http}/api/v1/session`, { body: { user, password: first } });
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0];
  return { cookie, csrf: answer.json.csrf, session: answer.json };
}

/** A copy of a folder of keys that the server opens, for others must not read it: of the modes of folders, cpSync keeps none from Node 22 on. @param {string} from @param {string} to */
export function copyKeys(from, to) {
  fs.cpSync(from, to, { recursive: true });
  fs.chmodSync(to, 0o700);
}

/** The live socket as a list of frames. @param {Server} server @param {string} token */
export function live(server, token, resume = 0) {
  const socket = new WebSocket(`${server.http.replace('http', 'ws')}/live?tenant=default`, [`bearer.${token}`]);
  /** @type {any[]} */
  const frames = [];
  socket.binaryType = 'arraybuffer';
  socket.onmessage = (event) => {
    if (typeof event.data !== 'string') return;
    const frame = JSON.parse(event.data);
    frames.push(frame);
    if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'resume', seq: resume }));
  };
  return { frames, socket, close: () => socket.close() };
}
