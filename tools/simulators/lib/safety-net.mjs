// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The safety-net event message, field by field, in its JSON and its form-encoded shape. */

import { digits14 } from './time.mjs';

/** Institution and habits of each peer. `interval` is the sign of life, seconds.
 *  @typedef {{sendCd: string, sysCd: string, apiKey: string, form: boolean, capitalBody: boolean, userField: 'ocrEvtStsUsr' | 'ocrEvtUsr', user: [string, string], interval: number}} Peer */

export const CITY_CODE = 'B5299000000';

/** @type {Record<string, Peer>} */
export const PEERS = {
  112: { sendCd: 'P5200000000', sysCd: '112', apiKey: 'demo-112-key', form: false, capitalBody: false, userField: 'ocrEvtStsUsr', user: ['112-07', '112종합상황실'], interval: 300 },
  119: { sendCd: 'F5200000000', sysCd: '119', apiKey: 'demo-119-key', form: true, capitalBody: true, userField: 'ocrEvtStsUsr', user: ['119-02', '119종합상황실'], interval: 300 },
  police: { sendCd: 'P5299000000', sysCd: 'POL', apiKey: 'demo-police-key', form: false, capitalBody: false, userField: 'ocrEvtStsUsr', user: ['hn-31', '하늘경찰서 실종팀'], interval: 300 },
  moj: { sendCd: 'J1000000000', sysCd: 'MOJ', apiKey: 'demo-moj-key', form: false, capitalBody: true, userField: 'ocrEvtUsr', user: ['moj-11', '위치추적관제센터'], interval: 300 },
};

const EVENT_NAMES = /** @type {Record<string, string>} */ ({ '112UC001': '112 긴급영상', '112UC120': '112 긴급출동', '119UC001': '119 긴급출동', WPSSF110: '사회적약자', MOJUC110: '전자발찌' });
const STATE_NAMES = /** @type {Record<string, string>} */ ({ 10: '발생', 20: '접수', 30: '처리중', 40: '정보변경', 50: '해제', 90: '취소', 91: '종료', 92: '자동종료' });
const DETAILS = /** @type {Record<string, string>} */ ({
  1001: '살인', 1002: '강도', 1003: '날치기·절도', 1004: '납치·감금', 1005: '성폭력', 1006: '가정폭력', 1007: '아동학대', 1101: '기타범죄',
  2001: '화재', 2002: '구조', 2003: '구급', 2004: '기타', 3001: 'SOS 호출', 3002: '안심구역 이탈', 3003: '실종(치매)', 3004: '실종(아동)',
  4001: '장치훼손', 4002: '외출제한 위반', 4003: '금지구역 진입', 4004: '피해자 접근',
});

/** What the story says about one message.
 *  @typedef {{source: string, evtId: string, state: string, grade: '10' | '20', occurred: number, at: number, number: string, point: [number, number], place: string, text: string, detail: string, items: [string, string][]}} Report */

/** @param {Report} r @returns {{header: Record<string, any>, body: Record<string, any>}} */
export function eventMessage(r) {
  const peer = PEERS[r.source];
  const ended = ['90', '91', '92'].includes(r.state);
  const body = {
    startTag: '$DA',
    evtId: r.evtId,
    evtNm: EVENT_NAMES[r.evtId] ?? r.evtId,
    evtGrad: r.grade,
    ocrNbr: r.number,
    ocrSts: r.state,
    ocrLc: { crdntX: r.point[0].toFixed(6), crdntY: r.point[1].toFixed(6), crdntZ: '0' },
    ocrPlc: r.place,
    ocrEvtCn: r.text,
    ocrEvtTime: digits14(r.occurred),
    ocrEvtStsTime: digits14(r.at),
    ocrEvtEndTime: ended ? digits14(r.at) : '',
    ocrEvtSts: { ocrEvtStsCd: r.state, ocrEvtStsDtl: STATE_NAMES[r.state] ?? '' },
    [peer.userField]: { ocrEvtUsrId: peer.user[0], ocrEvtUsrNm: peer.user[1] },
    ocrEvtItemCnt: String(r.items.length),
    ocrEvtItem: r.items.map(([key, val]) => ({ key, val })),
    ocrEvtDtl: { ocrEvtDtlCd: r.detail, ocrEvtDtlCdDtl: DETAILS[r.detail] ?? '' },
    endTag: '$DB',
    finishTag: '$DF',
  };
  const header = {
    svcTy: 'EVENT',
    hdCnt: '14',
    dtCnt: '16',
    apSeq: { apCurrent: '1', apTotal: '1' },
    cmnMtd: '1',
    tranTy: 'HTTP',
    sendCd: peer.sendCd,
    rcvCd: CITY_CODE,
    encAt: 'N',
    rrKey: `${peer.sysCd}-${r.number}-${r.state}-${digits14(r.at)}`,
    reqDate: digits14(r.at),
    bodyLen: String(Buffer.byteLength(JSON.stringify(body))),
    sysCd: peer.sysCd,
    tranSysHis: [peer.sysCd],
    callBack: { useYn: 'N', targetUrl: '' },
  };
  return { header, body };
}

/** @param {string} source @param {string} session @returns {Record<string, string>} HTTP headers of an event message */
export function eventHeaders(source, session) {
  const peer = PEERS[source];
  return {
    'X-Scsns-svcTy': 'EVENT', 'X-Scsns-sendCd': peer.sendCd, 'X-Scsns-rcvCd': CITY_CODE, 'X-Scsns-sysCd': peer.sysCd, 'X-Scsns-encAt': 'N', 'X-Scsns-Secret': session,
    'X-Scsns-type': 'sync', 'Content-Type': peer.form ? 'application/x-www-form-urlencoded; charset=UTF-8' : 'application/json; charset=UTF-8',
  };
}

/** @param {string} source @param {{header: Record<string, any>, body: Record<string, any>}} message @returns {string} the HTTP body */
export function encode(source, message) {
  const peer = PEERS[source];
  if (!peer.form) return JSON.stringify({ ...message.header, [peer.capitalBody ? 'Body' : 'body']: message.body });
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(message.header)) form.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  form.set('Body', JSON.stringify(message.body));
  return form.toString();
}

/** @param {string} source @param {string} apiKey @returns {{headers: Record<string, string>, body: string}} the sign-in request */
export function authRequest(source, apiKey) {
  const peer = PEERS[source];
  const headers = { ...eventHeaders(source, ''), 'X-Scsns-svcTy': 'AUTH' };
  return { headers, body: peer.form ? new URLSearchParams({ apiKey }).toString() : JSON.stringify({ apiKey }) };
}
