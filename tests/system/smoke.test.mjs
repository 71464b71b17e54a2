// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The thread through the whole building: a message in, an alarm on the live socket, an answer, kept over a kill. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ask, live, signIn, startServer, until } from './harness.mjs';

/** @type {import('./harness.mjs').Server} */
let server;
before(async () => {
  server = await startServer();
});
after(async () => {
  assert.equal(await server.stop(), 0);
});

test('says that it lives, and nobody unknown may look', async () => {
  assert.equal((await ask(`${server.http}/health`)).json.status, 'ok');
  const refused = await ask(`${server.http}/api/v1/alarms`);
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('content-type') ?? '', /problem\+json/);
});

test('the first administrator signs in with the one-time password, once', async () => {
  const { cookie, csrf } = await signIn(server);
  const wrong = await ask(`${server.http}/api/v1/session`, { body: { user: 'admin', password: 'not it' } });
  assert.equal(wrong.status, 401);
  assert.match(cookie, /^bongsu_session=/);
  assert.ok(csrf.length > 20);
});

test('a fire report becomes an alarm, is answered, and both outlive a kill', async () => {
  const device = await server.token('application');
  const seat = await server.token('operator');
  const bell = {
    id: 'urn:ngsi-ld:EmergencyBell:B-0118',
    type: 'EmergencyBell',
    name: { type: 'LanguageProperty', languageMap: { ko: '시험 비상벨', en: 'Test bell' } },
    location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [126.607, 35.808] } },
    status: { type: 'Property', value: 'ok' },
  };
  assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities`, { token: device, body: bell })).status, 201);
  const screen = live(server, seat);
  await until(async () => screen.frames, (frames) => frames.some((frame) => frame.type === 'snapshot'));

  const report = {
    eventId: 'VA-1', engine: 'test', type: 'fallen', cameraId: 'C-0001', occurredAt: new Date().toISOString(), score: 0.9, durationSec: 70, box: [0, 0, 1, 1], place: 'road',
  };
  const taken = await ask(`${server.http}/api/v1/ingest/video-analytics`, { token: device, body: report });
  assert.equal(taken.json.accepted, 1, taken.text);
  const again = await ask(`${server.http}/api/v1/ingest/video-analytics`, { token: device, body: report });
  assert.equal(again.json.duplicate, 1, again.text);

  const fault = { id: 'FM-1', kind: 'asset.fault', assetId: 'B-0118', text: 'no tone', at: new Date().toISOString() };
  assert.ok((await ask(`${server.http}/api/v1/ingest/facility`, { token: device, body: fault })).status < 300);

  // Rule 3: a fire report of the 119 room.
  const auth = await ask(`${server.http}/link/119/api/getAuth.json`, { body: { apiKey: 'demo-119-key' } });
  assert.equal(auth.json.result, '0', auth.text);
  const local = new Date(Date.now() + 9 * 3600e3).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const message = {
    svcTy: 'EVENT', hdCnt: '14', dtCnt: '16', apSeq: { apCurrent: '1', apTotal: '1' }, cmnMtd: '1', tranTy: 'HTTP', sendCd: 'F5200000000', rcvCd: 'B5299000000', encAt: 'N', rrKey: auth.json.message,
    reqDate: local, bodyLen: '0', sysCd: '119', tranSysHis: ['119'], callBack: { useYn: 'N', targetUrl: '' },
    body: {
      startTag: '$DA', evtId: '119UC001', evtNm: '119 긴급출동', evtGrad: '10', ocrNbr: `${local}001`, ocrSts: '10', ocrLc: { crdntX: '126.607190', crdntY: '35.808360', crdntZ: '0' },
      ocrPlc: '중앙시장', ocrEvtCn: '화재', ocrEvtTime: local, ocrEvtStsTime: local, ocrEvtEndTime: '', ocrEvtSts: { ocrEvtStsCd: '10', ocrEvtStsDtl: '발생' },
      ocrEvtStsUsr: { ocrEvtUsrId: '119', ocrEvtUsrNm: '119' }, ocrEvtItemCnt: '1', ocrEvtItem: [{ key: 'BLDG_IN', val: 'Y' }], ocrEvtDtl: { ocrEvtDtlCd: '2001', ocrEvtDtlCdDtl: '화재' },
      endTag: '$DB', finishTag: '$DF',
    },
  };
  const sent = Date.now();
  const received = await ask(`${server.http}/link/119/linkHttp/recvEvent.json`, { body: message, headers: { 'X-Scsns-Secret': auth.json.message, 'X-Scsns-svcTy': 'EVENT', 'X-Scsns-sendCd': 'F5200000000' } });
  assert.equal(received.json.result, '0', received.text);
  const frames = await until(async () => screen.frames.filter((frame) => frame.type === 'alarm'), (found) => found.length > 0, 3000);
  assert.ok(Date.now() - sent < 1500, `the alarm took ${Date.now() - sent} ms`);
  const alarm = frames.at(-1).data;
  assert.equal(alarm.state, 'unacked');
  assert.ok(alarm.title.ko && alarm.title.en, 'a title in both languages');

  const detail = await ask(`${server.http}/api/v1/alarms/${alarm.id}`, { token: seat });
  assert.equal(detail.status, 200);
  assert.ok(detail.json.explanation.rule_version, 'it says which rule, in which version');
  assert.ok(detail.json.explanation.events.length >= 1, 'it shows the events');

  const answered = await ask(`${server.http}/api/v1/alarms/${alarm.id}/acknowledge`, { token: seat, body: {} });
  assert.equal(answered.status, 200, answered.text);
  screen.close();

  await server.kill();
  await server.restart();
  const kept = await ask(`${server.http}/api/v1/alarms/${alarm.id}`, { token: seat });
  assert.equal(kept.json.alarm.state, 'acked');
  assert.equal(kept.json.alarm.count, alarm.count, 'nothing is counted twice after the restart');
  assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities/${bell.id}`, { token: device })).status, 200);
});

test('the audit chain holds without the server', async () => {
  await server.kill();
  const { stdout } = await promisify(execFile)(process.env.BONGSU ?? 'build/bongsu', ['audit', 'verify', '--data', server.data, '--json']);
  const verdict = JSON.parse(stdout);
  assert.equal(verdict.ok, true);
  assert.ok(verdict.records > 3);
  await server.restart();
});
