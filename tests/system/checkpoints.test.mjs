// SPDX-License-Identifier: Apache-2.0
// @ts-check
// Checkpoints and retention on the real server: a start goes on from a checkpoint, a damaged one is passed over, what is
// too old leaves, and journal and state still say the same.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ask, startServer, until } from './harness.mjs';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const kDesk = 0x8000;

/** @param {import('./harness.mjs').Server} server @param {string[]} words */
const offline = (server, ...words) => JSON.parse(execFileSync(program, ['journal', ...words, '--data', server.data, '--json'], { encoding: 'utf8' }));

/** @param {string} data */
const kept = (data) => {
  const folder = path.join(data, 'checkpoints');
  return fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.startsWith('desk-8000-') && name.endsWith('.ckpt')) : [];
};

/** @param {import('./harness.mjs').Server} server @param {string} token @param {string} id */
const sensor = (server, token, id) =>
  ask(`${server.http}/ngsi-ld/v1/entityOperations/upsert`, {
    token,
    type: 'application/json',
    body: Array.from({ length: 50 }, (_, n) => ({ id: `urn:ngsi-ld:Sensor:${id}-${n}`, type: 'Sensor', level: { type: 'Property', value: n } })),
  });

test('a desk goes on from its newest checkpoint, and from the one before when that one is damaged', async () => {
  const server = await startServer({ keep: true, config: 'checkpoint_records: 3\n' });
  try {
    const token = await server.token('application');
    await server.admin('user', 'add', 'kim', '--role', 'operator');
    await server.restart();  // the first round after a start makes one
    await until(async () => kept(server.data), (names) => names.length >= 1);
    await server.admin('user', 'add', 'lee', '--role', 'operator');
    await server.restart();
    await until(async () => kept(server.data), (names) => names.length >= 2);
    await server.stop();

    const desk = offline(server, 'inspect').partitions.find((/** @type {any} */ one) => one.id === kDesk);
    assert.ok(desk.checkpoint_seq > 0 && desk.checkpoint_seq <= desk.last_seq, JSON.stringify(desk));
    const verified = offline(server, 'verify');
    assert.equal(verified.equal, true, JSON.stringify(verified));

    const newest = path.join(server.data, 'checkpoints', kept(server.data).sort().at(-1) ?? '');
    const bytes = fs.readFileSync(newest);
    bytes[bytes.length - 40] ^= 1;
    fs.writeFileSync(newest, bytes);
    await server.restart();
    const users = await server.admin('user', 'list');
    assert.deepEqual(users.items.map((/** @type {any} */ user) => user.name).sort(), ['admin', 'kim', 'lee']);
    assert.match(server.stderr(), /checkpoint\.passed_over/);
    assert.equal((await sensor(server, token, 'after')).status < 300, true);
  } finally {
    await server.kill();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  }
});

test('what is too old leaves the journal; entities, verification and the next start do not miss it', async () => {
  // A day of the platform is a second here.
  const server = await startServer({
    keep: true,
    config: 'retention_data_days: 7\nretention_every_s: 1\n',
    args: ['--clock', 'scale=86400,epoch=2026-11-22T00:00:00Z'],
  });
  try {
    const token = await server.token('application');
    const operator = await server.token('operator');
    assert.equal((await sensor(server, token, 'old')).status, 201);
    const trimmed = async () => Number((await ask(`${server.http}/metrics`)).text.match(/^bongsu_journal_trimmed_total (\d+)/m)?.[1] ?? 0);
    await until(async () => {
      await sensor(server, token, 'new');
      return trimmed();
    }, (count) => count >= 50, 40_000);
    await server.kill();

    const inspected = offline(server, 'inspect');
    const data = inspected.partitions.filter((/** @type {any} */ one) => one.id < kDesk);
    assert.ok(data.some((/** @type {any} */ one) => one.first_seq > 1), JSON.stringify(data));
    assert.ok(data.every((/** @type {any} */ one) => one.first_seq <= one.applied_seq + 1), JSON.stringify(data));
    assert.equal(inspected.partitions.find((/** @type {any} */ one) => one.id === kDesk).first_seq, 1);
    assert.equal(offline(server, 'verify').equal, true);

    await server.restart();
    const entity = `${server.http}/ngsi-ld/v1/entities/${encodeURIComponent('urn:ngsi-ld:Sensor:old-7')}`;
    assert.equal((await ask(entity, { token })).json.level.value, 7);
    const asOf = (/** @type {string} */ time) => ask(`${server.http}/api/v1/context/entities/${encodeURIComponent('urn:ngsi-ld:Sensor:old-7')}?asOf=${time}`, { token: operator });
    const early = await asOf('2026-11-22T00:00:00Z');
    assert.equal(early.status, 404, early.text);
    assert.match(early.text, /before 2026-1[12]-\d\dT[^ ]* is no longer kept/);
    const since = /before (\S+) is no longer kept/.exec(early.text)?.[1] ?? '';
    assert.equal((await asOf(since)).json.level.value, 7, 'known from where the past begins');

    // The saved state is lost: the copy that was made before anything left stands in for it.
    await server.kill();
    fs.rmSync(path.join(server.data, 'state'), { recursive: true });
    await server.restart();
    assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities/${encodeURIComponent('urn:ngsi-ld:Sensor:old-7')}`, { token })).json.level.value, 7);

    // Without either there is no way to know what was: the server says so instead of starting empty.
    await server.kill();
    fs.rmSync(path.join(server.data, 'state'), { recursive: true });
    fs.rmSync(path.join(server.data, 'checkpoints', 'state'), { recursive: true });
    const refused = spawnSync(program, ['serve', '--data', server.data, '--listen', '127.0.0.1:0'], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(refused.status, 4, refused.stderr);
    assert.match(refused.stderr, /restore a backup/);
  } finally {
    await server.kill();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  }
});
