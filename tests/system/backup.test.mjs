// SPDX-License-Identifier: Apache-2.0
// @ts-check
// A backup taken while the server works, and the data directory that is made of it: what was acknowledged before is
// there, journal, state and audit chain hold, nothing is sent before a person says so, and a damaged backup is refused
// before anything is written.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { ask, copyKeys, startServer, until } from './harness.mjs';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const run = promisify(execFile);
/** @param {string[]} words */
const bongsu = (...words) => spawnSync(program, words, { encoding: 'utf8' });

/** Writes until it is told to stop; what was acknowledged, by number. @param {import('./harness.mjs').Server} server @param {string} token */
function load(server, token) {
  const acknowledged = new Set();
  let going = true;
  let next = 0;
  const writer = async () => {
    while (going) {
      const first = next;
      next += 20;
      const body = Array.from({ length: 20 }, (_, n) => ({ id: `urn:ngsi-ld:Sensor:${first + n}`, type: 'Sensor', level: { type: 'Property', value: first + n } }));
      try {
        const answer = await ask(`${server.http}/ngsi-ld/v1/entityOperations/upsert`, { token, body });
        if (answer.status < 300) for (let n = first; n < first + 20; ++n) acknowledged.add(n);
      } catch {
        return;
      }
    }
  };
  const writers = [writer(), writer(), writer()];
  return { acknowledged, stop: async () => ((going = false), Promise.all(writers)) };
}

test('what was acknowledged before a backup is in what is restored of it', async () => {
  const server = await startServer({ keep: true, config: 'checkpoint_records: 3\n' });
  const folder = path.dirname(server.data);
  const to = path.join(folder, 'backup');
  const again = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-test-'));
  const data = path.join(again, 'data');
  /** @type {import('./harness.mjs').Server | undefined} */
  let restored;
  try {
    const token = await server.token('application');
    await server.restart();  // the round after a start makes a checkpoint
    await until(async () => fs.existsSync(path.join(server.data, 'checkpoints')), Boolean);
    const writing = load(server, token);
    while (writing.acknowledged.size < 2_000) await new Promise((resolve) => setTimeout(resolve, 20));
    const before = [...writing.acknowledged];
    const { stdout } = await run(program, ['backup', '--data', server.data, '--to', to, '--json']);
    const made = JSON.parse(stdout);
    assert.equal(made.state, 'done');
    assert.ok(made.bytes > 0 && made.bytes === made.bytes_total, stdout);
    await server.kill();
    await writing.stop();
    assert.ok(writing.acknowledged.size > before.length, 'the load went on during the backup');
    assert.deepEqual(fs.readdirSync(to).sort(), ['checkpoints', 'journal', 'manifest.json', 'state']);

    const restore = bongsu('restore', '--from', to, '--data', data, '--json');
    assert.equal(restore.status, 0, restore.stderr);
    assert.equal(JSON.parse(restore.stdout).outbox, 'held');
    copyKeys(`${server.data}.keys`, `${data}.keys`);
    assert.equal(JSON.parse(bongsu('journal', 'verify', '--data', data, '--json').stdout).equal, true);

    restored = await startServer({ data: again });
    const found = new Set();
    for (let offset = 0; ; offset += 1000) {
      const page = await ask(`${restored.http}/ngsi-ld/v1/entities?type=Sensor&limit=1000&offset=${offset}&format=keyValues`, { token });
      assert.equal(page.status, 200, page.text);
      for (const entity of page.json) found.add(entity.level);
      if (page.json.length < 1000) break;
    }
    assert.deepEqual(before.filter((n) => !found.has(n)), []);
    assert.equal((await restored.admin('outbox', 'status')).held, true);
    await restored.restart();
    assert.equal((await restored.admin('outbox', 'status')).held, true, 'held over a restart, too');
    await restored.admin('outbox', 'release');
    assert.equal((await restored.admin('outbox', 'status')).held, false);
    await restored.stop();
    const audit = JSON.parse(bongsu('audit', 'verify', '--data', data, '--keys', `${data}.keys`, '--json').stdout);
    assert.equal(audit.first_bad ?? null, null, JSON.stringify(audit));
  } finally {
    await server.kill();
    await restored?.kill();
    for (const path_ of [folder, again]) fs.rmSync(path_, { recursive: true, force: true });
  }
});

test('a damaged or unfinished backup, or a folder in use, is refused before anything is written', async () => {
  const server = await startServer({ keep: true });
  const folder = path.dirname(server.data);
  const to = path.join(folder, 'backup');
  const data = path.join(folder, 'again');
  try {
    assert.equal(bongsu('backup', '--data', server.data, '--to', path.join(server.data, 'inside')).status, 1);
    assert.equal((await run(program, ['backup', '--data', server.data, '--to', to, '--json'])).stderr, '');
    assert.match(bongsu('backup', '--data', server.data, '--to', to).stderr, /backup\.not_empty/);
    const table = fs.readdirSync(path.join(to, 'journal', 'db')).find((name) => name.endsWith('.sst')) ?? '';
    const damaged = path.join(to, 'journal', 'db', table);
    const bytes = fs.readFileSync(damaged);
    bytes[bytes.length >> 1] ^= 1;
    fs.writeFileSync(damaged, bytes);

    const refused = bongsu('restore', '--from', to, '--data', data);
    assert.equal(refused.status, 4, refused.stderr);
    assert.match(refused.stderr, /backup\.bad_file/);
    assert.equal(fs.existsSync(data) || fs.existsSync(`${data}.restoring`), false);

    bytes[bytes.length >> 1] ^= 1;
    fs.writeFileSync(damaged, bytes);
    assert.match(bongsu('restore', '--from', to, '--data', server.data).stderr, /restore\.not_empty/);
    fs.rmSync(path.join(to, 'manifest.json'));
    assert.match(bongsu('restore', '--from', to, '--data', data).stderr, /backup\.none/);
    assert.equal(bongsu('restore', '--data', data).status, 2);
  } finally {
    await server.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
