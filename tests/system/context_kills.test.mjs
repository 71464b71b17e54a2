// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Random writes over HTTP, SIGKILL in the middle, another number of shards: what was answered is there, in the entities, in every
 * index and in the history; what was under way is there whole or not at all. Once more with next to no memory for attributes, so that
 * what rests is read from the store. BONGSU_KILLS asks for more rounds, BONGSU_SEED for the same again. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { ask, startServer } from './harness.mjs';

const kLanes = 8;
const kEntities = 5; // of a lane: no two lanes write the same one
const rounds = Number(process.env.BONGSU_KILLS ?? 6);
const seed = Number(process.env.BONGSU_SEED ?? Date.now() % 1_000_000);

/** Park and Miller's generator: the same seed gives the same operations. */
let state = (seed % 2147483646) + 1;
const below = (/** @type {number} */ n) => (state = (state * 48271) % 2147483647) % n;
const pick = (/** @type {any[]} */ of) => of[below(of.length)];

/** @typedef {{ exists: boolean, attrs: Record<string, any> }} Shape  attributes as keyValues
 *  @typedef {{ id: string, now: Shape, told: number[], maybe: Shape | null, maybeTold: number[] }} Entity */

const idOf = (/** @type {number} */ lane, /** @type {number} */ n) => `urn:ngsi-ld:Probe:${lane}-${n}`;
/** @type {Entity[][]} */
const lanes = Array.from({ length: kLanes }, (_, lane) =>
  Array.from({ length: kEntities }, (_, n) => ({ id: idOf(lane, n), now: { exists: false, attrs: {} }, told: [], maybe: null, maybeTold: [] })),
);
const all = lanes.flat();

const kMakers = {
  level: () => below(100),
  name: () => `n${below(6)}`,
  link: () => idOf(below(kLanes), below(kEntities)),
  location: () => ({ type: 'Point', coordinates: [126 + below(20) / 10, 37 + below(20) / 10] }),
};
const kKinds = { level: 'Property', name: 'Property', link: 'Relationship', location: 'GeoProperty' };
const normalized = (/** @type {Record<string, any>} */ attrs) =>
  Object.fromEntries(Object.entries(attrs).map(([name, value]) => [name, { type: kKinds[/** @type {'level'} */ (name)], [name === 'link' ? 'object' : 'value']: value }]));

function someAttributes() {
  /** @type {Record<string, any>} */
  const attrs = {};
  for (const [name, make] of Object.entries(kMakers)) if (below(2)) attrs[name] = make();
  return Object.keys(attrs).length > 0 ? attrs : { level: below(100) };
}

/** One write: what is sent, and what each of its entities is afterwards. @param {Entity[]} mine */
function operation(mine) {
  const one = pick(mine);
  const attrs = someAttributes();
  const path = `/ngsi-ld/v1/entities/${one.id}`;
  /** @type {(entity: Entity, shape: Shape, levels?: number[]) => { entity: Entity, shape: Shape, levels: number[] }} */
  const becomes = (entity, shape, levels = []) => ({ entity, shape, levels });
  const levels = attrs.level === undefined ? [] : [attrs.level];
  const merged = { exists: true, attrs: { ...one.now.attrs, ...attrs } };
  if (below(4) === 0) {
    const some = mine.filter(() => below(2));
    const outcome = some.map((entity) => {
      const own = someAttributes();
      return { own, ...becomes(entity, { exists: true, attrs: { ...entity.now.attrs, ...own } }, own.level === undefined ? [] : [own.level]) };
    });
    if (some.length > 0)
      return { method: 'POST', path: '/ngsi-ld/v1/entityOperations/upsert?options=update', body: outcome.map(({ entity, own }) => ({ id: entity.id, type: 'Probe', ...normalized(own) })), outcome };
  }
  if (!one.now.exists) {
    return { method: 'POST', path: '/ngsi-ld/v1/entities', body: { id: one.id, type: 'Probe', ...normalized(attrs) }, outcome: [becomes(one, { exists: true, attrs }, levels)] };
  }
  switch (below(6)) {
    case 0:
      return { method: 'DELETE', path, outcome: [becomes(one, { exists: false, attrs: {} })] };
    case 1:
      return { method: 'PUT', path, body: { id: one.id, type: 'Probe', ...normalized(attrs) }, outcome: [becomes(one, { exists: true, attrs }, levels)] };
    case 2: {
      const name = pick(Object.keys(one.now.attrs));
      if (name === undefined) break;
      const { [name]: _, ...rest } = one.now.attrs;
      return { method: 'DELETE', path: `${path}/attrs/${name}`, outcome: [becomes(one, { exists: true, attrs: rest })] };
    }
    case 3:
      return { method: 'PATCH', path, body: normalized(attrs), outcome: [becomes(one, merged, levels)] };
    default:
      break;
  }
  return { method: 'POST', path: `${path}/attrs`, body: normalized(attrs), outcome: [becomes(one, merged, levels)] };
}

/** Writes until the server is gone; what was under way then may be there or not. @param {string} base @param {Entity[]} mine @param {() => void} answered */
async function write(base, mine, answered) {
  for (;;) {
    const { method, path, body, outcome } = operation(mine);
    for (const { entity, shape, levels } of outcome) Object.assign(entity, { maybe: shape, maybeTold: levels });
    let answer;
    try {
      answer = await ask(base + path, { method, body });
    } catch {
      return; // killed
    }
    assert.ok(answer.status < 300, `${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`);
    for (const { entity, shape, levels } of outcome) {
      entity.now = shape;
      entity.told.push(...levels);
      Object.assign(entity, { maybe: null, maybeTold: [] });
    }
    answered();
  }
}

const ids = (/** @type {any[]} */ of) => of.map((one) => one.id).sort();

/** @param {string} base */
async function check(base) {
  const get = async (/** @type {string} */ what) => {
    const answer = await ask(`${base}/ngsi-ld/v1/${what}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  const found = new Map((await get('entities?type=Probe&limit=1000&options=keyValues')).map((/** @type {any} */ one) => [one.id, one]));
  for (const entity of all) {
    const one = found.get(entity.id);
    const { id: _, type: __, ...attrs } = one ?? { id: '', type: '' };
    const is = { exists: one !== undefined, attrs };
    const same = (/** @type {Shape | null} */ shape) => shape !== null && is.exists === shape.exists && JSON.stringify(sorted(is.attrs)) === JSON.stringify(sorted(shape.attrs));
    assert.ok(same(entity.now) || same(entity.maybe), `${entity.id} is ${JSON.stringify(is)}, was ${JSON.stringify(entity.now)} or ${JSON.stringify(entity.maybe)}`);
    const whole = !same(entity.now);
    const past = await ask(`${base}/ngsi-ld/v1/temporal/entities/${entity.id}?attrs=level&options=temporalValues&timeproperty=modifiedAt&timerel=after&timeAt=2000-01-01T00:00:00Z`);
    const told = past.status === 404 ? [] : (past.json.level?.values ?? []).map((/** @type {any} */ pair) => pair[0]);
    const with_maybe = [...entity.told, ...entity.maybeTold];
    const expected = whole || (same(entity.maybe) && told.length === with_maybe.length) ? with_maybe : entity.told;
    assert.deepEqual(told, expected, `the history of ${entity.id}`);
    Object.assign(entity, { now: is, told: expected, maybe: null, maybeTold: [] });
  }
  const there = all.filter((entity) => entity.now.exists);
  const matching = (/** @type {(attrs: any) => boolean} */ holds) => ids(there.filter((entity) => holds(entity.now.attrs)));
  const level = below(100);
  const name = `n${below(6)}`;
  const link = idOf(below(kLanes), below(kEntities));
  const box = JSON.stringify([[[126, 37], [127, 37], [127, 38], [126, 38], [126, 37]]]);
  for (const [query, expected] of /** @type {[string, string[]][]} */ ([
    [`q=level>${level}`, matching((attrs) => attrs.level > level)],
    [`q=level==${level}`, matching((attrs) => attrs.level === level)],
    [`q=name=="${name}"`, matching((attrs) => attrs.name === name)],
    [`q=link=="${link}"`, matching((attrs) => attrs.link === link)],
    [`q=!name`, matching((attrs) => attrs.name === undefined)],
    [`georel=within&geometry=Polygon&coordinates=${box}`, matching(({ location }) => location !== undefined && location.coordinates[0] < 127 && location.coordinates[0] > 126 && location.coordinates[1] < 38 && location.coordinates[1] > 37)],
  ])) {
    const inside = query.startsWith('georel') ? (/** @type {any[]} */ list) => list.filter((one) => !onEdge(one.location)) : (/** @type {any[]} */ list) => list;
    const answer = await get(`entities?type=Probe&limit=1000&options=keyValues&${encodeURI(query)}`);
    assert.deepEqual(ids(inside(answer)), expected, query);
  }
}
const onEdge = (/** @type {any} */ { coordinates: [lon, lat] }) => [126, 127].includes(lon) || [37, 38].includes(lat);
const sorted = (/** @type {any} */ attrs) => Object.fromEntries(Object.entries(attrs).sort(([a], [b]) => (a < b ? -1 : 1)));

/** @param {import('node:test').TestContext} t @param {number} kills @param {string} config */
async function killAndCheck(t, kills, config) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-kills-'));
  for (const entity of all) Object.assign(entity, { now: { exists: false, attrs: {} }, told: [], maybe: null, maybeTold: [] });
  let answered = 0;
  let read = 0;
  /** @type {import('./harness.mjs').Server | undefined} */
  let server;
  t.after(async () => {
    await server?.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  for (let round = 0; round <= kills; ++round) {
    const shards = [1, 2, 4][below(3)];
    server = await startServer({ args: ['--open'], data: folder, config: `shards: ${shards}\nquery_indexes: [level, name]\n${config}` });
    await check(server.http);
    read += await readFromStore(server.http);
    if (round === kills) break;
    const until = answered + 50 + below(400) + (below(4) === 0 ? 3_000 : 0); // long enough for the state to be saved in between
    /** @type {Promise<void> | undefined} */
    let killed;
    await Promise.all(
      lanes.map((mine) =>
        write(/** @type {any} */ (server).http, mine, () => {
          if (++answered >= until) killed ??= server?.kill();
        }),
      ),
    );
    await killed;
  }
  t.diagnostic(`${answered} writes answered, ${kills} kills, ${read} entities read from the store`);
  return read;
}

/** @param {string} base */
async function readFromStore(base) {
  const answer = await ask(`${base}/metrics`);
  assert.equal(answer.status, 200, answer.text);
  return Number(/^bongsu_context_cold_reads_total (\d+)/m.exec(answer.text)?.[1] ?? 0);
}

test(`${rounds} kills in the middle of random writes, on 1, 2 and 4 shards (seed ${seed})`, { timeout: 60_000 + rounds * 15_000 }, async (t) => {
  assert.equal(await killAndCheck(t, rounds, ''), 0);
});

const coldRounds = Math.max(2, Math.floor(rounds / 2));
test(`${coldRounds} kills with one byte for attributes (seed ${seed})`, { timeout: 60_000 + coldRounds * 15_000 }, async (t) => {
  assert.ok((await killAndCheck(t, coldRounds, 'context_memory_mb: 0.000001\n')) > 0);
});
