// SPDX-License-Identifier: Apache-2.0
// @ts-check
// What a sender whose answer got lost may rely on: it sends again after the server came back, and nothing is there twice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ask, startServer } from './harness.mjs';

const kRow = JSON.stringify({ station: '101', datetime: '2026-11-01 10:00', PM10_ugm3: '73', latitude: '37.57', longitude: '127.0', name: 'Jongno-gu' });

test('a message of any tenant that was taken before a kill is a repeat after it', async () => {
  const server = await startServer({ keep: true });
  try {
    await server.admin('tenant', 'create', 'seoul');
    const { token } = await server.admin('token', 'create', '--role', 'application', '--tenant', 'seoul');
    const push = async () => (await ask(`${server.http}/api/v1/ingest/seoul-air`, { token, body: kRow, type: 'application/json' })).json;
    assert.equal((await push()).accepted, 1);

    await server.kill();
    await server.restart();

    const again = await push();
    assert.equal(again.duplicate, 1, JSON.stringify(again));
    assert.equal(again.accepted, 0);
  } finally {
    await server.kill();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  }
});
