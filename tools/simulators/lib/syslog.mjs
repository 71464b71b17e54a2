// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** syslog lines as devices write them: RFC 5424, RFC 3164, and CEF carried in RFC 5424. */

import { kst, rfc3164Time } from './time.mjs';

export const FACILITY = { auth: 4, cron: 9, local0: 16, local7: 23 };
export const SEVERITY = { err: 3, warning: 4, notice: 5, info: 6 };

/** The enterprise number reserved for documentation, RFC 5612. */
const ENTERPRISE = '32473';

/** @typedef {{at: number, host: string, facility: keyof typeof FACILITY, severity: keyof typeof SEVERITY}} Origin */

/** @param {Origin} o */
const priority = (o) => FACILITY[o.facility] * 8 + SEVERITY[o.severity];

/** @param {Origin & {app: string, pid?: string, msgid?: string, sd?: {id: string, params: Record<string, string>}, text: string}} m @returns {string} */
export function rfc5424(m) {
  const sd = m.sd ? `[${m.sd.id}@${ENTERPRISE} ${Object.entries(m.sd.params).map(([k, v]) => `${k}="${v.replace(/["\\\]]/g, '\\$&')}"`).join(' ')}]` : '-';
  return `<${priority(m)}>1 ${kst(m.at)} ${m.host} ${m.app} ${m.pid ?? '-'} ${m.msgid ?? '-'} ${sd} ${m.text}`;
}

/** @param {Origin & {app: string, pid: string, text: string}} m @returns {string} no year and no zone, as old devices send it */
export const rfc3164 = (m) => `<${priority(m)}>${rfc3164Time(m.at)} ${m.host} ${m.app}[${m.pid}]: ${m.text}`;

/** @param {Origin & {signature: string, name: string, level: number, fields: Record<string, string | number>}} m @returns {string} */
export function cef(m) {
  const head = (/** @type {string} */ text) => text.replace(/[|\\]/g, '\\$&');
  const extension = Object.entries({ rt: m.at, ...m.fields })
    .map(([k, v]) => `${k}=${String(v).replace(/[=\\]/g, '\\$&').replace(/\n/g, '\\n')}`)
    .join(' ');
  const text = `CEF:0|Haneul Networks|Gate|2.1|${head(m.signature)}|${head(m.name)}|${m.level}|${extension}`;
  return `<${priority(m)}>1 ${kst(m.at)} ${m.host} - - - - ${text}`;
}

/** RFC 6587 octet counting. @param {string} line @returns {Buffer} */
export function octetCounted(line) {
  const bytes = Buffer.from(line, 'utf8');
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}
