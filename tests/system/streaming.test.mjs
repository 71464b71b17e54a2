// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A large answer is made as it is read: the server holds a part of it, however slowly the other end takes it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { ask, startServer } from './harness.mjs';

const entities = 400;
const places = 10;
const bytes = 100_000;

/** @type {import('./harness.mjs').Server} */
let server;
const text = { type: 'Property', value: 'x'.repeat(bytes) };
const create = async (/** @type {any[]} */ batch) => {
  const answer = await ask(`${server.http}/ngsi-ld/v1/entityOperations/create`, { method: 'POST', body: batch });
  assert.equal(answer.status, 201);
};
before(async () => {
  server = await startServer({ args: ['--open'] });
  for (let from = 0; from < entities; from += 50) {
    const batch = [];
    for (let n = from; n < from + 50; ++n) {
      batch.push({
        id: `urn:ngsi-ld:Report:${String(n).padStart(4, '0')}`,
        type: 'Report',
        text,
        in: { type: 'Relationship', object: `urn:ngsi-ld:Place:${n % places}` },
        ...(n === entities - 1 ? { kind: { type: 'VocabProperty', vocab: 'last' } } : {}),
      });
    }
    await create(batch);
  }
  await create(Array.from({ length: places }, (_, n) => ({ id: `urn:ngsi-ld:Place:${n}`, type: 'Place', text })));
  await server.restart(); // what writing took is given back
});
after(() => server.stop());

/** KiB of the server. @param {'VmRSS' | 'VmHWM'} field */
const memory = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

/** What the server grew by, KiB, until it made all it makes while nobody reads, and at most, and the answer. @param {string} address @param {Record<string, string>} [headers] */
async function read(address, headers = {}) {
  fs.writeFileSync(`/proc/${server.pid}/clear_refs`, '5'); // the high-water mark begins anew
  const before = memory('VmRSS');
  const response = await new Promise((resolve, reject) => {
    http.get(server.http + address, { agent: false, headers }, resolve).on('error', reject);
  });
  response.pause();
  for (let still = 0, last = 0; still < 25; await moment()) {
    const now = memory('VmHWM');
    still = now === last ? still + 1 : 0;
    last = now;
  }
  const unread = memory('VmHWM') - before;
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { unread, most: memory('VmHWM') - before, body, status: response.statusCode, headers: response.headers };
}

const reports = `/ngsi-ld/v1/entities?type=Report&limit=${entities}`;
const pages = [
  { name: 'a page', address: `${reports}&options=keyValues`, megabytes: 40 },
  { name: 'a page with what it links to inside', address: `${reports}&join=inline`, megabytes: 80, inside: true },
  { name: 'a page with what it links to behind it', address: `${reports}&join=flat`, megabytes: 40, behind: places },
  { name: 'a page for a reader of an earlier version', address: reports, megabytes: 40, prefer: 'ngsi-ld=1.5' },
];
for (const page of pages) {
  test(`${page.name} of ${page.megabytes} MB takes the server a few, also when nobody reads on`, async (t) => {
    const answer = await read(page.address, page.prefer ? { Prefer: page.prefer } : {});
    t.diagnostic(`answer ${(answer.body.length / 1e6).toFixed(1)} MB; the server grew by ${(answer.unread / 1024).toFixed(1)} MiB unread, ${(answer.most / 1024).toFixed(1)} MiB at most`);

    assert.equal(answer.status, page.prefer ? 203 : 200);
    assert.ok(answer.body.length > page.megabytes * 1e6);
    const all = JSON.parse(answer.body);
    const ids = all.map((/** @type {{ id: string }} */ entity) => entity.id);
    const found = ids.filter((/** @type {string} */ id) => id.includes('Report'));
    assert.equal(found.length, entities);
    assert.deepEqual(found, [...found].sort());
    assert.equal(ids.length, entities + (page.behind ?? 0));
    if (page.inside) assert.ok(all.every((/** @type {any} */ entity) => entity.in.entity.text.value.length === bytes));
    if (page.prefer) {
      assert.equal(answer.headers['preference-applied'], page.prefer);
      assert.deepEqual(all.at(-1).kind, { type: 'Property', value: 'last' });
    }
    assert.ok(answer.most < 16 * 1024, `${answer.most} KiB`);
  });
}

test('an answer that is kept for its Idempotency-Key is whole, and has a bound that it names', async () => {
  const query = (/** @type {number} */ limit, /** @type {Record<string, string>} */ headers) =>
    ask(`${server.http}/ngsi-ld/v1/entityOperations/query?limit=${limit}`, { method: 'POST', body: { type: 'Query', entities: [{ type: 'Report' }] }, headers });

  const small = await query(10, { 'Idempotency-Key': 'small' });
  const again = await query(10, { 'Idempotency-Key': 'small' });
  const large = await query(entities, { 'Idempotency-Key': 'large' });

  assert.equal(small.status, 200);
  assert.equal(again.text, small.text);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(large.status, 403, large.text.slice(0, 200));
  assert.match(large.json.detail, /at most 4194304 bytes .* leave the key out/);
  assert.equal((await query(entities, {})).json.length, entities);
});
