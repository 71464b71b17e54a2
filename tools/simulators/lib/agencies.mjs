// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The receiving side of the agencies: what the centre answers and sends is acknowledged, kept and shown. Loopback only. */

import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import { hash } from './noise.mjs';
import { PEERS } from './safety-net.mjs';

const KEEP = 10000;
const MAX_BODY = 1 << 20;

/** @typedef {{n: number, at: string, path: string, source: string, kind: 'auth' | 'event' | 'webhook', headers: Record<string, unknown>, body: any}} Received */

export class Agencies {
  /** @param {{keys?: Record<string, string>, record?: string, now?: () => number}} [options] now: virtual clock, ms UTC */
  constructor(options = {}) {
    this.keys = options.keys ?? {};
    this.now = options.now ?? (() => Date.now());
    /** @type {Received[]} the newest KEEP */
    this.received = [];
    this.total = 0;
    /** @type {Map<string, string>} session by source */
    this.sessions = new Map();
    this.file = options.record ? createWriteStream(options.record, { flags: 'a' }) : null;
    this.server = createServer((request, response) => void this.#serve(request, response));
  }

  /** @param {string} host @param {number} port 0 = any free one @returns {Promise<string>} base URL */
  async listen(host, port) {
    await new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => resolve(undefined));
    });
    const address = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://${host}:${address.port}`;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(() => resolve(undefined)));
    if (this.file) await new Promise((resolve) => this.file?.end(() => resolve(undefined)));
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #serve(request, response) {
    const path = new URL(request.url ?? '/', 'http://agency').pathname;
    const answer = (/** @type {number} */ status, /** @type {unknown} */ body) => response.writeHead(status, { 'Content-Type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
    if (request.method === 'GET' && path === '/received') return answer(200, { total: this.total, received: this.received });
    const text = await readBody(request);
    if (text === null) return answer(413, { result: '1', message: `more than ${MAX_BODY} bytes` });
    const body = parse(text, request.headers['content-type'] ?? '');
    if (body === undefined) return answer(400, { result: '1', message: 'neither JSON nor a form' });
    const [, source, ...rest] = path.split('/');
    const tail = rest.join('/');
    if (source === 'webhook') return this.#webhook(path, tail, request, body, answer);
    if (request.method !== 'POST' || !PEERS[source]) return answer(404, { result: '1', message: `no agency at ${path}` });
    if (tail === 'api/getAuth.json') return this.#auth(path, source, request, body, answer);
    if (tail === 'linkHttp/recvEvent.json' || tail === 'api/reqEvent.json') return this.#event(path, source, request, body, answer);
    return answer(404, { result: '1', message: `no service at ${path}` });
  }

  /** @param {string} path @param {string} name @param {import('node:http').IncomingMessage} request @param {any} body @param {(status: number, body: unknown) => void} answer */
  #webhook(path, name, request, body, answer) {
    this.#keep(path, name, 'webhook', request, body);
    answer(200, { ok: true });
  }

  /** @param {string} path @param {string} source @param {import('node:http').IncomingMessage} request @param {any} body @param {(status: number, body: unknown) => void} answer */
  #auth(path, source, request, body, answer) {
    this.#keep(path, source, 'auth', request, { apiKey: '***' });
    if (body.apiKey !== (this.keys[source] ?? PEERS[source].apiKey)) return answer(200, { result: '1', message: 'unknown apiKey' });
    const session = `${source}-${hash(`${source}${this.total}`).toString(16).padStart(8, '0')}`;
    this.sessions.set(source, session);
    answer(200, { result: '0', message: session });
  }

  /** @param {string} path @param {string} source @param {import('node:http').IncomingMessage} request @param {any} body @param {(status: number, body: unknown) => void} answer */
  #event(path, source, request, body, answer) {
    if (request.headers['x-scsns-secret'] !== this.sessions.get(source)) return answer(200, { result: '1', message: 'no session' });
    const event = body.body ?? body.Body;
    if (!event?.evtId) return answer(200, { result: '1', message: 'no body.evtId' });
    this.#keep(path, source, 'event', request, body);
    answer(200, { result: '0', message: 'OK' });
  }

  /** @param {string} path @param {string} source @param {Received['kind']} kind @param {import('node:http').IncomingMessage} request @param {any} body */
  #keep(path, source, kind, request, body) {
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([key]) => key.startsWith('x-') || key === 'content-type' || key === 'idempotency-key'));
    delete headers['x-scsns-secret'];
    const entry = { n: ++this.total, at: new Date(this.now()).toISOString(), path, source, kind, headers, body };
    this.received.push(entry);
    if (this.received.length > KEEP) this.received.shift();
    this.file?.write(`${JSON.stringify(entry)}\n`);
  }
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<string | null>} null when too long */
async function readBody(request) {
  /** @type {Buffer[]} */
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_BODY) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @param {string} text @param {string} type @returns {any} undefined when it cannot be read */
function parse(text, type) {
  try {
    if (!type.includes('x-www-form-urlencoded')) return text === '' ? {} : JSON.parse(text);
    const form = Object.fromEntries(new URLSearchParams(text));
    for (const key of ['Body', 'body', 'apSeq', 'tranSysHis', 'callBack']) if (form[key]) form[key] = JSON.parse(form[key]);
    return form;
  } catch {
    return undefined;
  }
}
