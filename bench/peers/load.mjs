// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Open-loop load: request n is due at begin + n / rate whatever became of those before it, and its latency counts from
 * then. So a server that stands still for a second owes a second of requests their time (no coordinated omission).
 */
import http from 'node:http';

/** @typedef {{ method: string, path: string, body?: unknown, type?: string, expect: number[] }} Call */
/** @typedef {{ url: string, headers: Record<string, string>, agent: http.Agent }} Peer */
/** @typedef {{ sent: number, failed: number, first_error: string, seconds: number, per_second: number, late_ms: number, p50_ms: number, p90_ms: number, p99_ms: number, p99_9_ms: number }} Figures */

const now = () => performance.now();

/** @param {string} url @param {Record<string, string>} headers @param {number} connections @returns {Peer} */
export function peerAt(url, headers, connections) {
  return { url: url.replace(/\/+$/, ''), headers, agent: new http.Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' }) };
}

/** One request; its status and text. Never throws: what fails is status 0. @param {Peer} peer @param {Call} call @param {number} [timeout_ms]
 * @returns {Promise<{ status: number, text: string }>} */
export function send(peer, call, timeout_ms = 30_000) {
  return new Promise((resolve) => {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    /** @type {Record<string, string | number>} */
    const headers = { accept: 'application/json', ...peer.headers };
    if (body !== undefined) {
      headers['content-type'] = call.type ?? 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    const request = http.request(peer.url + call.path, { method: call.method, headers, agent: peer.agent, timeout: timeout_ms }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', (error) => resolve({ status: 0, text: String(error) }));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${timeout_ms} ms`)));
    request.on('error', (error) => resolve({ status: 0, text: String(error) }));
    request.end(body);
  });
}

/** The value that the fraction `q` of all does not pass; 0 of none. @param {Float64Array} sorted @param {number} q */
export const quantile = (sorted, q) => (sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]);

/** @param {number[]} latencies */
export function percentiles(latencies) {
  const sorted = Float64Array.from(latencies).sort();
  const at = (/** @type {number} */ q) => Math.round(quantile(sorted, q) * 1000) / 1000;
  return { p50_ms: at(0.5), p90_ms: at(0.9), p99_ms: at(0.99), p99_9_ms: at(0.999) };
}

/**
 * Sends `make(n)` at `rate` a second for `seconds`, and waits for every answer.
 * @param {Peer} peer @param {{ rate: number, seconds: number }} pace @param {(n: number) => Call} make
 * @param {(n: number, due: number) => void} [noting]  when request n was due, before it is sent
 * @returns {Promise<Figures>}  late_ms: how long after it was due the generator itself sent the latest one
 */
export async function openLoop(peer, { rate, seconds }, make, noting) {
  const count = Math.max(1, Math.round(rate * seconds));
  /** @type {number[]} */
  const latencies = [];
  let failed = 0;
  let late = 0;
  let first_error = '';
  /** @type {Promise<void>[]} */
  const open = [];
  const begin = now() + 20;
  for (let n = 0; n < count; ) {
    for (; n < count && now() >= begin + (n * 1000) / rate; ++n) {
      const due = begin + (n * 1000) / rate;
      const call = make(n);
      noting?.(n, due);
      late = Math.max(late, now() - due);
      open.push(
        send(peer, call).then(({ status, text }) => {
          latencies.push(now() - due);
          if (call.expect.includes(status)) return;
          ++failed;
          first_error ||= `${call.method} ${call.path}: ${status} ${text.slice(0, 200)}`;
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  const took = (now() - begin) / 1000;
  return { sent: count, failed, first_error, seconds: round(took), per_second: round(count / took), late_ms: round(late), ...percentiles(latencies) };
}

/** @param {number} value */
export const round = (value) => Math.round(value * 1000) / 1000;
