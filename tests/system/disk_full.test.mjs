// SPDX-License-Identifier: Apache-2.0
// @ts-check
// A disk that is filled from outside, for real: a small file system of its own. Needs root to mount it.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { ask, startServer, until } from './harness.mjs';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const kMiB = 1024 * 1024;

/** A file system of `mib` mebibytes; null where this user may not mount one. @param {number} mib */
function smallDisk(mib) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', folder]);
  if (mounted.status !== 0) {
    fs.rmdirSync(folder);
    return null;
  }
  const remove = () => {
    execFileSync('umount', [folder]);
    fs.rmdirSync(folder);
  };
  return { folder, remove };
}

/** Somebody else's file takes all but `left` bytes of the disk; 0: everything. @param {string} folder @param {number} left */
function fill(folder, left) {
  const file = path.join(folder, 'somebody-else');
  const { bavail, bsize } = fs.statfsSync(folder);
  const descriptor = fs.openSync(file, 'a');
  const piece = Buffer.alloc(kMiB / 4);
  try {
    for (let rest = bavail * bsize - left; rest > 0; rest -= piece.length) fs.writeSync(descriptor, piece, 0, Math.min(rest, piece.length));
  } catch (error) {
    if (/** @type {any} */ (error).code !== 'ENOSPC') throw error;
  }
  fs.closeSync(descriptor);
}

/** @param {import('./harness.mjs').Server} server @param {string} token @param {number} n */
const write = (server, token, n) =>
  ask(`${server.http}/ngsi-ld/v1/entities`, { token, body: { id: `urn:ngsi-ld:Sensor:${n}`, type: 'Sensor', level: { type: 'Property', value: n } } });

test('a disk that somebody else fills: data is told 507, the desk goes on, nothing is lost, the server lives', async (t) => {
  const disk = smallDisk(1200);
  if (disk === null) return t.skip('this user may not mount a file system of its own');
  /** @type {import('./harness.mjs').Server | undefined} */
  let server;
  try {
    server = await startServer({ data: disk.folder, config: 'reserve_mb: 320\n' });
    const token = await server.token('application');
    assert.ok(fs.existsSync(path.join(server.data, 'journal', 'ballast')), 'the ballast is laid');
    /** @type {number[]} */
    const acknowledged = [];
    let next = 0;
    const many = async () => {
      for (let i = 0; i < 20; ++i, ++next) {
        const answer = await write(/** @type {any} */ (server), token, next);
        if (answer.status === 201) acknowledged.push(next);
        else return answer;
      }
      return null;
    };
    assert.equal(await many(), null);

    // Below the reserve: what people do goes on.
    fill(disk.folder, 260 * kMiB);
    const refused = await until(many, (answer) => answer !== null);
    assert.equal(refused?.status, 507, refused?.text);
    assert.match(refused?.text ?? '', /disk/);
    assert.equal((await server.admin('user', 'add', 'kim', '--role', 'operator')).user?.name ?? 'kim', 'kim');
    const ready = await ask(`${server.http}/ready`);
    assert.equal(ready.status, 503);
    assert.match(ready.text, /below the reserve/);

    // Room again, heavy load, and then the disk fills up to the last byte within a second.
    fs.rmSync(path.join(disk.folder, 'somebody-else'));
    await until(many, (answer) => answer === null);
    let filling = true;
    const statuses = new Set();
    const loaders = Array.from({ length: 4 }, async (_, loader) => {
      for (let round = 0; filling; ++round) {
        const ids = Array.from({ length: 50 }, (_, n) => 2_000_000 + loader * 100_000 + round * 50 + n);
        const body = ids.map((n) => ({ id: `urn:ngsi-ld:Sensor:${n}`, type: 'Sensor', level: { type: 'Property', value: n, note: { type: 'Property', value: 'x'.repeat(500) } } }));
        const answer = await ask(`${/** @type {any} */ (server).http}/ngsi-ld/v1/entityOperations/upsert`, { token, body });
        statuses.add(answer.status);
        if (answer.status === 201) acknowledged.push(...ids.slice(0, 2));
      }
    });
    const filler = spawn('dd', ['if=/dev/zero', `of=${path.join(disk.folder, 'somebody-else')}`, 'bs=256k'], { stdio: 'ignore' });
    await new Promise((resolve) => filler.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    filling = false;
    await Promise.all(loaders);
    assert.ok(statuses.has(201), [...statuses].join());

    // Not a byte is left, and the server keeps being asked to write.
    fill(disk.folder, 0);
    for (let round = 0; round < 20; ++round) {
      const answer = await write(server, token, 1_000_000 + round);
      assert.equal(answer.status, 507, `${answer.text}`);
      await server.admin('user', 'add', `lee${round}`, '--role', 'operator').catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    assert.equal((await ask(`${server.http}/health`)).status, 200);

    // Room again: entities are saved behind the journal as before, without a restart.
    fs.rmSync(path.join(disk.folder, 'somebody-else'));
    await until(many, (answer) => answer === null);
    const count = async (/** @type {string} */ name) => Number((await ask(`${/** @type {any} */ (server).http}/metrics`)).text.match(new RegExp(`^bongsu_store_${name}_total (\\d+)`, 'm'))?.[1] ?? 0);
    const [saves, failures] = [await count('saves'), await count('save_failures')];
    await until(async () => ((await many()), count('saves')), (now) => now > saves + 2, 20_000);
    console.log(`saves of state: ${saves} before, ${failures} failed while the disk was full`);
    fill(disk.folder, 0);

    // Killed on the full disk, it starts again with what the ballast gives back.
    await server.kill();
    await server.restart();
    assert.equal(fs.existsSync(path.join(server.data, 'journal', 'ballast')), false, 'the ballast was given up');
    for (const n of acknowledged) {
      const found = await ask(`${server.http}/ngsi-ld/v1/entities/urn:ngsi-ld:Sensor:${n}`, { token });
      assert.equal(found.status, 200, `entity ${n} was acknowledged: ${found.text}`);
    }

    // Room again: everything goes on without a restart.
    fs.rmSync(path.join(disk.folder, 'somebody-else'));
    await until(many, (answer) => answer === null);
    assert.equal((await ask(`${server.http}/ready`)).status, 200);
    await server.stop();
    const verified = JSON.parse(execFileSync(program, ['journal', 'verify', '--data', server.data, '--json'], { encoding: 'utf8' }));
    assert.equal(verified.equal, true);
    assert.deepEqual(verified.problems, []);
  } finally {
    await server?.kill();
    disk.remove();
  }
});
