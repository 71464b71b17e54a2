// SPDX-License-Identifier: Apache-2.0
// The console's own rules, as a check: features do not know each other, shared knows no feature, no style attribute (the
// content security policy forbids it), no text outside the catalogues, an SPDX line in every file, no unused text.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

const root = new URL("../", import.meta.url).pathname;
const src = join(root, "src");
const problems = [];
const complain = (file, line, what) => problems.push(`${relative(root, file)}:${line}: ${what}`);

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

const areaOf = (file) => relative(src, file).split("/");

function checkImports(file, text) {
  const [area, noun] = areaOf(file);
  for (const [i, line] of text.split("\n").entries()) {
    const from = /from "(@\/[^"]+|\.[^"]*)"/.exec(line)?.[1];
    if (from === undefined) continue;
    const path = from.startsWith("@/") ? join(src, from.slice(2)) : join(file, "..", from);
    const [toArea, toNoun] = areaOf(path);
    if (area === "features" && toArea === "features" && toNoun !== noun) complain(file, i + 1, `feature ${noun} imports feature ${toNoun}`);
    if (area === "features" && toArea === "app") complain(file, i + 1, `feature ${noun} imports app`);
    if (area === "shared" && (toArea === "features" || toArea === "app")) complain(file, i + 1, `shared imports ${toArea}`);
  }
}

/** Text between tags, and attributes people read, without what stands in braces. */
function checkTemplate(file, text) {
  const markup = text.replace(/<script[\s\S]*?<\/script>/g, blank).replace(/<style[\s\S]*?<\/style>/g, blank).replace(/<!--[\s\S]*?-->/g, blank);
  for (const [i, line] of markup.split("\n").entries()) {
    if (/\sstyle=/.test(line)) complain(file, i + 1, "style attribute");
    for (const found of line.matchAll(/\s(?:aria-label|title|placeholder|alt)="([^"{]*[A-Za-z가-힣]{2,}[^"{]*)"/g)) complain(file, i + 1, `text in an attribute: ${found[1]}`);
  }
  const bare = withoutBraces(markup).replace(/<[^>]*>/g, "\n");
  for (const found of bare.matchAll(/[가-힣]+|[A-Za-z]{2,} +[A-Za-z]{2,}[^\n]*/g)) complain(file, 0, `text in the template: ${found[0].trim().slice(0, 60)}`);
}

const blank = (block) => block.replace(/[^\n]/g, " ");

function withoutBraces(text) {
  let depth = 0;
  let out = "";
  for (const ch of text) {
    if (ch === "{") depth++;
    if (depth === 0) out += ch;
    else if (ch === "\n") out += "\n";
    if (ch === "}") depth = Math.max(0, depth - 1);
  }
  return out;
}

let everything = "";
for (const file of files(src)) {
  if (file.endsWith(".gen.ts") || file.endsWith(".json")) continue;
  const text = readFileSync(file, "utf8");
  everything += text;
  if (!text.slice(0, 80).includes("SPDX-License-Identifier: Apache-2.0")) complain(file, 1, "no SPDX line");
  checkImports(file, text);
  if (file.endsWith(".svelte")) checkTemplate(file, text);
  const hangul = !file.endsWith(".test.ts") && !file.endsWith("i18n/text.ts") && !file.endsWith("city-map.ts");
  if (hangul && file.endsWith(".ts") && /"[^"\n]*[가-힣]/.test(text)) complain(file, 0, "Hangul outside the catalogues");
  if (text.split("\n").length > 500) complain(file, 500, "longer than 500 lines");
}

// Keys built from data end in a part that is a word of the contract; their stem must be used somewhere.
const stems = [...everything.matchAll(/`([a-z_]+_)\$\{/g)].map((found) => found[1]);
for (const key of Object.keys(JSON.parse(readFileSync(join(src, "shared/i18n/ko.json"), "utf8")))) {
  const used = everything.includes(`"${key}"`) || everything.includes(`'${key}'`) || stems.some((stem) => key.startsWith(stem));
  if (!used) complain(join(src, "shared/i18n/ko.json"), 0, `text is never used: ${key}`);
}

const lock = readFileSync(join(root, "package-lock.json"), "utf8");
if (lock.includes('"resolved"')) complain(join(root, "package-lock.json"), 0, "download addresses in the lock file");

for (const problem of problems) console.error(problem);
console.log(`check-source: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
