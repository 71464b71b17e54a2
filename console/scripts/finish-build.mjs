// SPDX-License-Identifier: Apache-2.0
// After the build: compressed twins of every text file for the server to hand out as they are, and the budget of the
// first load (450 kB gzip of script, the map's worker apart).
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const budgetBytes = 450 * 1024;
const textual = /\.(?:js|mjs|css|html|svg|json)$/;

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      if (name !== ".vite") yield* files(path);
    } else yield path;
  }
}

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
for (const path of [...files(dist)]) {
  if (!textual.test(path)) continue;
  const bytes = readFileSync(path);
  const gzip = gzipSync(bytes, { level: 9 });
  if (first.has(path.slice(dist.length)) && /\.m?js$/.test(path)) script += gzip.length;
  if (bytes.length < 1024) continue;
  writeFileSync(`${path}.gz`, gzip);
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
}
console.log(`first load: ${(script / 1024).toFixed(1)} kB of script, gzip (budget ${budgetBytes / 1024} kB)`);
if (script > budgetBytes) {
  console.error("first load is over its budget");
  process.exit(1);
}
