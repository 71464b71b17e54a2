// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A large answer is made as it is read: the server holds a part of it, however slowly the other end takes it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { ask, startServer } from './harness.mjs';

const entities = 400;
const bytes = 100_000;

/** @type {import('./harness.mjs').Server} */
let server;
before(async () => {
  server = await startServer({ args: ['--open'] });
  for (let from = 0; from < entities; from += 50) {
    const batch = [];
    for (let n = from; n < from + 50; ++n)
      batch.push({ id: `urn:ngsi-ld:Report:${String(n).padStart(4, '0')}`, type: 'Report', text: { type: 'Property', value: 'x'.repeat(bytes) } });
    const answer = await ask(`${server.http}/ngsi-ld/v1/entityOperations/create`, { method: 'POST', body: batch });
    assert.equal(answer.status, 201);
  }
  await server.restart(); // what writing took is given back
});
after(() => server.stop());

/** KiB of the server. @param {'VmRSS' | 'VmHWM'} field */
const memory = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a page of 40 MB takes the server a few, also when nobody reads on', async (t) => {
  fs.writeFileSync(`/proc/${server.pid}/clear_refs`, '5'); // the high-water mark begins anew
  const before = memory('VmRSS');
  const response = await new Promise((resolve, reject) => {
    http.get(`${server.http}/ngsi-ld/v1/entities?type=Report&limit=${entities}&options=keyValues`, { agent: false }, resolve).on('error', reject);
  });
  response.pause();
  for (let still = 0, last = 0; still < 25; await moment()) { // until the server has made all it makes unread
    const now = memory('VmHWM');
    still = now === last ? still + 1 : 0;
    last = now;
  }
  const unread = memory('VmHWM') - before;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const read = memory('VmHWM') - before;
  t.diagnostic(`answer ${(text.length / 1e6).toFixed(1)} MB; the server grew by ${(unread / 1024).toFixed(1)} MiB unread, ${(read / 1024).toFixed(1)} MiB at most`);

  const ids = JSON.parse(text).map((/** @type {{ id: string }} */ entity) => entity.id);
  assert.equal(ids.length, entities);
  assert.deepEqual(ids, [...ids].sort());
  assert.ok(read < 16 * 1024, `${read} KiB`);
});
