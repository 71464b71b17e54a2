// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** What the tests here share: a city folder (made once), the story, a fixed day. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readStory } from './lib/story.mjs';

export const DAY = Date.parse('2026-11-22T00:00:00+09:00');
export const story = readStory(new URL('./story.json', import.meta.url));

/** @returns {{folder: string, remove: () => void}} */
export function makeCity() {
  const folder = mkdtempSync(join(tmpdir(), 'demo-city-'));
  const generator = fileURLToPath(new URL('../city/generate.mjs', import.meta.url));
  const made = spawnSync(process.execPath, [generator, '--out', folder, '--no-tiles', '--quiet'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
