// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Where messages go out: MQTT, syslog over UDP and TCP, HTTP push, safety-net peers. Each keeps the order of its source,
 * sends at least once, reconnects by itself, and holds a bounded number of messages: `full()` asks the player to wait.
 */

import dgram from 'node:dgram';
import net from 'node:net';
import mqtt from 'mqtt';
import { post } from './http.mjs';
import { hash } from './noise.mjs';
import { PEERS, authRequest, encode, eventHeaders } from './safety-net.mjs';
import { octetCounted } from './syslog.mjs';

/** @typedef {import('./player.mjs').Message} Message */
/** @typedef {{sent: number, refused: number, retries: number, waiting: () => number, full: () => boolean, send: (m: any) => void, close: () => Promise<void>}} Sink */
/** @typedef {(text: string) => void} Complain */

const MAX_COMPLAINTS = 20;

/** Says each complaint once and not too many. @param {(text: string) => void} write @returns {Complain} */
export function complainer(write) {
  const said = new Set();
  return (text) => {
    if (said.has(text) || said.size >= MAX_COMPLAINTS) return;
    said.add(text);
    write(text);
  };
}

/** One gateway connection a device family, as in the field. @implements {Sink} */
export class MqttSink {
  /** @param {string} url with user and password @param {Complain} complain */
  constructor(url, complain) {
    this.url = url;
    this.complain = complain;
    /** @type {Map<string, import('mqtt').MqttClient>} */
    this.clients = new Map();
    this.inFlight = 0;
    this.sent = 0;
    this.refused = 0;
    this.retries = 0;
  }

  waiting() {
    return this.inFlight;
  }

  full() {
    return this.inFlight >= 2000;
  }

  /** @param {Extract<Message, {channel: 'mqtt'}>} m */
  send(m) {
    this.inFlight++;
    this.#client(m.topic.split('/')[1]).publish(m.topic, m.payload, { qos: 1 }, (error) => {
      this.inFlight--;
      if (!error) this.sent++;
      else {
        this.refused++;
        this.complain(`mqtt: ${error.message}`);
      }
    });
  }

  /** @param {string} family */
  #client(family) {
    let client = this.clients.get(family);
    if (client) return client;
    client = mqtt.connect(this.url, { clientId: `haneul-${family}`, clean: true, keepalive: 30, reconnectPeriod: 500, connectTimeout: 5000, queueQoSZero: false });
    client.on('error', (error) => this.complain(`mqtt ${family}: ${error.message}`));
    client.on('reconnect', () => this.retries++);
    this.clients.set(family, client);
    return client;
  }

  async close() {
    await Promise.all([...this.clients.values()].map((client) => new Promise((resolve) => client.end(this.inFlight > 0, {}, resolve))));
  }
}

/** @implements {Sink} */
export class UdpSink {
  /** @param {string} host @param {number} port @param {Complain} complain */
  constructor(host, port, complain) {
    this.socket = dgram.createSocket('udp4');
    this.socket.on('error', (error) => complain(`syslog udp: ${error.message}`));
    this.target = { host, port };
    this.inFlight = 0;
    this.sent = 0;
    this.refused = 0;
    this.retries = 0;
  }

  waiting() {
    return this.inFlight;
  }

  full() {
    return this.inFlight >= 500;
  }

  /** @param {{line: string}} m */
  send(m) {
    this.inFlight++;
    this.socket.send(m.line, this.target.port, this.target.host, (error) => {
      this.inFlight--;
      if (error) this.refused++;
      else this.sent++;
    });
  }

  async close() {
    await new Promise((resolve) => this.socket.close(() => resolve(undefined)));
  }
}

/** Octet-counted syslog. A line is kept until the socket took it over; after a break it goes out again. @implements {Sink} */
export class TcpSink {
  /** @param {string} host @param {number} port @param {Complain} complain */
  constructor(host, port, complain) {
    this.target = { host, port };
    this.complain = complain;
    /** @type {Buffer[]} */
    this.queue = [];
    /** @type {net.Socket | null} */
    this.socket = null;
    this.closed = false;
    this.sent = 0;
    this.refused = 0;
    this.retries = 0;
  }

  waiting() {
    return this.queue.length;
  }

  full() {
    return this.queue.length >= 1000;
  }

  /** @param {{line: string}} m */
  send(m) {
    this.queue.push(octetCounted(m.line));
    if (!this.socket) this.#connect();
    else if (this.queue.length === 1 && !this.socket.connecting) this.#flush();
  }

  #connect() {
    const socket = net.connect(this.target);
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('connect', () => this.#flush());
    socket.on('error', (error) => this.complain(`syslog tcp: ${error.message}`));
    socket.on('close', () => {
      this.socket = null;
      if (this.closed) return;
      this.retries++;
      setTimeout(() => this.closed || this.socket || this.#connect(), 500);
    });
  }

  #flush() {
    const line = this.queue[0];
    const socket = this.socket;
    if (!line || !socket) return;
    socket.write(line, (error) => {
      if (error) return;
      this.queue.shift();
      this.sent++;
      this.#flush();
    });
  }

  async close() {
    this.closed = true;
    const socket = this.socket;
    if (!socket) return;
    await new Promise((resolve) => {
      socket.once('close', resolve);
      socket.end();
      setTimeout(() => socket.destroy(), 1000).unref();
    });
  }
}

/** Messages of one sender, one after the other. */
class Lane {
  /** @param {(m: any) => Promise<void>} work */
  constructor(work) {
    this.work = work;
    /** @type {any[]} */
    this.queue = [];
    this.busy = false;
  }

  /** @param {any} m */
  async add(m) {
    this.queue.push(m);
    if (this.busy) return;
    this.busy = true;
    while (this.queue.length > 0) {
      await this.work(this.queue[0]);
      this.queue.shift();
    }
    this.busy = false;
  }
}

class LaneSink {
  /** @param {Complain} complain @param {number} limit messages waiting in all lanes */
  constructor(complain, limit) {
    this.complain = complain;
    this.limit = limit;
    /** @type {Map<string, Lane>} */
    this.lanes = new Map();
    this.stop = new AbortController();
    this.sent = 0;
    this.refused = 0;
    this.retries = 0;
  }

  waiting() {
    let n = 0;
    for (const lane of this.lanes.values()) n += lane.queue.length;
    return n;
  }

  full() {
    return this.waiting() >= this.limit;
  }

  /** @param {any} m */
  send(m) {
    let lane = this.lanes.get(m.source);
    if (!lane) this.lanes.set(m.source, (lane = new Lane((message) => this.deliver(message))));
    void lane.add(m);
  }

  /** @param {any} _m @returns {Promise<void>} */
  async deliver(_m) {}

  async close() {
    this.stop.abort();
  }
}

/** POST /api/v1/ingest/{source}. @implements {Sink} */
export class PushSink extends LaneSink {
  /** @param {string} server @param {string} token @param {Complain} complain */
  constructor(server, token, complain) {
    super(complain, 200);
    this.server = server;
    this.token = token;
  }

  /** @param {Extract<Message, {channel: 'push'}>} m */
  async deliver(m) {
    const body = JSON.stringify(m.body);
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${this.token}`, 'Idempotency-Key': `sim-${m.source}-${m.at}-${hash(body).toString(16)}` };
    const answer = await post(new URL(`/api/v1/ingest/${m.source}`, this.server), headers, body, this.stop.signal, (why) => {
      this.retries++;
      this.complain(`push ${m.source}: ${why}, trying again`);
    });
    if (!answer) return;
    if (answer.status < 300) this.sent++;
    else {
      this.refused++;
      this.complain(`push ${m.source}: refused with ${answer.status} ${answer.text.slice(0, 300)}`);
    }
  }
}

/** The peers 112, 119, police and moj: sign in, then report. @implements {Sink} */
export class LinkSink extends LaneSink {
  /** @param {string} url @param {Record<string, string>} keys by source @param {Complain} complain */
  constructor(url, keys, complain) {
    super(complain, 100);
    this.url = url;
    this.keys = keys;
    /** @type {Map<string, string>} */
    this.sessions = new Map();
    this.signIns = 0;
  }

  /** @param {Extract<Message, {channel: 'auth' | 'link'}>} m */
  async deliver(m) {
    if (m.channel === 'auth') {
      await this.#signIn(m.source);
      return;
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      const session = this.sessions.get(m.source) ?? (await this.#signIn(m.source));
      if (session === null) return;
      const answer = await this.#post(m.source, 'linkHttp/recvEvent.json', eventHeaders(m.source, session), encode(m.source, m.message));
      if (!answer) return;
      if (answer.status < 300 && resultOf(answer.text) === '0') {
        this.sent++;
        return;
      }
      this.sessions.delete(m.source);
      if (attempt === 1) this.#refuse(m.source, 'event', answer);
    }
  }

  /** @param {string} source @returns {Promise<string | null>} session */
  async #signIn(source) {
    const { headers, body } = authRequest(source, this.keys[source] ?? PEERS[source].apiKey);
    const answer = await this.#post(source, 'api/getAuth.json', headers, body);
    if (!answer) return null;
    if (answer.status < 300 && resultOf(answer.text) === '0') {
      this.signIns++;
      const session = String(JSON.parse(answer.text).message);
      this.sessions.set(source, session);
      return session;
    }
    this.#refuse(source, 'sign-in', answer);
    return null;
  }

  /** @param {string} source @param {string} path @param {Record<string, string>} headers @param {string} body */
  #post(source, path, headers, body) {
    return post(new URL(`/link/${source}/${path}`, this.url), headers, body, this.stop.signal, (why) => {
      this.retries++;
      this.complain(`link ${source}: ${why}, trying again`);
    });
  }

  /** @param {string} source @param {string} what @param {import('./http.mjs').Answer} answer */
  #refuse(source, what, answer) {
    this.refused++;
    this.complain(`link ${source}: ${what} refused with ${answer.status} ${answer.text.slice(0, 300)}`);
  }
}

/** @param {string} text @returns {string | undefined} */
function resultOf(text) {
  try {
    return String(JSON.parse(text).result);
  } catch {
    return undefined;
  }
}
