// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** What is asked of a broker, by nothing but the NGSI-LD interface and the core @context. */
import http from 'node:http';
import { openLoop, percentiles, round, send } from './load.mjs';

/** @typedef {import('./load.mjs').Peer} Peer */
/** @typedef {import('./load.mjs').Call} Call */
/** @typedef {import('./load.mjs').Figures} Figures */
/** @typedef {{ rate: number, seconds: number, entities: number, batch: number, receiver: string, run: string, drain_ms: number }} Settings */

export const names = ['create', 'update', 'batch', 'retrieve', 'query', 'geo', 'notify'];

const api = '/ngsi-ld/v1';
const step = 0.0003; // degrees between neighbours, about 30 m

export class Workloads {
  /** @param {Peer} peer @param {Settings} settings @param {string} side */
  constructor(peer, settings, side) {
    this.peer = peer;
    this.settings = settings;
    this.type = `BenchStation${settings.run}${side}`;
    /** @type {string[]} */
    this.made = [];
  }

  /** @param {number} n */
  id(n) {
    return `urn:ngsi-ld:${this.type}:${String(n).padStart(7, '0')}`;
  }

  /** Five attributes, as the budgets of the design count them. @param {number} n @param {number} value */
  entity(n, value) {
    const observedAt = '2026-11-22T10:00:00Z';
    return {
      id: this.id(n),
      type: this.type,
      name: { type: 'Property', value: `Station ${n}` },
      location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [126.5 + (n % 1000) * step, 35.7 + Math.floor(n / 1000) * step] } },
      pm10: { type: 'Property', value: value % 200, unitCode: 'GQ', observedAt },
      pm25: { type: 'Property', value: value % 90, unitCode: 'GQ', observedAt },
      status: { type: 'Property', value: 'ok' },
    };
  }

  /** @param {Call} call */
  async must(call) {
    const answer = await send(this.peer, call);
    if (!call.expect.includes(answer.status)) throw new Error(`${this.peer.url}: ${call.method} ${call.path}: ${answer.status} ${answer.text.slice(0, 300)}`);
  }

  async fill() {
    for (let from = 0; from < this.settings.entities; from += 100) {
      const body = [];
      for (let n = from; n < Math.min(from + 100, this.settings.entities); ++n) body.push(this.entity(n, n * 7919));
      this.made.push(...body.map((entity) => entity.id));
      await this.must({ method: 'POST', path: `${api}/entityOperations/upsert`, body, expect: [200, 201, 204] });
    }
  }

  async clear() {
    for (let from = 0; from < this.made.length; from += 500)
      await send(this.peer, { method: 'POST', path: `${api}/entityOperations/delete`, body: this.made.slice(from, from + 500), expect: [] });
  }

  /** @param {string} name @returns {Promise<Figures & { notified?: number, missing?: number }>} */
  run(name) {
    const { entities, batch, rate, seconds } = this.settings;
    const any = (/** @type {number} */ n) => (n * 7919) % entities;
    const pace = { rate, seconds };
    switch (name) {
      case 'create':
        return openLoop(this.peer, pace, (n) => {
          this.made.push(this.id(entities + n));
          return { method: 'POST', path: `${api}/entities`, body: this.entity(entities + n, n), expect: [201] };
        });
      case 'update':
        return openLoop(this.peer, pace, (n) => this.update(any(n), { pm10: { type: 'Property', value: n % 200 } }));
      case 'batch': // as many entities a second as the others
        return openLoop(this.peer, { rate: Math.max(1, rate / batch), seconds }, (n) => ({
          method: 'POST',
          path: `${api}/entityOperations/update`,
          body: Array.from({ length: batch }, (_, i) => ({ id: this.id(any(n * batch + i)), type: this.type, pm25: { type: 'Property', value: (n + i) % 90 } })),
          expect: [204],
        }));
      case 'retrieve':
        return openLoop(this.peer, pace, (n) => ({ method: 'GET', path: `${api}/entities/${this.id(any(n))}`, expect: [200] }));
      case 'query':
        return openLoop(this.peer, pace, (n) => ({
          method: 'GET', path: `${api}/entities?type=${this.type}&q=${encodeURIComponent(`pm10>${190 + (n % 9)}`)}&limit=20`, expect: [200],
        }));
      case 'geo':
        return openLoop(this.peer, pace, (n) => ({
          method: 'GET',
          path: `${api}/entities?type=${this.type}&georel=${encodeURIComponent('near;maxDistance==150')}&geometry=Point&coordinates=${encodeURIComponent(JSON.stringify(this.entity(any(n), 0).location.value.coordinates))}&limit=20`,
          expect: [200],
        }));
      case 'notify':
        return this.notify(pace);
      default:
        throw new Error(`no workload '${name}'; there are: ${names.join(', ')}`);
    }
  }

  /** @param {number} n @param {Record<string, unknown>} attributes @returns {Call} */
  update(n, attributes) {
    return { method: 'PATCH', path: `${api}/entities/${this.id(n)}/attrs`, body: attributes, expect: [204] };
  }

  /** Updates that a subscription tells of; the latency is that of the notification, from when its update was due.
   * @param {{ rate: number, seconds: number }} pace */
  async notify(pace) {
    /** @type {Map<number, number>} */
    const due = new Map();
    /** @type {number[]} */
    const latencies = [];
    const told = (/** @type {any} */ notification) => {
      for (const entity of notification?.data ?? []) {
        const value = entity?.status?.value;
        const since = due.get(value);
        if (since === undefined) continue; // told again
        due.delete(value);
        latencies.push(performance.now() - since);
      }
    };
    const receiver = http.createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        response.writeHead(200).end();
        try {
          told(JSON.parse(text));
        } catch {
          // no notification
        }
      });
    });
    receiver.keepAliveTimeout = 60_000;
    await new Promise((resolve) => receiver.listen(0, this.settings.receiver, () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (receiver.address());
    const id = `urn:ngsi-ld:Subscription:${this.type}`;
    try {
      await this.must({
        method: 'POST',
        path: `${api}/subscriptions`,
        body: {
          id,
          type: 'Subscription',
          entities: [{ type: this.type }],
          watchedAttributes: ['status'],
          notification: { attributes: ['status'], endpoint: { uri: `http://${this.settings.receiver}:${port}/notify`, accept: 'application/json' } },
        },
        expect: [201],
      });
      // The first one warms the way up; it is not counted.
      await this.must(this.update(0, { status: { type: 'Property', value: -1 } }));
      const figures = await openLoop(this.peer, pace, (n) => this.update(n % this.settings.entities, { status: { type: 'Property', value: n } }), (n, at) => due.set(n, at));
      for (const end = performance.now() + this.settings.drain_ms; due.size > 0 && performance.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 10));
      return { ...figures, ...percentiles(latencies), notified: latencies.length, missing: due.size, per_second: round(latencies.length / figures.seconds) };
    } finally {
      await send(this.peer, { method: 'DELETE', path: `${api}/subscriptions/${id}`, expect: [] });
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    }
  }
}
