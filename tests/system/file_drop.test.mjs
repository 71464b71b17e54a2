// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A one-way link drops numbered files while the server is killed: every message is in the journal once, a gap is shown. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';

import { ask, startServer, until } from './harness.mjs';

const run = promisify(execFile);
const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');

test('files of a one-way link are in the journal once, whenever the server is killed, and a missing number is shown', { timeout: 240_000 }, async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-drop-'));
  const config = `sources:\n  - {id: doors, kind: file_drop, mappings: [access-door], folder: ${folder}, files: "doors-*.ndjson", look_every: 20ms, gap_after: 200ms}\n`;
  const server = await startServer({ args: ['--open'], config, keep: true });
  t.after(async () => {
    await server.stop();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const status = async () => (await ask(`${server.http}/api/v1/connectors/doors`)).json;
  const alarms = async () => (await ask(`${server.http}/api/v1/alarms`)).json.items;
  const name = (/** @type {number} */ number) => `doors-${String(number).padStart(6, '0')}.ndjson`;
  const done = (/** @type {number} */ number) => fs.existsSync(path.join(folder, 'done', name(number)));
  const drop = (/** @type {number} */ number, /** @type {number} */ messages) => {
    const at = new Date().toISOString();
    const lines = Array.from({ length: messages }, (_, i) => JSON.stringify({ seq: number * 1000 + i, ts: at, door: 'D-0301', event: number === 1 && i === 0 ? 'forced' : 'granted' }));
    fs.writeFileSync(path.join(folder, 'writing'), lines.join('\n') + '\n');
    fs.renameSync(path.join(folder, 'writing'), path.join(folder, name(number)));
  };

  for (let number = 1; number <= 20; ++number) {
    drop(number, 200);
    if (number % 8 === 5) {
      await until(async () => done(number - 2), Boolean);
      await server.kill();
      await server.restart();
    }
  }
  await until(async () => done(20), Boolean, 60_000);

  const rang = await until(alarms, (items) => items.length > 0);
  assert.equal(rang[0].rule, 'access-door-forced');
  assert.equal((await status()).dropped, 0);

  drop(23, 1);
  const gap = await until(status, (one) => one.dropped === 2);
  assert.equal(gap.errors[0].reason, 'file_drop.gap');
  assert.match(gap.address, /doors-\*\.ndjson · 24$/);
  await server.stop();

  const { stdout } = await run(program, ['journal', 'inspect', '--data', server.data, '--json']);
  const events = JSON.parse(stdout).partitions.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.records_by_kind.event ?? one.records_by_kind['4'] ?? 0), 0);
  assert.equal(events, 20 * 200 + 1);
});
