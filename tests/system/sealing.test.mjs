// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** A telephone number that a linked system sends: sealed before it is kept, shown to who may see it, gone after its erasure. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask, copyKeys, live, startServer, until } from './harness.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-sealing-'));
const pack = (/** @type {string} */ name, /** @type {string} */ text) => {
  fs.mkdirSync(path.dirname(path.join(folder, 'packs/calls', name)), { recursive: true });
  fs.writeFileSync(path.join(folder, 'packs/calls', name), text);
};
pack('pack.yaml', 'pack: calls\nversion: 1\ntitle: {ko: 신고, en: Calls}\n');
pack('sources.yaml', 'sources:\n  - {id: calls, kind: http, name: {ko: 신고, en: Calls}, mappings: [call]}\n');
pack(
  'mappings/call.yaml',
  `mapping: call
match: {where: [{path: /caller, exists: true}]}
event:
  type: call.report
  id: "{/id}"
  logsource: {category: agency, product: calls}
  entity: "urn:ngsi-ld:Call:{/case}"
  belongs_to: {case: /case}
  fields:
    phone: {from: /caller, personal: contact}
    floor: {from: /floor, type: number, required: true}
entity:
  type: Call
  attributes:
    phone: {from: /caller, personal: contact}
    floor: /floor
`,
);
pack(
  'rules/again.yaml',
  `title: The same caller again
id: again
logsource: {category: agency, product: calls}
detection:
  call: {type: call.report}
  condition: call
level: high
bongsu:
  service: crime
  title: {ko: "다시 {phone}", en: "Again {phone}"}
  key: "{phone}"
  count: {at_least: 2, within: 1h}
`,
);

const kPhone = '010-4711-0815';
const kSecond = '010-2222-3333';
const kOfHeld = '010-9999-1234';

/** @type {import('./harness.mjs').Server} */
let server;
/** @type {Record<string, string>} */
const token = {};
const outside = path.join(folder, 'outside'); // stands for another machine
before(async () => {
  fs.mkdirSync(outside);
  server = await startServer({ data: folder, config: `packs: ${path.join(folder, 'packs')}\nseal_folder: ${outside}\n` });
  for (const role of ['application', 'operator', 'administrator', 'supervisor', 'privacy']) token[role] = await server.token(role);
});
after(async () => {
  await server?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const send = (/** @type {any} */ body) => ask(`${server.http}/api/v1/ingest/calls`, { token: token.application, body });
const get = (/** @type {string} */ role, /** @type {string} */ address) => ask(server.http + address, { token: token[role] });
const call = (/** @type {string} */ role, /** @type {string} */ name) => get(role, `/ngsi-ld/v1/entities/urn:ngsi-ld:Call:${name}?options=keyValues`);
const erase = (/** @type {any} */ body) => ask(`${server.http}/api/v1/erasures`, { token: token.privacy, body });

/** Files below the folders that hold any of the texts. @param {string[]} texts */
function filesWith(texts) {
  const forms = texts.flatMap((text) => [text, text.replaceAll('-', ''), Buffer.from(text).toString('base64').slice(0, -4), Buffer.from(text).toString('hex')]);
  /** @type {string[]} */
  const found = [];
  for (const root of [server.data, `${server.data}.keys`]) {
    for (const name of /** @type {string[]} */ (fs.readdirSync(root, { recursive: true }))) {
      const file = path.join(root, name);
      if (!fs.statSync(file).isFile()) continue;
      const bytes = fs.readFileSync(file);
      if (forms.some((form) => bytes.includes(form))) found.push(file);
    }
  }
  return found;
}

test('a number that is sent in lies nowhere in a readable form', async () => {
  const screen = live(server, token.operator);
  for (const [id, name] of [['C-1', 'CASE-1'], ['C-2', 'CASE-2']]) {
    const sent = await send({ id, case: name, caller: kPhone, floor: 3 });
    assert.equal(sent.json.accepted, 1, sent.text);
  }
  assert.equal((await send({ id: 'C-3', case: 'CASE-3', caller: kSecond, floor: 1 })).json.accepted, 1);
  const held = await send({ id: 'C-4', case: 'CASE-4', caller: kOfHeld, floor: `call ${kOfHeld}` });
  assert.equal(held.json.quarantined, 1, held.text);
  await until(async () => screen.frames.filter((frame) => frame.type === 'alarm'), (frames) => frames.length > 0);
  assert.match(JSON.stringify(screen.frames), /Again \[sealed contact\]/);
  assert.ok(!JSON.stringify(screen.frames).includes('~seal.'), 'a token leaves the house on no way');
  screen.close();
  await server.restart(); // what was in memory is on disk now, the state too

  assert.deepEqual(filesWith([kPhone, kSecond, kOfHeld]), []);
  assert.notDeepEqual(filesWith(['urn:ngsi-ld:Call:CASE-1']), [], 'what is not sealed is found this way');
  for (const text of [kPhone, kSecond, kOfHeld]) assert.ok(!server.stderr().includes(text), 'it is in no log');
});

test('a rule tells equal callers by their surrogate, whatever case they belong to', async () => {
  const { items } = (await get('operator', '/api/v1/alarms')).json;

  assert.equal(items.length, 1, JSON.stringify(items));
  assert.equal(items[0].title.en, 'Again [sealed contact]');
});

test('who may see it is shown it, one thing at a time, and each view is on record', async () => {
  const seen = await call('operator', 'CASE-1');
  assert.equal(seen.json.phone, kPhone, seen.text);
  assert.equal((await call('administrator', 'CASE-1')).json.phone, '[sealed contact]');
  assert.equal((await call('application', 'CASE-1')).json.phone, '[sealed contact]');
  const list = await get('operator', '/ngsi-ld/v1/entities?type=Call&options=keyValues');
  assert.equal(list.json.length, 3);
  for (const one of list.json) assert.equal(one.phone, '[sealed contact]');

  const [alarm] = (await get('operator', '/api/v1/alarms')).json.items;
  const detail = await get('operator', `/api/v1/alarms/${alarm.id}`);
  assert.equal(detail.json.alarm.title.en, `Again ${kPhone}`, 'a rule’s text by the event it is about');
  assert.ok(!detail.text.includes('~seal.'));
  assert.ok(!(await get('administrator', `/api/v1/alarms/${alarm.id}`)).text.includes(kPhone));

  const views = (await get('supervisor', '/api/v1/audit?limit=100')).json.items.filter((/** @type {any} */ one) => one.act === 'personal.view');
  assert.equal(views.length, 2);
  assert.equal(views.at(-1).what.shown.contact, 1);
  assert.match(views.at(-1).what.address, /CASE-1/);
  assert.ok(!JSON.stringify(views).includes(kPhone));
});

test('a held message is sealed whole, shown to nobody, and can be put through again', async () => {
  const [held] = (await get('supervisor', '/api/v1/quarantine')).json.items;
  assert.equal(held.preview, '[sealed message]');
  assert.ok(held.bytes > 20);
  assert.ok(!JSON.stringify(held).includes(kOfHeld));
  pack(
    'mappings/call.yaml',
    fs.readFileSync(path.join(folder, 'packs/calls/mappings/call.yaml'), 'utf8').replace('{from: /floor, type: number, required: true}', '/floor'),
  );
  await server.restart();

  const replayed = await ask(`${server.http}/api/v1/quarantine/${held.id}/replay`, { token: token.supervisor, body: {} });

  assert.equal(replayed.json.accepted, 1, replayed.text);
  assert.equal((await call('operator', 'CASE-4')).json.phone, kOfHeld);
});

test('a legal hold keeps a case from being erased and is listed', async () => {
  const hold = await ask(`${server.http}/api/v1/holds`, { token: token.privacy, body: { case: 'CASE-2', reason: 'trial 7' } });
  assert.equal(hold.status, 201, hold.text);
  assert.ok(!hold.text.includes('CASE-2'), 'a scope is named by its surrogate');

  const refused = await erase({ case: 'CASE-2', reason: 'asked by the person' });

  assert.equal(refused.status, 409);
  assert.equal(refused.json.reason, 'erasure.held');
  assert.deepEqual((await get('privacy', '/api/v1/holds')).json.items.map((/** @type {any} */ one) => one.reason), ['trial 7']);
  assert.equal((await call('operator', 'CASE-2')).json.phone, kPhone);
});

test('an erased case is gone for everybody, after a restart and in an older copy of the data, too', async () => {
  await server.stop();
  fs.cpSync(server.data, path.join(folder, 'copy'), { recursive: true });
  await server.restart();
  assert.equal((await erase({ case: 'CASE-9', reason: 'nothing there' })).json.reason, 'erasure.nothing');

  const done = await erase({ case: 'CASE-1', reason: 'asked by the person' });

  assert.equal(done.status, 201, done.text);
  assert.ok(done.json.keys >= 1);
  assert.equal((await call('operator', 'CASE-1')).json.phone, '[erased contact]');
  assert.equal((await call('operator', 'CASE-2')).json.phone, kPhone, 'another case has a key of its own');
  await server.restart();
  assert.equal((await call('operator', 'CASE-1')).json.phone, '[erased contact]');
  assert.equal((await get('privacy', '/api/v1/erasures')).json.items.length, 1);
  const trail = (await get('supervisor', '/api/v1/audit?limit=100')).json;
  assert.ok(trail.chain.ok, 'the chain holds');
  assert.ok(trail.items.some((/** @type {any} */ one) => one.act === 'personal.erase' && one.reason === 'asked by the person'));

  await server.stop();
  fs.rmSync(server.data, { recursive: true });
  fs.renameSync(path.join(folder, 'copy'), server.data);
  await server.restart();
  assert.equal((await call('operator', 'CASE-1')).json.phone, '[erased contact]', 'the copy was made before the erasure');
  assert.equal((await call('operator', 'CASE-3')).json.phone, kSecond);
});

test('an erasure asked for on the command line is the same act', async () => {
  const refused = await server.admin('erase', 'case', 'CASE-2', '--reason', 'asked').catch((error) => error);
  assert.match(String(refused.stderr ?? refused), /legal hold .* trial 7/);

  const done = await server.admin('erase', 'case', 'CASE-4', '--reason', 'asked by letter');

  assert.ok(done.keys >= 1, JSON.stringify(done));
  assert.equal((await call('operator', 'CASE-4')).json.phone, '[erased contact]');
  assert.equal((await get('privacy', '/api/v1/erasures')).json.items[0].reason, 'asked by letter');
  const act = (await get('supervisor', '/api/v1/audit?limit=100')).json.items.find((/** @type {any} */ one) => one.reason === 'asked by letter');
  assert.match(JSON.stringify(act), /host/, 'who asked is on record');
});

test('a legal hold is placed, listed and released on the command line, with who and why on record', async () => {
  const refusal = async (/** @type {string[]} */ ...words) => {
    const error = await server.admin(...words).then(() => undefined, (reason) => reason);
    assert.ok(error, `${words.join(' ')} was not refused`);
    return String(error.stderr ?? error);
  };
  const held = async () => (await server.admin('hold', 'list')).items.map((/** @type {any} */ one) => one.reason);

  const hold = await server.admin('hold', 'place', '--case', 'CASE-3', '--reason', 'trial 9');

  assert.ok(!JSON.stringify(hold).includes('CASE-3'), 'a scope is named by its surrogate');
  assert.deepEqual((await held()).sort(), ['trial 7', 'trial 9']);
  assert.match(await refusal('hold', 'place', '--case', 'CASE-3', '--reason', 'again'), new RegExp(`legal hold ${hold.id} keeps .* trial 9; release it`));
  assert.match(await refusal('erase', 'case', 'CASE-3', '--reason', 'asked'), /legal hold .* trial 9/);
  assert.match(await refusal('hold', 'place', '--case', 'CASE-3', '--person', 'P-1', '--reason', 'two'), /name one: 'case', 'person'/);
  assert.match(await refusal('hold', 'place', '--class', 'number', '--day', '2026-11-22', '--reason', 'x'), /'class' is 'number', it must be person, case/);
  assert.match(await refusal('hold', 'place', '--class', 'contact', '--day', 'today', '--reason', 'x'), /'day' is 'today', .* a date/);
  assert.match(await refusal('hold', 'place', '--case', 'C', '--reason', 'x'.repeat(501)), /'reason' has 501 bytes, at most 500/);
  assert.match(await refusal('hold', 'release', hold.id), /--reason is needed/);
  assert.match(await refusal('hold', 'release', 'nothing', '--reason', 'over'), /no legal hold 'nothing'; list/);
  await server.admin('hold', 'release', hold.id, '--reason', 'the trial is over');

  assert.deepEqual(await held(), ['trial 7']);
  const acts = (await get('supervisor', '/api/v1/audit?limit=100')).json.items.filter((/** @type {any} */ one) => JSON.stringify(one).includes(hold.id));
  assert.deepEqual(acts.map((/** @type {any} */ one) => [one.act, one.reason]).sort(), [['hold.lift', 'the trial is over'], ['hold.place', 'trial 9']]);
  for (const act of acts) assert.match(JSON.stringify(act), /host uid=\d+/);
});

test('a restore of a backup and of keys that are older than an erasure brings nothing back', async () => {
  const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
  const bongsu = (/** @type {string[]} */ ...words) => spawnSync(program, words, { encoding: 'utf8', timeout: 60_000 });
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const keys = `${server.data}.keys`;
  const putOldKeys = () => {
    fs.rmSync(keys, { recursive: true });
    copyKeys(at('old-keys'), keys);
  };
  assert.equal((await call('operator', 'CASE-3')).json.phone, kSecond);
  const made = bongsu('backup', '--data', server.data, '--to', at('backup'));
  assert.equal(made.status, 0, made.stderr);
  copyKeys(keys, at('old-keys'));
  assert.equal((await erase({ case: 'CASE-3', reason: 'asked by the person' })).status, 201);
  await until(async () => fs.existsSync(path.join(outside, 'erased.ndjson')), Boolean);
  const list = at('erased.ndjson');
  fs.copyFileSync(path.join(outside, 'erased.ndjson'), list);
  await server.stop();
  const seen = () => filesWith(['"scope":"case:']).filter((name) => name.includes('keys.ndjson'));
  assert.notDeepEqual(seen(), []);

  // Everything of the house is lost but the list of erasures.
  fs.rmSync(server.data, { recursive: true });
  fs.rmSync(path.join(outside, 'erased.ndjson'));
  putOldKeys();
  const foreign = at('foreign.ndjson');
  fs.writeFileSync(foreign, '{"id":1,"of":"0123456789abcdef"}\n');
  const refused = bongsu('restore', '--from', at('backup'), '--data', server.data, '--erased', foreign);
  assert.equal(refused.status, 1, refused.stderr);
  assert.match(refused.stderr, /erased\.other_installation/);
  assert.equal(fs.existsSync(server.data), false, 'nothing was written');
  const before = fs.readFileSync(path.join(keys, 'sealing/keys.ndjson'), 'utf8').split('\n').length;
  const restored = bongsu('restore', '--from', at('backup'), '--data', server.data, '--erased', list, '--json');
  assert.equal(restored.status, 0, restored.stderr);
  assert.ok(JSON.parse(restored.stdout).erased >= 1, restored.stdout);
  assert.ok(fs.readFileSync(path.join(keys, 'sealing/keys.ndjson'), 'utf8').split('\n').length < before, 'destroyed before anything runs');
  await server.restart();
  assert.equal((await call('operator', 'CASE-3')).json.phone, '[erased contact]');
  const listed = (await get('privacy', '/api/v1/erasures')).json.items;
  assert.match(listed[0].reason, /on the list of erasures/);
  assert.ok((await get('supervisor', '/api/v1/audit?limit=100')).json.chain.ok);
  assert.equal(fs.existsSync(path.join(server.data, 'erased.ndjson')), false, 'it is on record now');

  // Keys that are put there after the restore, older again: the list that the restore left, then the one of the other machine.
  for (const way of ['of the restore', 'of the other machine']) {
    await server.stop();
    fs.rmSync(server.data, { recursive: true });
    fs.rmSync(keys, { recursive: true });
    if (way === 'of the restore') fs.rmSync(path.join(outside, 'erased.ndjson'));
    else fs.copyFileSync(list, path.join(outside, 'erased.ndjson'));
    const words = way === 'of the restore' ? ['--erased', list] : [];
    const again = bongsu('restore', '--from', at('backup'), '--data', server.data, ...words);
    assert.equal(again.status, 0, again.stderr);
    copyKeys(at('old-keys'), keys);
    await server.restart();
    assert.equal((await call('operator', 'CASE-3')).json.phone, '[erased contact]', way);
    assert.match((await get('privacy', '/api/v1/erasures')).json.items[0].reason, /on the list/, way);
  }
});
