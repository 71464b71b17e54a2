// SPDX-License-Identifier: Apache-2.0
// After the build: the budget of the first load (450 kB gzip of script, the map's worker apart).
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const budgetBytes = 450 * 1024;

const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const first = new Set();
function collect(key) {
  const chunk = manifest[key];
  if (chunk === undefined || first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const next of chunk.imports ?? []) collect(next);
}
collect("index.html");

let script = 0;
for (const file of first) {
  if (/\.m?js$/.test(file)) script += gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
}
// Only this check needs it; what stays is handed out.
rmSync(join(dist, ".vite"), { recursive: true });
console.log(`first load: ${(script / 1024).toFixed(1)} kB of script, gzip (budget ${budgetBytes / 1024} kB)`);
if (script > budgetBytes) {
  console.error("first load is over its budget");
  process.exit(1);
}
