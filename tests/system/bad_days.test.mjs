// SPDX-License-Identifier: Apache-2.0
// @ts-check
// Two servers on one data directory, and more from sensors than the disk takes.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ask, startServer, until } from './harness.mjs';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');

test('a second server on the same data ends with exit code 3 and the first one goes on', async () => {
  const server = await startServer();
  try {
    const second = spawnSync(program, ['serve', '--data', server.data, '--listen', '127.0.0.1:0'], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(second.status, 3, second.stderr);
    assert.match(second.stderr, new RegExp(`in use by process ${server.pid}`));
    const token = await server.token('application');
    assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities`, { token, body: { id: 'urn:x:1', type: 'X' } })).status, 201);
  } finally {
    await server.stop();
  }
});

test('when sensors send more than may wait they are told 429; urgent events and the desk pass, nothing acknowledged is lost', async () => {
  const server = await startServer({ keep: true, config: 'waiting_observations: 400\n' });
  try {
    const token = await server.token('application');
    const acknowledged = new Set();
    let refused = 0;
    let going = true;
    const sensors = Array.from({ length: 12 }, async (_, sensor) => {
      for (let round = 0; going; ++round) {
        const ids = Array.from({ length: 100 }, (__, n) => `urn:ngsi-ld:Sensor:${sensor}-${(round % 5) * 100 + n}`);
        const body = ids.map((id) => ({ id, type: 'Sensor', level: { type: 'Property', value: round } }));
        const answer = await ask(`${server.http}/ngsi-ld/v1/entityOperations/upsert`, { token, body });
        if (answer.status === 429) refused += 1;
        else if (answer.status < 300 && answer.status !== 207) for (const id of ids) acknowledged.add(id);
        else if (answer.status === 207) refused += /429|class_full|overload/i.test(answer.text) ? 1 : 0;
        else assert.fail(`${answer.status} ${answer.text}`);
      }
    });
    const warning = (/** @type {number} */ n) => ({ tmFc: '202611251200', tmEf: '202611251300', zone: '하늘시', zoneCode: 'L1', wrn: `호우${n}`, lvl: '경보', cmd: '발표', text: 'x' });
    const took = [];
    for (let n = 0; n < 8; ++n) {
      const begin = performance.now();
      const urgent = await ask(`${server.http}/api/v1/ingest/weather`, { token, body: warning(n) });
      assert.equal(urgent.status, 200, urgent.text);
      assert.equal(urgent.json.accepted, 1, urgent.text);
      took.push(performance.now() - begin);
      await server.admin('user', 'add', `kim${n}`, '--role', 'operator');
    }
    while (refused === 0 && took.length < 200) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      took.push(0);
    }
    going = false;
    await Promise.all(sensors);
    assert.ok(refused > 0, 'the overload was real');
    console.log(`overload: ${refused} batches refused, ${acknowledged.size} entities acknowledged, urgent events in ${Math.max(...took).toFixed(0)} ms at most`);

    await server.kill();
    await server.restart();
    for (const id of [...acknowledged].filter((_, n) => n % 37 === 0)) {
      assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities/${id}`, { token })).status, 200, id);
    }
    assert.equal((await server.admin('user', 'list')).items.length, 9);
  } finally {
    await server.kill();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  }
});

test('a record over which two starts aborted is left out, and the board says so', async () => {
  const server = await startServer({ keep: true });
  try {
    const token = await server.token('application');
    for (const id of ['urn:x:good', 'urn:x:bad']) {
      assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities`, { token, body: { id, type: 'X' } })).status, 201);
    }
    await server.stop();
    const lines = execFileSync(program, ['journal', 'export', '--data', server.data, '--kind', 'entity'], { encoding: 'utf8' }).trim().split('\n');
    const bad = lines.map((line) => JSON.parse(line)).find((record) => record.subject === 'urn:x:bad');
    // What two aborts over it leave behind (fold_guard_test lets processes really abort); everything is folded again.
    fs.writeFileSync(path.join(server.data, 'journal', 'poison.json'), JSON.stringify({ records: [{ partition: bad.partition, seq: bad.seq, aborts: 2 }] }));
    fs.rmSync(path.join(server.data, 'state'), { recursive: true });

    await server.restart();

    assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities/urn:x:good`, { token })).status, 200);
    assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities/urn:x:bad`, { token })).status, 404);
    const seat = await server.token('operator');
    const alarms = async () => (await ask(`${server.http}/api/v1/alarms`, { token: seat })).json.items ?? [];
    const told = (await until(alarms, (items) => items.length > 0))[0];
    assert.equal(told.rule, 'platform-poison-record');
    assert.equal(told.severity, 1);
    assert.equal(told.key, `${bad.partition}/${bad.seq}`);
    await server.restart();
    assert.equal((await alarms()).length, 1, 'told once');
    await server.stop();
    assert.equal(JSON.parse(execFileSync(program, ['journal', 'verify', '--data', server.data, '--json'], { encoding: 'utf8' })).equal, true);
  } finally {
    await server.kill();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  }
});
