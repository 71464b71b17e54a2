// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** The ETSI suite: Robot Framework files; the runner makes the Python environment it needs beside the checkout. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './fiware.mjs';

/** @param {string} folder @returns {string[]} */
function robotFiles(folder) {
  return fs.readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith('.robot') && !path.basename(file).startsWith('__'));
}

/** What each test of a Robot output file came to. @param {string} xml */
function readOutput(xml) {
  const cases = [];
  for (const [, attributes, body] of xml.matchAll(/<test ([^>]*)>([\s\S]*?)<\/test>/g)) {
    const status = [...body.matchAll(/<status ([^>]*?)(\/>|>([\s\S]*?)<\/status>)/g)].at(-1);
    const name = /name="([^"]*)"/.exec(attributes)?.[1] ?? '';
    cases.push({ name, passed: /status="(PASS|SKIP)"/.test(status?.[1] ?? ''), message: (status?.[3] ?? '').slice(0, 600) });
  }
  return cases;
}

/** The suite starts its MQTT broker with `docker`; here that word starts mosquitto, on the ports that its cases name. */
const docker = `#!/bin/sh
home=$(dirname "$0")
case "$1" in
run)
  conf=$(echo "$*" | sed 's/.*CONF=\\([^ ]*\\).*/\\1/')
  cp "resources/mqttUtils/mosquitto/mosquitto_pwd" "$home/mosquitto_pwd"
  { sed -e "s#/mosquitto/config#$home#" -e 's/^listener 1883/listener 1883 127.0.0.1/' "resources/mqttUtils/mosquitto/$conf"
    printf '\\nlistener 8085 127.0.0.1\\npid_file %s/pid\\nuser root\\n' "$home"; } > "$home/conf"
  mosquitto -d -c "$home/conf" || exit 1
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$home/pid" ] && exit 0; sleep 0.2; done; exit 1;;
*)
  [ -s "$home/pid" ] || exit 0
  pid=$(cat "$home/pid"); kill "$pid"; rm -f "$home/pid"
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || exit 0; sleep 0.2; done;;
esac
`;

export const etsi = {
  name: 'etsi',
  /** Answers of 20 instances must be whole, those of 40 must be cut. */
  settings: 'temporal_instances: 30\n',
  /** @param {string} folder */
  knows: (folder) => fs.existsSync(path.join(folder, 'TP', 'NGSI-LD')),
  /** @param {string} folder @param {(command: string[], options: object) => void} run */
  prepare(folder, run) {
    if (fs.existsSync(path.join(folder, '.venv', 'bin', 'robot'))) return;
    const needs = fs.readFileSync(path.join(folder, 'requirements.txt'), 'utf8').split('\n').filter((line) => !/robocop|prettydiff/.test(line));
    fs.writeFileSync(path.join(folder, '.requirements'), needs.join('\n'));
    run(['python3', '-m', 'venv', '.venv'], { cwd: folder });
    run(['.venv/bin/pip', 'install', '--quiet', '-r', '.requirements'], { cwd: folder });
  },
  /** @param {string} folder @returns {[string, string][]} */
  contexts(folder) {
    const documents = path.join(folder, 'resources', 'jsonld-contexts');
    const base = /ngsild_test_suite_context = '(.*)\/[^/]*'/.exec(fs.readFileSync(path.join(folder, 'resources', 'variables.py'), 'utf8'))?.[1];
    // Documents that name others come after them.
    const files = fs.readdirSync(documents).sort((a, b) => Number(a.includes('compound')) - Number(b.includes('compound')));
    /** @param {string} address @param {string} file @returns {[string, string]} */
    const document = (address, file) => [address, fs.readFileSync(path.join(documents, file), 'utf8')];
    return [
      ...files.map((file) => document(`${base}/${file}`, file)),
      // Some cases still name the address that the same terms had before.
      // Named by cases that only look at addresses; no term of theirs is used.
      ['https://fiware.github.io/NGSI-LD_TestSuite/ldContext/testContext.jsonld', '{"@context":{}}'],
      ['https://fiware.github.io/data-models/context.jsonld', '{"@context":{}}'],
      document('https://easy-global-market.github.io/ngsild-api-data-models/ngsildTestSuite/ngsildTestSuiteV1.8-compound.jsonld', files.at(-1) ?? ''),
    ];
  },
  /** @param {string} folder @param {string} only */
  groups(folder, only) {
    const names = new Set(robotFiles(path.join(folder, 'TP', 'NGSI-LD')).filter((file) => file.includes(only)).map((file) => path.dirname(file)));
    return [...names].sort().map((name) => ({ name }));
  },
  /** @param {string} folder @param {{ name: string }} group @param {string} url */
  async run(folder, group, url) {
    const output = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-etsi-'));
    const [notifications, sources, contexts] = [await freePort(), await freePort(), await freePort()];
    /** @type {Record<string, string | number>} */
    const variables = {
      url: `${url}/ngsi-ld/v1`, temporal_api_url: `${url}/ngsi-ld/v1`, notification_server_host: '127.0.0.1',
      notification_server_port: notifications, context_source_host: '127.0.0.1', context_source_port: sources,
      context_server_host: '127.0.0.1', context_server_port: contexts, mqtt_broker_host: '127.0.0.1',
    };
    const settings = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}:${value}`]);
    const cases = path.join('TP', 'NGSI-LD', group.name);
    const files = fs.readdirSync(path.join(folder, cases)).filter((file) => file.endsWith('.robot')).map((file) => path.join(cases, file));
    const tools = fs.mkdtempSync(path.join(os.tmpdir(), 'bongsu-etsi-tools-'));
    fs.writeFileSync(path.join(tools, 'docker'), docker, { mode: 0o755 });
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}:/usr/sbin` };
    await new Promise((resolve) => execFile('.venv/bin/robot', ['--outputdir', output, '--log', 'NONE', '--report', 'NONE', '--console', 'none', ...settings, ...files],
      { cwd: folder, env, maxBuffer: 1 << 28, timeout: 1_200_000 }, resolve));
    await new Promise((resolve) => execFile(path.join(tools, 'docker'), ['rm'], resolve));
    fs.rmSync(tools, { recursive: true, force: true });
    const file = path.join(output, 'output.xml');
    const found = fs.existsSync(file) ? readOutput(fs.readFileSync(file, 'utf8')) : [{ name: group.name, passed: false, message: 'Robot wrote no output' }];
    fs.rmSync(output, { recursive: true, force: true });
    return found;
  },
};
