// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** bench/peers against two of our own servers, and its measure of time against a server that stands still. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import test from 'node:test';
import { openLoop, peerAt, percentiles } from '../../bench/peers/load.mjs';
import { names } from '../../bench/peers/workloads.mjs';
import { ask, startServer } from './harness.mjs';

/** @param {string[]} words @returns {Promise<{ code: number, out: string, err: string }>} */
const peers = (...words) =>
  new Promise((resolve) => {
    execFile('bench/peers/run', words, { timeout: 120_000 }, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });

test('two brokers get the same work and one line each', async (t) => {
  const a = await startServer({ args: ['--open'] });
  t.after(() => a.stop());
  const b = await startServer({ args: ['--open'] });
  t.after(() => b.stop());

  const { code, out, err } = await peers(a.http, b.http, '--rate', '60', '--seconds', '1', '--entities', '150', '--batch', '10', '--drain', '20');

  assert.equal(code, 0, err + out);
  const lines = out.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.workload), names);
  for (const line of lines) {
    for (const side of [line.a, line.b]) {
      assert.equal(side.failed, 0, side.first_error);
      assert.equal(side.sent, line.workload === 'batch' ? 6 : 60);
      assert.ok(side.p50_ms > 0 && side.p50_ms <= side.p90_ms && side.p90_ms <= side.p99_ms && side.p99_ms <= side.p99_9_ms, JSON.stringify(side));
    }
    assert.equal(line.value, line.a.p99_ms);
    assert.ok(line.ratios.p50 > 0);
  }
  assert.deepEqual([lines[6].a.notified, lines[6].b.missing], [60, 0]);
  for (const server of [a, b]) assert.equal((await ask(`${server.http}/ngsi-ld/v1/types`)).json.typeList.filter((/** @type {string} */ type) => type.startsWith('Bench')).length, 0);
});

test('what comes while a server stands still waits from when it was due', async (t) => {
  let stood = false;
  const server = http.createServer((request, response) => {
    if (stood) return void response.end();
    stood = true;
    setTimeout(() => response.end(), 500); // one connection: everything behind it waits
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const peer = peerAt(`http://127.0.0.1:${port}`, {}, 1);
  t.after(() => peer.agent.destroy());

  const figures = await openLoop(peer, { rate: 100, seconds: 0.5 }, () => ({ method: 'GET', path: '/', expect: [200] }));

  assert.equal(figures.failed, 0, figures.first_error);
  assert.ok(figures.p50_ms > 200, `half of them waited a quarter of a second and more, not ${figures.p50_ms} ms`);
  assert.ok(figures.p99_ms >= 490, `${figures.p99_ms}`);
});

test('percentiles are values that were seen', () => {
  assert.deepEqual(percentiles(Array.from({ length: 1000 }, (_, n) => 1000 - n)), { p50_ms: 500, p90_ms: 900, p99_ms: 990, p99_9_ms: 999 });
  assert.equal(percentiles([]).p99_ms, 0);
});

test('says what it is and what was wrong with the call', async () => {
  assert.match((await peers('--help')).out, /usage: bench\/peers\/run URL-A URL-B/);
  for (const words of [['http://127.0.0.1:1'], ['ftp://a', 'http://b'], ['http://a', 'http://b', '--rate', 'x'], ['http://a', 'http://b', '--workloads', 'sing']]) {
    const { code, err } = await peers(...words);
    assert.equal(code, 2);
    assert.match(err, /^peers: .*--help/);
  }
});
