// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A disk that takes its time: what is answered is still on it, what matters passes first, the room is told, and told again when it is over. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { ask, startServer, until } from './harness.mjs';

const library = process.env.SLOW_SYNC_LIBRARY ?? '';
const skip = !fs.existsSync(library) || /asan|tsan/.test(library); // a sanitizer wants to be loaded first

test('a slow disk delays answers, loses nothing, raises one alarm and clears it', { skip, timeout: 120_000 }, async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-slow-disk-'));
  const control = path.join(folder, 'delay_ms');
  const takes = (/** @type {number} */ ms) => fs.writeFileSync(control, `${ms}`);
  takes(0);
  const server = await startServer({ data: folder, config: 'waiting_observations: 200\n', env: { LD_PRELOAD: library, SLOW_SYNC: control } });
  t.after(async () => {
    takes(0);
    await server.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const token = await server.token('application');
  const supervisor = await server.token('supervisor');
  const alarm = async () => (await ask(`${server.http}/api/v1/alarms`, { token: supervisor })).json.items.find((/** @type {any} */ one) => one.rule === 'disk-slow');

  takes(800);
  let going = true;
  let refused = 0;
  const acknowledged = new Set();
  const sensors = Array.from({ length: 8 }, async (_, sensor) => {
    for (let round = 0; going; ++round) {
      const ids = Array.from({ length: 50 }, (__, n) => `urn:ngsi-ld:Sensor:${sensor}-${round}-${n}`);
      const body = ids.map((id) => ({ id, type: 'Sensor', level: { type: 'Property', value: round } }));
      const answer = await ask(`${server.http}/ngsi-ld/v1/entityOperations/upsert`, { token, body });
      if (answer.status < 300 && answer.status !== 207) for (const id of ids) acknowledged.add(id);
      else if (answer.status === 429 || answer.status === 207) refused += 1;
      else assert.fail(`${answer.status} ${answer.text}`);
    }
  });
  const begin = performance.now();
  const urgent = await ask(`${server.http}/api/v1/ingest/weather`, {
    token,
    body: { tmFc: '202611251200', tmEf: '202611251300', zone: '하늘시', zoneCode: 'L1', wrn: '호우', lvl: '경보', cmd: '발표', text: 'x' },
  });
  assert.equal(urgent.json.accepted, 1, urgent.text);
  const took = performance.now() - begin;
  assert.ok(took > 700, `answered after ${took} ms: before the disk had it`);
  assert.ok(took < 6_000, `answered after ${took} ms: not before the sensors`);
  const raised = await until(alarm, (one) => one !== undefined, 40_000);
  assert.equal(raised.severity, 2);
  assert.match(raised.title.en, /^Slow disk · \d+(\.\d+)? s a write$/);
  assert.match(raised.title.ko, /^저장 장치 느림/);
  assert.equal((await ask(`${server.http}/ready`)).status, 200, 'slow is not out of order');

  takes(7_000);
  const stuck = await until(() => ask(`${server.http}/ready`), (answer) => answer.status === 503, 20_000);
  assert.match(stuck.text, /a synced write takes \d/);
  assert.equal((await ask(`${server.http}/health`)).status, 200, 'reading goes on');

  takes(0);
  going = false;
  await Promise.all(sensors);
  assert.ok(refused > 0, 'sensors were told to come again while the disk was slow');
  await until(() => ask(`${server.http}/ready`), (answer) => answer.status === 200, 20_000);
  // The room's own records keep coming; five quick looks in a row and it is over.
  const writing = setInterval(() => void ask(`${server.http}/ngsi-ld/v1/entityOperations/upsert`, { token, body: [{ id: 'urn:ngsi-ld:Sensor:x', type: 'Sensor' }] }), 200);
  const cleared = await until(alarm, (one) => one === undefined || ['returned', 'normal'].includes(one.state), 40_000).finally(() => clearInterval(writing));
  t.diagnostic(`urgent after ${took.toFixed(0)} ms, ${refused} batches refused, ${acknowledged.size} entities acknowledged; then ${JSON.stringify(cleared)?.slice(0, 200)}`);

  await server.kill();
  await server.restart();
  for (const id of [...acknowledged].filter((_, n) => n % 23 === 0)) assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities/${id}`, { token })).status, 200, id);
});
