// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** FIWARE/NGSI-LD_TestSuite: jest files that speak to TEST_ENDPOINT and read notifications from an accumulator. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

/** A port that was free a moment ago. @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

/**
 * What the cases read notifications from: POST /acc takes one, GET /dump gives all by subscription, POST /clear forgets them.
 * The suite's own of 2021 answers no POST under a Node of today.
 */
async function startAccumulator() {
  /** @type {Record<string, { notifications: any[], entityData: Record<string, any[]> }>} */
  let told = {};
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      if (request.url === '/dump') return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(told));
      if (request.url === '/clear') told = {};
      if (request.url === '/acc') {
        const one = JSON.parse(text);
        const of = (told[one.subscriptionId] ??= { notifications: [], entityData: {} });
        of.notifications.push(one);
        for (const entity of Array.isArray(one.data) ? one.data : []) (of.entityData[entity.id] ??= []).push(entity);
      }
      return response.writeHead(204).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const fiware = {
  name: 'fiware',
  /** @param {string} folder */
  knows: (folder) => fs.existsSync(path.join(folder, 'contextProvision', 'create_entity_test.js')),
  /** @param {string} folder @param {(command: string[], options: object) => void} run */
  prepare(folder, run) {
    if (!fs.existsSync(path.join(folder, 'node_modules'))) run(['npm', 'ci', '--ignore-scripts', '--silent'], { cwd: folder });
  },
  /** Address and text, those that name others last. @param {string} folder @returns {[string, string][]} */
  contexts: (folder) => [
    ['https://schema.org/docs/jsonldcontext.json', JSON.stringify({ '@context': { schema: 'https://schema.org/' } })],
    .../** @type {[string, string][]} */ (fs.readdirSync(path.join(folder, 'ldContext'))
      .filter((file) => file !== 'contextWithParseError.jsonld')
      .map((file) => [`https://fiware.github.io/NGSI-LD_TestSuite/ldContext/${file}`, fs.readFileSync(path.join(folder, 'ldContext', file), 'utf8')])),
  ],
  /** @param {string} folder @param {string} only */
  groups: (folder, only) => fs.readdirSync(folder)
    .filter((name) => fs.statSync(path.join(folder, name)).isDirectory() && fs.readdirSync(path.join(folder, name)).some((file) => file.endsWith('_test.js')))
    .filter((name) => name.includes(only))
    .map((name) => ({ name })),
  /** @param {string} folder @param {{ name: string }} group @param {string} url */
  async run(folder, group, url) {
    const accumulator = await startAccumulator();
    const endpoint = accumulator.url;
    try {
      const report = await new Promise((resolve) => execFile('node_modules/.bin/jest', ['--runInBand', '--json', '--forceExit', group.name],
        { cwd: folder, maxBuffer: 1 << 28, env: { ...process.env, TEST_ENDPOINT: url, ACC_ENDPOINT: endpoint, NOTIFY_ENDPOINT: `${endpoint}/acc` } },
        (_error, stdout) => resolve(JSON.parse(stdout))));
      return report.testResults.flatMap((/** @type {any} */ file) => file.assertionResults.map((/** @type {any} */ one) => ({
        name: one.title, passed: one.status === 'passed', message: one.failureMessages.join('\n').replace(/\u001b\[[0-9;]*m/g, ''),
      })));
    } finally {
      accumulator.stop();
    }
  },
};
