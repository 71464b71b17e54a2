// SPDX-License-Identifier: Apache-2.0
// @ts-check
/**
 * Published examples of twelve domains of Smart Data Models (../shared/data/ngsi-ld): what is valid comes back the same in every form, what is
 * malformed is refused by name. Files named `*-normalized.json` are NGSI-v2, which is another language: refused too.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask, startServer } from './harness.mjs';

const root = path.resolve('../shared/data/ngsi-ld');
const there = fs.existsSync(root);
const skip = there ? false : 'the examples are not here: no folder ../shared/data/ngsi-ld';
const kinds = ['Property', 'GeoProperty', 'Relationship', 'LanguageProperty', 'VocabProperty', 'JsonProperty', 'ListProperty', 'ListRelationship'];

/** NGSI-LD files that are malformed as published, and what the refusal must name. @type {Record<string, RegExp>} */
const malformed = {
  'Building/VibrationsObserved__example-normalized.jsonld': /ngsi-ld\/location is a GeoProperty/,
  'Device/DeviceMeasurement__example-normalized.jsonld': /ngsi-ld\/location is a GeoProperty/,
  'Energy/InverterDevice__example-normalized.jsonld': /ngsi-ld\/location: a position is \[longitude, latitude\], got \[\[43\.66481/,
  'Energy/SolarEnergy__example-normalized.jsonld': /ngsi-ld\/location: a position is \[longitude, latitude\]/,
  'Environment/AirQualityMonitoring__example-normalized.jsonld': /ngsi-ld\/location is a GeoProperty/,
  'Environment/FloodMonitoring__example-normalized.jsonld': /floodLevelStatus: 'string' is no attribute type/,
  'Environment/NightSkyQuality__example-normalized.jsonld': /id is a URI, got "DTI-036"/,
  'Environment/PhreaticObserved__example-normalized.jsonld': /depth: observedAt is YYYY-MM-DDThh:mm:ss/,
  'Environment/WaterObserved__example-normalized.jsonld': /dateObserved: object is a URI/,
  'PointOfInterest/PointOfInterest__example.jsonld': /the body is not JSON/,
  'Transportation/AnprFlowObserved__example.jsonld': /ngsi-ld\/location: position \[-56\.6404505,168\.370658\] lies outside/,
  'Transportation/BikeLane__example-normalized.jsonld': /ngsi-ld\/location is a GeoProperty/,
  'Transportation/CityWork__example-normalized.jsonld': /tramwayImpacted: 'Property ' is no attribute type/,
  'Transportation/FareCollectionSystem__example-normalized.jsonld': /ngsi-ld\/location is a GeoProperty/,
  'Transportation/RestrictionException__example-normalized.jsonld': /name: 'string' is no attribute type/,
};

/** @type {import('./harness.mjs').Server} */
let server;
let contexts = '';
/** @type {Record<string, string>} */
const index = {};
const link = (/** @type {string} */ domain) =>
  ({ link: `<https://raw.githubusercontent.com/smart-data-models/dataModel.${domain}/master/context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"` });

before(async () => {
  if (!there) return;
  contexts = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-contexts-'));
  for (const domain of fs.readdirSync(root)) {
    fs.copyFileSync(path.join(root, domain, 'context.jsonld'), path.join(contexts, `${domain}.jsonld`));
    for (const address of [`https://raw.githubusercontent.com/smart-data-models/dataModel.${domain}/master/context.jsonld`,
      `https://smart-data-models.github.io/dataModel.${domain}/context.jsonld`]) index[address] = `${domain}.jsonld`;
  }
  fs.writeFileSync(path.join(contexts, 'index.json'), JSON.stringify(index));
  server = await startServer({ args: ['--open'], config: `packs: ${contexts}\nld_contexts: ${contexts}\n` });
});
after(async () => {
  await server?.stop();
  if (contexts) fs.rmSync(contexts, { recursive: true, force: true });
});

/** @param {string} domain @param {string} file */
const read = (domain, file) => fs.readFileSync(path.join(root, domain, file), 'utf8');
const files = () => fs.readdirSync(root).flatMap((domain) => fs.readdirSync(path.join(root, domain))
  .filter((file) => file !== 'context.jsonld').sort().map((file) => ({ domain, file, name: `${domain}/${file}` })));

/** @param {string} text @param {string} type */
const create = (text, type) => ask(`${server.http}/ngsi-ld/v1/entities`, { body: text, type });
/** @param {string} id @param {string} domain @param {string} query @param {string} [accept] */
async function get(id, domain, query, accept = 'application/json') {
  const answer = await ask(`${server.http}/ngsi-ld/v1/entities/${encodeURIComponent(id)}${query}`, { headers: { ...link(domain), accept, prefer: 'body=json' } });
  assert.equal(answer.status, 200, `${id}${query}: ${answer.text}`);
  return answer.json;
}
/** @param {string} id */
const remove = async (id) => assert.equal((await ask(`${server.http}/ngsi-ld/v1/entities/${encodeURIComponent(id)}`, { method: 'DELETE' })).status, 204);

/** What the simplified form of a normalized attribute is. @param {any} attribute @returns {any} */
function simplified(attribute) {
  if (Array.isArray(attribute)) return { dataset: Object.fromEntries(attribute.map((one) => [one.datasetId ?? '@none', simplified(one)])) };
  if (attribute.type === 'LanguageProperty') return { languageMap: attribute.languageMap };
  if (attribute.type === 'VocabProperty') return { vocab: attribute.vocab };
  if (attribute.type === 'JsonProperty') return { json: attribute.json };
  if (attribute.type === 'ListRelationship') return attribute.objectList.map((/** @type {any} */ item) => item.object);
  return attribute.value ?? attribute.object ?? attribute.valueList;
}

/** Without what a broker keeps for itself. @param {any} value @returns {any} */
function asKept(value) {
  if (Array.isArray(value)) return value.map(asKept);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([name]) => !['@context', 'createdAt', 'modifiedAt'].includes(name));
  if (!kinds.includes(value.type)) return value;
  return Object.fromEntries(entries.map(([name, content]) => [name, ['value', 'object', 'languageMap', 'json'].includes(name) ? content : asKept(content)]));
}

test('a valid example comes back the same normalized, concise, simplified and as GeoJSON', { skip }, async () => {
  let [accepted, compared] = [0, 0];
  for (const { domain, file, name } of files()) {
    const text = read(domain, file);
    const created = await create(text, file.endsWith('.jsonld') ? 'application/ld+json' : 'application/json');
    if (created.status !== 201) continue;
    ++accepted;
    const given = JSON.parse(text);
    const { id } = given;

    const normalized = await get(id, domain, '');
    const own = [given['@context'] ?? []].flat();
    if (file.endsWith('-normalized.jsonld') && own.every((/** @type {string} */ address) => index[address] === `${domain}.jsonld` || address.includes('ngsi-ld-core-context'))) {
      ++compared;
      const expected = Object.fromEntries(Object.entries(given).filter(([member]) => !['@context', 'createdAt', 'modifiedAt'].includes(member))
        .map(([member, value]) => [member, asKept(value)]));
      assert.deepEqual(normalized, expected, name);
    }

    const attributes = Object.entries(normalized).filter(([member]) => !['id', 'type', 'scope'].includes(member));
    const short = await get(id, domain, '?format=simplified');
    for (const [member, attribute] of attributes) assert.deepEqual(short[member], simplified(attribute), `${name} ${member} simplified`);
    assert.deepEqual(await get(id, domain, '?options=keyValues'), short, name);

    const feature = await get(id, domain, '', 'application/geo+json');
    const { id: _, ...rest } = normalized;
    assert.deepEqual(feature, { id, type: 'Feature', geometry: normalized.location?.value ?? null, properties: rest }, `${name} as GeoJSON`);

    for (const query of ['?format=concise', '?format=normalized']) {
      const form = await get(id, domain, query, 'application/ld+json');
      await remove(id);
      const again = await create(JSON.stringify(form), 'application/ld+json');
      assert.equal(again.status, 201, `${name}${query}: ${again.text}`);
      assert.deepEqual(await get(id, domain, ''), normalized, `${name} through ${query}`);
    }
    await remove(id);
  }
  assert.ok(accepted >= 200, `only ${accepted} files are accepted`);
  assert.ok(compared >= 60, `only ${compared} files were compared with what was sent`);
});

test('a malformed example is refused and the answer says which member is wrong', { skip }, async () => {
  const seen = new Set();
  for (const { domain, file, name } of files()) {
    const text = read(domain, file);
    const answer = await create(text, file.endsWith('.jsonld') ? 'application/ld+json' : 'application/json');
    if (answer.status === 201) {
      assert.ok(!(name in malformed), `${name} is taken`);
      await remove(JSON.parse(text).id);
      continue;
    }
    seen.add(name);
    if (answer.status === 504) {
      assert.match(answer.json.type, /LdContextNotAvailable$/, name);
      assert.match(answer.json.detail, /@context \S+ is not installed here/, name);
      continue;
    }
    assert.equal(answer.status, 400, `${name}: ${answer.text}`);
    assert.match(answer.json.type, /(BadRequestData|InvalidRequest)$/, name);
    assert.match(answer.json.detail, malformed[name] ?? /^(attribute \S+|id is a URI, got|'[^']+' is no|the body is not JSON)/, name);
  }
  assert.deepEqual(Object.keys(malformed).filter((name) => !seen.has(name)), []);
});
