// SPDX-License-Identifier: Apache-2.0
// @ts-check
// Who may come in, and the proof of what was done: the real program from its first start to the auditor's verification.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { ask, live, signIn, startServer, until } from './harness.mjs';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const kPassword = 'four words and a half';

/** Exit code and output of a command. @param {...string} words @returns {Promise<{ code: number, out: string, err: string }>} */
const run = (...words) =>
  new Promise((resolve) => execFile(program, words, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err })));

/** @type {import('./harness.mjs').Server} */
let server;
before(async () => {
  server = await startServer({ keep: true });
});
after(async () => {
  await server?.stop();
  fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
});

test('the first administrator gets a one-time password that nobody else can read', async () => {
  const file = path.join(server.data, 'run', 'first-password');
  const first = fs.readFileSync(file, 'utf8').trim();
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(fs.statSync(`${server.data}.keys`).mode & 0o777, 0o700);
  assert.ok(!server.stderr().includes(first), 'it is in no log');

  const { cookie, csrf, session } = await signIn(server);
  assert.equal(session.must_change_password, true);
  const early = await ask(`${server.http}/api/v1/users`, { cookie });
  assert.equal(early.status, 403);
  assert.equal(early.json.reason, 'session.must_change_password');

  const change = (/** @type {string} */ next) => ask(`${server.http}/api/v1/session/password`, { cookie, csrf, body: { current: first, next } });
  assert.equal((await change('short')).json.reason, 'user.weak_password');
  const changed = await change(kPassword);
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.must_change_password, false);
  assert.ok(!fs.existsSync(file), 'the file has served');
  assert.equal((await ask(`${server.http}/api/v1/users`, { cookie })).status, 200);
  assert.equal((await ask(`${server.http}/api/v1/session`, { body: { user: 'admin', password: first } })).status, 401);
});

test('a cookie needs the token against forged requests, and other sites stay out', async () => {
  const { cookie, csrf } = await signIn(server, 'admin', kPassword);
  const body = { name: 'kim', role: 'supervisor' };

  assert.equal((await ask(`${server.http}/api/v1/users`, { cookie, body })).json.reason, 'session.csrf');
  const evil = await ask(`${server.http}/api/v1/users`, { cookie, csrf, body, headers: { origin: 'https://evil.example' } });
  assert.equal(evil.json.reason, 'guard.cross_site');
  const made = await ask(`${server.http}/api/v1/users`, { cookie, csrf, body });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.password, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  assert.equal((await ask(`${server.http}/api/v1/users/${made.json.user.id}`, { method: 'DELETE', cookie, csrf })).status, 204);
});

test('the last administrator cannot be removed', async () => {
  const { cookie, csrf, session } = await signIn(server, 'admin', kPassword);

  const answer = await ask(`${server.http}/api/v1/users/${session.user.id}`, { method: 'DELETE', cookie, csrf });

  assert.equal(answer.status, 409);
  assert.equal(answer.json.reason, 'user.last_administrator');
});

test('guessing is slowed down and says for how long', async () => {
  await server.admin('user', 'add', 'lee', '--role', 'operator');
  let answer;
  for (let i = 0; i < 7; ++i) answer = await ask(`${server.http}/api/v1/session`, { body: { user: 'lee', password: `guess ${i}` } });

  assert.equal(answer?.status, 429);
  assert.ok(Number(answer?.headers.get('retry-after')) >= 1);
});

test('the command line makes, lists and revokes tokens and says what is wrong', async () => {
  const { id, token } = await server.admin('token', 'create', '--role', 'supervisor', '--tenant', 'default');
  assert.equal((await ask(`${server.http}/api/v1/audit`, { token })).status, 200);
  assert.ok((await server.admin('token', 'list')).items.some((/** @type {any} */ one) => one.id === id));
  await server.admin('token', 'revoke', id);
  assert.equal((await ask(`${server.http}/api/v1/audit`, { token })).status, 401);

  const wrong = await run('token', 'create', '--data', server.data, '--role', 'king');
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /operator, supervisor, administrator, application/);
  for (const noun of ['user', 'token', 'tenant', 'audit']) assert.equal((await run(noun, '--help')).code, 0);
  const nowhere = await run('user', 'list', '--data', '/nonexistent');
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.err, /no server is running/);
});

test('tenants do not see each other', async () => {
  await server.admin('tenant', 'create', 'busan');
  const { token } = await server.admin('token', 'create', '--role', 'administrator', '--tenant', 'busan');

  const own = await ask(`${server.http}/api/v1/tenants`, { token });
  assert.deepEqual(own.json.items.map((/** @type {any} */ tenant) => tenant.id), ['busan']);
  assert.deepEqual((await ask(`${server.http}/api/v1/users`, { token })).json.items, []);
  const other = await ask(`${server.http}/api/v1/alarms`, { token, headers: { 'ngsild-tenant': 'default' } });
  const none = await ask(`${server.http}/api/v1/alarms`, { token, headers: { 'ngsild-tenant': 'nowhere' } });
  assert.equal(other.status, 404);
  assert.equal(other.json.reason, none.json.reason);
});

test('the audit trail has the five items and its chain survives a restart', async () => {
  const { cookie } = await signIn(server, 'admin', kPassword);
  const trail = await ask(`${server.http}/api/v1/audit?limit=1000`, { cookie });
  assert.equal(trail.json.chain.ok, true);
  const start = trail.json.items.find((/** @type {any} */ item) => item.act === 'session.start');
  assert.equal(start.from, '127.0.0.1');
  assert.equal(start.result, 'done');
  assert.equal(start.actor.kind, 'user');
  const refused = trail.json.items.find((/** @type {any} */ item) => item.act === 'session.refuse');
  assert.equal(refused.result, 'refused');
  assert.ok(!trail.text.includes('guess'), 'no password is in it');
  for (const act of ['user.add', 'user.change_password', 'user.remove', 'token.create', 'token.revoke', 'tenant.create']) {
    assert.ok(trail.json.items.some((/** @type {any} */ item) => item.act === act), act);
  }

  await server.restart();

  assert.equal((await ask(`${server.http}/api/v1/session`, { cookie })).status, 401, 'sessions end with the process');
  const again = await signIn(server, 'admin', kPassword);
  assert.equal(again.session.last_login.from, '127.0.0.1');
  const later = await ask(`${server.http}/api/v1/audit`, { cookie: again.cookie });
  assert.equal(later.json.chain.ok, true);
  assert.ok(later.json.chain.records >= trail.json.items.length, 'verified at the start: all that was before it');
});

test('the chain is verified without anybody asking, the screens are told', async () => {
  const screen = live(server, await server.token('operator'));

  const counters = await until(async () => screen.frames.findLast((frame) => frame.type === 'counter')?.data, (data) => data?.audit !== undefined);

  assert.equal(counters.audit.ok, true);
  assert.match(counters.audit.at, /^20.*Z$/);
  screen.close();
});

test('an auditor verifies without the server', async () => {
  const busy = await run('audit', 'verify', '--data', server.data, '--json');
  assert.equal(busy.code, 3, 'a running server has the journal');
  await server.stop();

  const fine = await run('audit', 'verify', '--data', server.data, '--json');

  assert.equal(fine.code, 0, fine.out + fine.err);
  const report = JSON.parse(fine.out);
  assert.equal(report.ok, true);
  assert.ok(report.records > 15);
});

test('an older copy put in the place of the data is a cut tail', async () => {
  // 600 virtual seconds a second: the minute until a seal is a tenth of a second.
  const other = await startServer({ keep: true, args: ['--clock', 'scale=600,epoch=2026-11-22T00:00:00Z'] });
  const folder = path.dirname(other.data);
  const seals = () => (fs.existsSync(`${other.data}.keys/audit-seals.ndjson`) ? fs.readFileSync(`${other.data}.keys/audit-seals.ndjson`, 'utf8') : '');
  const sealed = async () => {
    const before = seals();
    await other.token('operator');
    await until(async () => seals(), (now) => now.length > before.length);
  };
  try {
    await sealed();
    await other.kill();
    fs.cpSync(path.join(other.data, 'journal'), path.join(folder, 'copy'), { recursive: true });
    await other.restart();
    await sealed();
    await other.stop();
    assert.equal((await run('audit', 'verify', '--data', other.data, '--json')).code, 0);

    fs.rmSync(path.join(other.data, 'journal'), { recursive: true });
    fs.renameSync(path.join(folder, 'copy'), path.join(other.data, 'journal'));
    const cut = await run('audit', 'verify', '--data', other.data, '--json');

    assert.equal(cut.code, 1, cut.out + cut.err);
    assert.equal(JSON.parse(cut.out).cut_tail, true);
  } finally {
    await other.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

test('seals leave the house on a second path, and what they vouch for is missed there', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-seals-'));
  const witness = path.join(folder, 'witness');
  fs.mkdirSync(witness);
  /** @type {string[]} */
  const collected = [];
  const collector = dgram.createSocket('udp4').on('message', (bytes) => collected.push(bytes.toString()));
  await new Promise((resolve) => collector.bind(0, '127.0.0.1', () => resolve(null)));
  const config = `seal_folder: ${witness}\nseal_syslog: "udp://127.0.0.1:${collector.address().port}"\n`;
  const other = await startServer({ data: folder, config, args: ['--clock', 'scale=600,epoch=2026-11-22T00:00:00Z'] });
  try {
    await other.token('operator');
    await until(async () => collected.length, (count) => count > 0);
    await until(async () => fs.existsSync(path.join(witness, 'audit-seals.ndjson')), (there) => there);
    await other.kill();
    assert.match(collected[0], /^<109>1 2026-11-22T\S+Z \S+ bongsu \d+ audit\.seal - \{"tenant":0,"n":\d+,/);
    const kept = path.join(folder, 'collector.log');
    fs.writeFileSync(kept, `Nov 22 00:00:00 centre sshd[7]: another message\n${collected.join('\n')}\n`);
    for (const file of [kept, path.join(witness, 'audit-seals.ndjson')]) {
      const fine = await run('audit', 'verify', '--data', other.data, '--seal', file, '--json');
      assert.equal(fine.code, 0, fine.out + fine.err);
      assert.ok(JSON.parse(fine.out).seals >= 2, 'one in the journal, one outside');
    }

    fs.rmSync(path.join(other.data, 'journal'), { recursive: true });
    fs.rmSync(path.join(`${other.data}.keys`, 'audit-seals.ndjson'));
    await other.restart();
    await other.stop();
    assert.equal((await run('audit', 'verify', '--data', other.data, '--json')).code, 0, 'inside nothing tells');
    const cut = await run('audit', 'verify', '--data', other.data, '--seal', kept, '--json');
    assert.equal(cut.code, 1, cut.out + cut.err);
  } finally {
    await other.kill();
    collector.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
