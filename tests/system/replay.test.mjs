// SPDX-License-Identifier: Apache-2.0
// @ts-check
// Recorded files played to a server that asks who is there, over each of its protocols.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startServer } from './harness.mjs';

const program = path.resolve(process.env.BONGSU ?? 'build/bongsu');
const kScale = 86_400;
const kFiles = {
  'seoul_air_hourly_test.csv': 'datetime,station,SO2_ppm,NO2_ppm,CO_ppm,O3_ppm,PM10_ugm3,PM2_5_ugm3\n2017-01-18 00:00,101,0.004,0.059,1.2,0.002,73,57\n2017-01-18 01:00,101,0.004,0.059,1.2,0.002,75,57\n',
  'seoul_air_stations.csv': 'station,name,latitude,longitude\n101,Jongno-gu,37.5720164,127.0050075\n',
  'smfr_dispatch_test.csv':
    'Inc Type Code,Inc Type Desc,City,Station First Due,Response Type,911 Date,Property Use,Incident Category,Inc Type Desc 2,X,Y\n321,EMS call,LITTLETON,13,Emergent,5/3/2019 9:29,Street,RESCUE,321 - EMS call,-11691800,4810800\n',
  'loghub_OpenSSH_test.log': 'Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186\nDec 10 06:55:48 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2\n',
};

test('a server with sign-in takes every row when the tokens fit', async () => {
  const server = await startServer({ keep: true, config: 'connectors: {syslog: {tcp: 127.0.0.1:0}}\n', args: ['--clock', `scale=${kScale},epoch=2026-01-01T00:00:00Z`] });
  const folder = path.join(path.dirname(server.data), 'recorded');
  try {
    fs.mkdirSync(folder);
    for (const [name, text] of Object.entries(kFiles)) fs.writeFileSync(path.join(folder, name), text);
    const env = { ...process.env };
    for (const tenant of ['seoul', 'south-metro', 'cyber-range']) {
      const name = tenant.toUpperCase().replaceAll('-', '_');
      await server.admin('tenant', 'create', tenant);
      env[`BONGSU_TOKEN_${name}`] = (await server.admin('token', 'create', '--role', 'application', '--tenant', tenant)).token;
      env[`BONGSU_WATCH_TOKEN_${name}`] = (await server.admin('token', 'create', '--role', 'operator', '--tenant', tenant)).token;
    }

    const report = await new Promise((resolve) => {
      const child = spawn(program, ['replay', '--data', folder, '--server', server.http, '--for', 'all', '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk) => (text += chunk));
      child.once('exit', () => resolve(JSON.parse(text)));
    });

    assert.equal(report.rows_in, 5);
    assert.equal(report.accepted, 5, JSON.stringify(report));
  } finally {
    await server.kill();
    fs.rmSync(path.dirname(server.data), { recursive: true, force: true });
  }
});
