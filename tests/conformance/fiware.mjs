// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** FIWARE/NGSI-LD_TestSuite: jest files that speak to TEST_ENDPOINT and read notifications from an accumulator. */
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
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

/** @param {string} url */
async function answers(url) {
  for (let round = 0; round < 100; ++round) {
    if (await fetch(url).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
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
    const port = await freePort();
    const accumulator = spawn('node', ['accumulator/accumulator.js'],
      { cwd: folder, stdio: 'ignore', env: { ...process.env, WEB_APP_PORT: String(port) } });
    const endpoint = `http://127.0.0.1:${port}`;
    try {
      await answers(endpoint);
      const report = await new Promise((resolve) => execFile('node_modules/.bin/jest', ['--runInBand', '--json', group.name],
        { cwd: folder, maxBuffer: 1 << 28, env: { ...process.env, TEST_ENDPOINT: url, ACC_ENDPOINT: endpoint, NOTIFY_ENDPOINT: `${endpoint}/acc` } },
        (_error, stdout) => resolve(JSON.parse(stdout))));
      return report.testResults.flatMap((/** @type {any} */ file) => file.assertionResults.map((/** @type {any} */ one) => ({
        name: one.title, passed: one.status === 'passed', message: one.failureMessages.join('\n').replace(/\u001b\[[0-9;]*m/g, ''),
      })));
    } finally {
      accumulator.kill('SIGKILL');
    }
  },
};
