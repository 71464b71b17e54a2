// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A stand-in for the platform in tests of the simulators: clock, push, links, syslog. It keeps what it gets and judges nothing. */

import dgram from 'node:dgram';
import { createServer } from 'node:http';
import net from 'node:net';

export class Recorder {
  /** @param {{now: number, scale: number}} clock now: ms UTC when it is first asked; a slow start of the other side costs no time */
  constructor(clock) {
    this.clock = clock;
    /** @type {number | null} */
    this.started = null;
    /** @type {{source: string, token: string, key: string, body: any}[]} */
    this.pushes = [];
    /** @type {{source: string, path: string, headers: import('node:http').IncomingHttpHeaders, text: string}[]} */
    this.links = [];
    /** @type {string[]} */
    this.udpLines = [];
    /** @type {string[]} */
    this.tcpLines = [];
    /** Status to answer the next pushes with, before 202. @type {number[]} */
    this.failPushes = [];
    /** @type {Set<net.Socket>} */
    this.sockets = new Set();
    this.sessions = 0;
  }

  /** @returns {Promise<{http: string, udp: number, tcp: number}>} */
  async listen() {
    this.http = createServer((request, response) => void this.#serve(request, response));
    this.udp = dgram.createSocket('udp4').on('message', (data) => this.udpLines.push(data.toString('utf8')));
    this.tcp = net.createServer((socket) => this.#stream(socket));
    await new Promise((resolve) => this.http?.listen(0, '127.0.0.1', () => resolve(undefined)));
    await new Promise((resolve) => this.udp?.bind(0, '127.0.0.1', () => resolve(undefined)));
    await new Promise((resolve) => this.tcp?.listen(0, '127.0.0.1', () => resolve(undefined)));
    const port = (/** @type {any} */ server) => server.address().port;
    return { http: `http://127.0.0.1:${port(this.http)}`, udp: port(this.udp), tcp: port(this.tcp) };
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    this.http?.closeAllConnections();
    await Promise.all([this.http, this.tcp].map((server) => new Promise((resolve) => server?.close(() => resolve(undefined)))));
    this.udp?.close();
  }

  /** Breaks all syslog connections. */
  cutStreams() {
    for (const socket of this.sockets) socket.destroy();
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #serve(request, response) {
    /** @type {Buffer[]} */
    const parts = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString('utf8');
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const answer = (/** @type {number} */ status, /** @type {unknown} */ body) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    if (path === '/health') {
      this.started ??= performance.now();
      const now = this.clock.now + (performance.now() - this.started) * this.clock.scale;
      return answer(200, { status: 'ok', version: 'recorder', clock: { now: new Date(now).toISOString(), scale: this.clock.scale } });
    }
    const push = /^\/api\/v1\/ingest\/([^/]+)$/.exec(path);
    if (push) {
      const failure = this.failPushes.shift();
      if (failure) return answer(failure, { error: 'asked to fail' });
      this.pushes.push({ source: push[1], token: String(request.headers.authorization), key: String(request.headers['idempotency-key']), body: JSON.parse(text) });
      return answer(202, { accepted: 1 });
    }
    const link = /^\/link\/([^/]+)\/(.+)$/.exec(path);
    if (!link) return answer(404, {});
    this.links.push({ source: link[1], path: link[2], headers: request.headers, text });
    if (link[2] === 'api/getAuth.json') return answer(200, { result: '0', message: `session-${++this.sessions}` });
    return answer(200, { result: '0', message: 'OK' });
  }

  /** Octet-counted frames. @param {net.Socket} socket */
  #stream(socket) {
    this.sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (;;) {
        const space = rest.indexOf(0x20);
        if (space < 0) return;
        const length = Number(rest.subarray(0, space).toString());
        if (rest.length < space + 1 + length) return;
        this.tcpLines.push(rest.subarray(space + 1, space + 1 + length).toString('utf8'));
        rest = rest.subarray(space + 1 + length);
      }
    });
  }
}
