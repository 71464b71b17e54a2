// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Command line of run.mjs. */

import { parseArgs } from 'node:util';
import { secondsOf } from './time.mjs';

export const USAGE = `usage: node tools/simulators/run.mjs --server URL --city DIR [options]
Plays the ten-hour story of the demo city (docs/formats/demo-city.md) as devices and agencies over real protocols.

  --server URL          the platform; its clock is read from URL/health
  --city DIR            folder written by tools/city/generate.mjs
  --ingest-token T      bearer token for HTTP push (or BONGSU_INGEST_TOKEN)
  --mqtt URL            mqtt://user:password@127.0.0.1:PORT
  --syslog-udp PORT     on 127.0.0.1, or HOST:PORT
  --syslog-tcp PORT     the same, octet-counted
  --link-url URL        where the safety-net peers report (URL/link/{source}/...); "server" = the same as --server
  --link-keys LIST      112=KEY,119=KEY,police=KEY,moj=KEY (or BONGSU_LINK_KEYS)
  --agency-listen ADDR  be the agencies' receiving side, e.g. 127.0.0.1:0
  --record FILE         keep what the agencies receive, one JSON a line
  A protocol without its option is left out, and the first line says so.

  --clock-scale S       refuse to run when the server's clock has another scale
  --align day|now       day: 10:00 is 10:00 of the server's Korean day (default); now: the story begins at once
  --from HH:MM[:SS]     begin there (default: where the server's clock is, or 10:00)
  --until HH:MM[:SS]    end there (default 20:00)
  --loop                never end: with --align day the ordinary day goes on and the story comes again at 10:00 of
                        the next one; with --align now the story begins again at once
  --only NAME,...       only these: mqtt, syslog, push, link, story, a device family, or the id of a part of the story
  --no-background       only the story and the devices it touches
  --story FILE          another story (default: story.json beside this program)
  --dry-run FILE        no network, no server: write every message to FILE ("-" = standard output), one JSON a line
  --date YYYY-MM-DD     day of a dry run (default 2026-11-22)
  --quiet               no progress lines
  --help

Exit codes: 0 played to the end or stopped by a signal, 1 something could not be delivered or was refused, 2 usage.`;

/** @typedef {{host: string, port: number}} Address */
/** @typedef {{server: string, city: string, token: string, mqtt?: string, udp?: Address, tcp?: Address, link?: string, keys: Record<string, string>, agencies?: Address, record?: string, scale?: number,
 *   align: 'day' | 'now', from?: number, until?: number, loop: boolean, only: string[], background: boolean, story?: string, dryRun?: string, date: string, quiet: boolean}} Options */

/** @param {string[]} argv @returns {Options | {help: true} | {error: string}} */
export function readOptions(argv) {
  try {
    return interpret(argv);
  } catch (error) {
    return { error: /** @type {Error} */ (error).message };
  }
}

/** @param {string[]} argv @returns {Options | {help: true}} */
function interpret(argv) {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const { values: v } = parseArgs({
    args: argv,
    options: {
      server: text, city: text, 'ingest-token': text, mqtt: text, 'syslog-udp': text, 'syslog-tcp': text, 'link-url': text, 'link-keys': text, 'agency-listen': text, record: text, 'clock-scale': text,
      align: text, from: text, until: text, loop: flag, only: text, 'no-background': flag, story: text, 'dry-run': text, date: text, quiet: flag, help: flag,
    },
  });
  if (v.help) return { help: true };
  if (!v.city) throw new Error('--city DIR is missing');
  if (!v.server && !v['dry-run']) throw new Error('--server URL is missing');
  if (v.align && v.align !== 'day' && v.align !== 'now') throw new Error(`--align ${v.align}: day or now is wanted`);
  if (v.loop && (v.until || (v.from && v.align !== 'now'))) throw new Error('--loop goes without --until, and without --from unless --align now');
  const scale = v['clock-scale'] === undefined ? undefined : Number(v['clock-scale']);
  if (scale !== undefined && !(scale > 0)) throw new Error(`--clock-scale ${v['clock-scale']}: a number above 0 is wanted`);
  if (v.date && !/^\d{4}-\d{2}-\d{2}$/.test(v.date)) throw new Error(`--date ${v.date}: YYYY-MM-DD is wanted`);
  return {
    server: v.server ?? '', city: v.city, token: v['ingest-token'] ?? process.env.BONGSU_INGEST_TOKEN ?? '', mqtt: v.mqtt, udp: address(v['syslog-udp']), tcp: address(v['syslog-tcp']),
    link: v['link-url'] === 'server' ? v.server : v['link-url'], keys: keyList(v['link-keys'] ?? process.env.BONGSU_LINK_KEYS ?? ''), agencies: address(v['agency-listen']), record: v.record, scale,
    align: v.align === 'now' ? 'now' : 'day', from: v.from ? secondsOf(v.from) : undefined, until: v.until ? secondsOf(v.until) : undefined, loop: v.loop === true, only: (v.only ?? '').split(',').filter(Boolean),
    background: !v['no-background'], story: v.story, dryRun: v['dry-run'], date: v.date ?? '2026-11-22', quiet: v.quiet === true,
  };
}

/** @param {string | undefined} text PORT or HOST:PORT @returns {Address | undefined} */
function address(text) {
  if (text === undefined) return undefined;
  const [host, port] = text.includes(':') ? text.split(':') : ['127.0.0.1', text];
  const number = Number(port);
  if (!host || !Number.isInteger(number) || number < 0 || number > 65535) throw new Error(`"${text}": PORT or HOST:PORT is wanted`);
  return { host, port: number };
}

/** @param {string} text 112=KEY,119=KEY */
function keyList(text) {
  return Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const at = pair.indexOf('=');
        if (at < 1) throw new Error(`--link-keys "${pair}": SOURCE=KEY is wanted`);
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
  );
}
