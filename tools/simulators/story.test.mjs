// SPDX-License-Identifier: Apache-2.0
// @ts-check
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import test, { after } from 'node:test';
import { readCity } from './lib/city.mjs';
import { Player } from './lib/player.mjs';
import { expand } from './lib/story.mjs';
import { secondsOf } from './lib/time.mjs';
import { DAY, makeCity, story } from './testing.mjs';

const made = makeCity();
after(made.remove);
const city = readCity(made.folder);

/** @param {Partial<ConstructorParameters<typeof Player>[2]>} options */
const play = (options) => {
  const player = new Player(city, story, { origin: DAY, ...options });
  const out = [];
  for (let m = player.take(); m; m = player.take()) out.push(m);
  return out;
};

const whole = play({});
/** @type {Map<string, {at: number, payload: string}[]>} */
const byTopic = new Map();
for (const m of whole) {
  if (m.channel !== 'mqtt') continue;
  const list = byTopic.get(m.topic);
  if (list) list.push(m);
  else byTopic.set(m.topic, [m]);
}
/** @param {string} topic @returns {any[]} */
const mqtt = (topic) => (byTopic.get(topic) ?? []).map((m) => ({ at: m.at, ...JSON.parse(m.payload) }));
const time = (/** @type {string} */ text) => DAY + secondsOf(text) * 1000;

test('times of the story never run backwards, in the script and in the stream', () => {
  for (const beat of story.beats) {
    const seconds = beat.steps.map((s) => secondsOf(s.at));
    assert.deepEqual(seconds, [...seconds].sort((a, b) => a - b), beat.id);
  }
  for (const w of story.world) {
    const seconds = (w.curve ?? w.states ?? []).map(([t]) => secondsOf(t));
    assert.deepEqual(seconds, [...seconds].sort((a, b) => a - b), `${w.device}.${w.field}`);
  }
  for (let i = 1; i < whole.length; i++) assert.ok(whole[i].at >= whole[i - 1].at);
  assert.ok(whole[0].at >= time(story.start) && whole[whole.length - 1].at < time(story.end));
});

test('the same city and day give the same stream, byte for byte', () => {
  const hash = (/** @type {unknown[]} */ messages) => createHash('sha256').update(JSON.stringify(messages)).digest('hex');
  const part = { from: secondsOf('16:30'), until: secondsOf('16:50') };
  assert.equal(hash(play(part)), hash(play(part)));
});

test('a run that begins in the middle says what the whole run says from there on', () => {
  const window = { from: secondsOf('15:00'), until: secondsOf('15:20') };
  const late = play(window).map((m) => JSON.stringify(m)).sort();
  const cut = whole.filter((m) => m.at >= DAY + window.from * 1000 && m.at < DAY + window.until * 1000).map((m) => JSON.stringify(m)).sort();
  // A wet underpass measures more often, so its beat depends on when it was dry.
  const wet = (/** @type {string} */ m) => m.includes('/underpass/UP-2/level');
  assert.deepEqual(late.filter((m) => !wet(m)), cut.filter((m) => !wet(m)));
});

test('every expectation names a beat, an asset of the city and a time after its beat began', () => {
  const steps = expand(story, city, (s) => DAY + s * 1000);
  for (const e of story.expect) {
    const beat = story.beats.find((b) => b.id === e.beat);
    assert.ok(beat, e.beat);
    assert.ok(e.entity || e.key, JSON.stringify(e));
    if (e.entity) assert.ok([...city.assets.values()].some((a) => a.id === e.entity), e.entity);
    const first = steps.find((s) => s.beat === e.beat);
    if (first && e.beat !== 'sshd' && e.beat !== 'heavy-rain' && e.beat !== 'signal-dark' && e.beat !== 'open-cabinet') assert.ok(secondsOf(e.at) >= first.s - 1, `${e.beat} at ${e.at}`);
    assert.ok(secondsOf(e.at) + e.within < secondsOf(story.end), e.beat);
  }
  const keys = story.expect.map((e) => `${e.rule}/${e.entity ?? e.key}`);
  assert.equal(new Set(keys).size, keys.length, 'each alarm is expected exactly once');
});

test('fourteen cameras fall silent with their switch and come back, no others do', () => {
  const loss = whole.filter((m) => m.channel === 'push' && m.source === 'vms' && /** @type {any} */ (m.body).eventType === 'VideoLoss').map((m) => /** @type {any} */ (m).body.cameraId);
  assert.equal(loss.filter((id) => id !== 'C-0777').length, 14);
  for (const asset of city.byType.get('Camera') ?? []) {
    if (!asset.values.keyCamera) continue;
    const beats = (byTopic.get(`city/camera/${asset.device}/health`) ?? []).map((m) => m.at);
    const gap = beats.reduce((most, at, i) => (i === 0 ? 0 : Math.max(most, at - beats[i - 1])), 0);
    if (asset.refs.refSwitch === 'SW-031' || asset.device === 'C-0777') assert.ok(gap > 2300000, asset.device);
    else assert.equal(gap, 20000, asset.device);
  }
});

test('the underpass passes 5 and 15 cm when the script says so and the barrier stays between open and closed', () => {
  const a = mqtt('city/underpass/UP-2/level-a');
  const b = mqtt('city/underpass/UP-2/level-b');
  for (const sensor of [a, b]) {
    assert.ok(Math.abs(sensor.find((m) => m.depth >= 5).at - time('15:04:00')) <= 15000);
    assert.ok(Math.abs(sensor.find((m) => m.depth >= 15).at - time('15:11:00')) <= 15000);
  }
  const barrier = mqtt('city/underpass/UP-2/barrier').filter((m) => m.order === 'close');
  assert.equal(barrier[0].orderedAt, new Date(time('15:11:10')).toISOString());
  assert.ok(barrier.filter((m) => m.at < time('15:19:00')).every((m) => m.state !== 'closed'));
  for (const id of ['UP-1', 'UP-3', 'UP-4']) assert.ok(mqtt(`city/underpass/${id}/level-a`).every((m) => m.depth === 0));
});

test('background readings stay inside what needs nobody', () => {
  for (const gauge of city.byType.get('WaterLevelGauge') ?? []) {
    const levels = mqtt(`city/water/${gauge.device}/level`);
    if (gauge.device === 'WG-03') {
      assert.ok(Math.abs(levels.find((m) => m.level >= gauge.values.warningLevel).at - time('15:46:00')) <= 90000);
      continue;
    }
    if (gauge.values.river === 'tide') continue;
    assert.ok(Math.max(...levels.map((m) => m.level)) < gauge.values.attentionLevel, gauge.device);
  }
  for (const gauge of ['WG-01', 'WG-02', 'WG-03', 'WG-04', 'WG-05', 'WG-06', 'WG-07', 'WG-08', 'WG-09', 'WG-10', 'WG-12']) {
    const levels = mqtt(`city/water/${gauge}/level`);
    levels.forEach((m, i) => i >= 30 && assert.ok(m.level - levels[i - 30].level < 0.5, `${gauge} rises too fast`));
  }
  for (const gauge of city.byType.get('RainGauge') ?? []) {
    const rain = mqtt(`city/rain/${gauge.device}/obs`);
    assert.ok(Math.max(...rain.map((m) => m.mm60)) < 30 && Math.max(...rain.map((m) => m.mm15)) < 20, gauge.device);
  }
  for (const pump of city.byType.get('PumpStation') ?? []) assert.ok(Math.max(...mqtt(`city/pump/${pump.device}/state`).map((m) => m.level)) < pump.values.highLevel);
  for (const signal of city.byType.get('TrafficSignal') ?? []) if (signal.device !== 'TS-014') assert.ok(mqtt(`city/signal/${signal.device}/status`).every((m) => m.state === 'normal'));
});

test('one circuit is dark for eighty minutes in the evening, the others burn when ordered', () => {
  for (const circuit of city.byType.get('StreetlightCircuit') ?? []) {
    const dark = mqtt(`city/light/${circuit.device}/state`).filter((m) => m.command === 'on' && m.lit === 0);
    if (circuit.device === 'SL-012-2') assert.ok(dark.length >= 15 && dark[0].at >= time('18:05:00') && dark[0].at < time('18:10:00'));
    else assert.equal(dark.length, 0, circuit.device);
  }
});

test('only the cabinet of the story is opened without a permit', () => {
  const open = [];
  for (const cabinet of city.byType.get('PoleCabinet') ?? []) if (mqtt(`city/cabinet/${cabinet.device}/door`).some((m) => m.door === 'open')) open.push(cabinet.device);
  assert.deepEqual(open.sort(), ['PC-044', 'PC-077']);
  const permit = whole.filter((m) => m.channel === 'push' && m.source === 'facility').map((m) => /** @type {any} */ (m).body);
  const opened = permit.find((p) => p.kind === 'workPermit.opened');
  assert.equal(opened.assetId, 'PC-044');
  const door = mqtt('city/cabinet/PC-044/door').filter((m) => m.door === 'open');
  assert.ok(door.every((m) => m.at > Date.parse(opened.from) && m.at < Date.parse(opened.to)));
});

test('the 112 link gives no sign of life for 35 minutes, the other links never miss one', () => {
  for (const source of ['112', '119', 'police', 'moj']) {
    const beats = whole.filter((m) => m.channel === 'auth' && m.source === source).map((m) => m.at);
    const gap = beats.reduce((most, at, i) => (i === 0 ? 0 : Math.max(most, at - beats[i - 1])), 0);
    if (source === '112') assert.ok(gap >= 2100000, `${gap}`);
    else assert.equal(gap, 300000, source);
  }
});

test('each kind of message looks as it did: one golden line a kind', () => {
  /** @type {Record<string, unknown>} */
  const samples = {};
  for (const m of whole) {
    const kind = m.channel === 'mqtt' ? `mqtt ${m.topic.split('/')[1]}/${m.topic.split('/')[3]}` : m.channel.startsWith('syslog') ? `${m.channel} ${syslogKind(/** @type {any} */ (m).line)}` : `${m.channel} ${/** @type {any} */ (m).source}${pushKind(m)}`;
    samples[kind] ??= m;
  }
  const text = `${Object.keys(samples).sort().map((kind) => JSON.stringify({ kind, ...shorten(/** @type {any} */ (samples[kind])) })).join('\n')}\n`;
  const golden = new URL('./golden/messages.ndjson', import.meta.url);
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});

/** @param {any} m */
const pushKind = (m) => (m.channel === 'push' ? ` ${m.body?.eventType ?? m.body?.kind ?? m.body?.type ?? m.body?.[0]?.eventType ?? ''}`.trimEnd() : m.channel === 'link' ? ` ${m.message.body.evtId} ${m.message.body.ocrSts}` : '');

/** @param {string} line */
const syslogKind = (line) => (line.includes('CEF:') ? `cef ${/Gate\|2\.1\|(\d+)/.exec(line)?.[1]}` : / (LINKUP|LINKDOWN|MACNEW|MACSEEN|TEMP|POE) /.exec(line)?.[1] ?? / (sshd|CRON|vmsd)/.exec(line)?.[1] ?? '?');

/** Long arrays are cut in the golden file. @param {any} m */
const shorten = (m) => (Array.isArray(m.body) ? { ...m, body: m.body.slice(0, 1) } : m);
