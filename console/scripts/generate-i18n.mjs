// SPDX-License-Identifier: Apache-2.0
// Writes the union of text keys from the two catalogues and fails when they differ.
import { readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../src/shared/i18n/", import.meta.url);
const read = (name) => Object.keys(JSON.parse(readFileSync(new URL(name, folder), "utf8")));
const ko = read("ko.json");
const en = new Set(read("en.json"));
const different = [...ko.filter((key) => !en.has(key)), ...[...en].filter((key) => !ko.includes(key))];
if (different.length > 0) {
  console.error(`i18n: keys not in both catalogues: ${different.join(", ")}`);
  process.exit(1);
}
const lines = ko.map((key) => `  | ${JSON.stringify(key)}`);
writeFileSync(
  new URL("keys.gen.ts", folder),
  `// Generated from ko.json; do not edit.\nexport type TextKey =\n${lines.join("\n")};\n`,
);
