// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The ordinary day of systems that do not speak MQTT: logs and pushes that must raise nothing. */

import { silent } from './devices.mjs';
import { chance, drift, hash, round } from './noise.mjs';
import { cef, rfc3164, rfc5424 } from './syslog.mjs';
import { PEERS } from './safety-net.mjs';
import { kst } from './time.mjs';

/** @typedef {import('./city.mjs').Asset} Asset */
/** @typedef {import('./city.mjs').CityData} CityData */
/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./devices.mjs').Moment} Moment */
/** @typedef {import('./player.mjs').Message} Message */
/** Something that speaks every `every` seconds. @typedef {{name: string, family: string, every: number, make: (m: Moment) => Message[]}} Habit */

/** @template T @param {T[]} list @param {string} name @param {number} s @returns {T} */
const pick = (list, name, s) => list[hash(`${name}@${Math.floor(s)}`) % list.length];

/** @param {CityData} city @param {World} world @returns {Habit[]} */
export function habits(city, world) {
  const cameras = city.byType.get('Camera') ?? [];
  const switches = (city.byType.get('NetworkSwitch') ?? []).filter((s) => s.device.startsWith('SW-'));
  const video = (city.byType.get('Server') ?? []).filter((s) => s.values.role === 'video');
  return [
    ...links(world),
    ...videoManagement(cameras, video, world),
    switchLog(switches, world),
    videoLog(cameras, video, world),
    firewall(cameras, world),
    cron(),
    analytics(city, cameras, world),
    disasterMessages(world),
  ];
}

/** @param {World} world @returns {Habit[]} each peer signs in again: its sign of life */
const links = (world) =>
  Object.entries(PEERS).map(([source, peer]) => ({
    name: `link/${source}`, family: 'link', every: peer.interval,
    make: (m) => (silent(`link/${source}`, m.s, world) ? [] : [{ at: m.at, channel: 'auth', source }]),
  }));

/** @param {Asset} camera @param {World} world @param {number} s */
const cameraSilent = (camera, world, s) => silent(camera.device, s, world) || silent(camera.refs.refSwitch, s, world);

/** @param {Asset[]} cameras @param {Asset[]} video @param {World} world @returns {Habit[]} */
function videoManagement(cameras, video, world) {
  const status = video.map((server) => {
    const own = cameras.filter((c) => c.refs.videoServer === server.device);
    return /** @type {Habit} */ ({
      name: `vms/${server.device}`, family: 'vms', every: 600,
      make: (m) => {
        const body = own
          .filter((c) => !cameraSilent(c, world, m.s))
          .map((c) => ({
            eventId: `VMS-${server.device.slice(3)}-${m.at / 1000}-${c.device}`, eventType: 'Status', cameraId: c.device, server: server.device, occurredAt: kst(m.at),
            fps: 15, kbps: Math.round(2050 + 300 * drift(c.device, m.s, 600)), recording: true, text: 'ok',
          }));
        return body.length === 0 ? [] : [{ at: m.at, channel: 'push', source: 'vms', body }];
      },
    });
  });
  return [
    ...status,
    {
      name: 'vms/alive', family: 'vms', every: 60,
      make: (m) => [{ at: m.at, channel: 'push', source: 'vms', body: { eventId: `VMS-KA-${m.at / 1000}`, eventType: 'KeepAlive', server: 'VS-01', occurredAt: kst(m.at), text: 'alive' } }],
    },
  ];
}

/** @param {Asset[]} switches @param {World} world @returns {Habit} */
function switchLog(switches, world) {
  return {
    name: 'switch', family: 'switch', every: 12,
    make: (m) => {
      const device = pick(switches, 'switch', m.s);
      if (silent(device.device, m.s, world)) return [];
      const port = 1 + (hash(`${device.device}@${m.s}`) % 6);
      const mac = `02:00:00:${octet(hash(device.device) >> 8)}:${octet(hash(device.device))}:${octet(port)}`;
      const kind = Math.floor(chance('switch kind', m.s) * 3);
      /** @type {{msgid: string, sd: {id: string, params: Record<string, string>}, text: string}} */
      const said = [
        { msgid: 'MACSEEN', sd: { id: 'mac', params: { mac, port: String(port), vlan: '110' } }, text: `MAC address ${mac} refreshed on port ${port} vlan 110` },
        { msgid: 'TEMP', sd: { id: 'env', params: { celsius: String(24 + (port % 4)) } }, text: `Temperature ${24 + (port % 4)} C normal` },
        { msgid: 'POE', sd: { id: 'poe', params: { port: String(port), watts: '9.4' } }, text: `PoE port ${port} 9.4 W class 3` },
      ][kind];
      const line = rfc5424({ at: m.at, host: device.device, facility: 'local7', severity: 'info', app: 'swmgr', ...said });
      return [{ at: m.at, channel: 'syslog-udp', line }];
    },
  };
}

/** @param {number} n */
const octet = (n) => (n & 255).toString(16).padStart(2, '0');

/** @param {Asset[]} cameras @param {Asset[]} video @param {World} world @returns {Habit} */
function videoLog(cameras, video, world) {
  return {
    name: 'video-log', family: 'video', every: 30,
    make: (m) => {
      const camera = pick(cameras, 'video-log', m.s);
      if (cameraSilent(camera, world, m.s)) return [];
      const server = video.find((v) => v.device === camera.refs.videoServer);
      const text = chance('video-log kind', m.s) < 0.5 ? `camera ${camera.device} reconnect ok` : `storage volume d${1 + (hash(camera.device) % 6)} used ${60 + (hash(camera.device) % 9)}%`;
      return [{ at: m.at, channel: 'syslog-udp', line: rfc3164({ at: m.at, host: server?.device ?? 'VS-01', facility: 'local0', severity: 'info', app: 'vmsd', pid: '812', text }) }];
    },
  };
}

/** @param {Asset[]} cameras @param {World} world @returns {Habit} */
function firewall(cameras, world) {
  return {
    name: 'firewall', family: 'firewall', every: 10,
    make: (m) => {
      const camera = pick(cameras, 'firewall', m.s);
      const denied = chance('firewall kind', m.s) < 0.06;
      const office = { src: `10.9.2.${20 + (hash(camera.device) % 180)}`, dst: `203.0.113.${1 + (hash(camera.device) % 250)}`, spt: 40000 + (hash(camera.device) % 20000), dpt: 443, proto: 'TCP', act: 'deny', cs1: 'OFFICE', cs1Label: 'zone' };
      const flow = { src: camera.values.ipAddress, dst: `10.9.1.${11 + (hash(camera.refs.videoServer) % 12)}`, spt: 40000 + (hash(`${camera.device}${m.s}`) % 20000), dpt: 554, proto: 'TCP', act: 'allow', cs1: 'CCTV', cs1Label: 'zone' };
      if (!denied && cameraSilent(camera, world, m.s)) return [];
      const line = cef({ at: m.at, host: 'FW-01', facility: 'local0', severity: denied ? 'notice' : 'info', signature: denied ? '1002' : '1001', name: denied ? 'Connection denied' : 'Connection allowed', level: denied ? 4 : 2, fields: denied ? office : flow });
      return [{ at: m.at, channel: 'syslog-tcp', line }];
    },
  };
}

/** @returns {Habit} */
const cron = () => ({
  name: 'cron', family: 'server', every: 300,
  make: (m) => {
    const host = `SV-0${1 + (hash(`cron@${m.s}`) % 6)}`;
    return [{ at: m.at, channel: 'syslog-tcp', line: rfc5424({ at: m.at, host, facility: 'cron', severity: 'info', app: 'CRON', pid: String(3000 + (m.s % 900)), text: '(root) CMD (/usr/local/bin/rotate-logs)' }) }];
  },
});

/** Detections nobody needs: people and cars passing. @param {CityData} city @param {Asset[]} cameras @param {World} world @returns {Habit} */
function analytics(city, cameras, world) {
  const bells = new Set((city.byType.get('EmergencyBell') ?? []).map((b) => b.refs.refCamera));
  const watching = cameras.filter((c) => !bells.has(c.device) && !c.values.ptz);
  return {
    name: 'analytics', family: 'analytics', every: 45,
    make: (m) => {
      const camera = pick(watching, 'analytics', m.s);
      if (cameraSilent(camera, world, m.s)) return [];
      const person = chance('analytics kind', m.s) < 0.55;
      const body = {
        eventId: `VA-B${m.at / 1000}`, engine: 'analytics-1', type: person ? 'person' : 'vehicle', cameraId: camera.device, occurredAt: kst(m.at),
        score: round(0.72 + 0.2 * chance('analytics score', m.s), 2), durationSec: 3 + (hash(camera.device) % 20), box: [0.4, 0.45, 0.1, 0.22], place: person ? 'sidewalk' : 'road',
      };
      return [{ at: m.at, channel: 'push', source: 'video-analytics', body }];
    },
  };
}

/** The interface is asked every ten minutes; news come from the story. @param {World} world @returns {Habit} */
const disasterMessages = (world) => ({
  name: 'disaster-message', family: 'disaster', every: 600,
  make: (m) => {
    const broken = world.at('disaster-message', 'broken', m.s) === true;
    const header = broken ? { resultCode: '99', resultMsg: 'UNKNOWN_ERROR', errorMsg: '일시적인 오류가 발생하였습니다.' } : { resultCode: '00', resultMsg: 'NORMAL SERVICE', errorMsg: null };
    return [{ at: m.at, channel: 'push', source: 'disaster-message', body: { header, numOfRows: broken ? 0 : 10, pageNo: 1, totalCount: 0, body: broken ? null : [] } }];
  },
});
