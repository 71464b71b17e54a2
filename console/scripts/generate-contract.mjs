// SPDX-License-Identifier: Apache-2.0
// Writes src/shared/api/contract.gen.ts from api/openapi.yaml and api/events.schema.json, so that no type of the
// contract is ever written by hand.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

const root = new URL("../../api/", import.meta.url);
const api = parse(readFileSync(new URL("openapi.yaml", root), "utf8"));
const events = JSON.parse(readFileSync(new URL("events.schema.json", root), "utf8"));

const pascal = (word) => word.replace(/(^|_)([a-z])/g, (_, _sep, letter) => letter.toUpperCase());
const frameName = (name) => (name in api.components.schemas ? `Live${pascal(name)}` : pascal(name));

function refName(ref) {
  const last = ref.split("/").at(-1);
  return ref.startsWith("#/$defs/") ? frameName(last) : last;
}

function tuple(schema) {
  if (schema.prefixItems) return `[${schema.prefixItems.map(type).join(", ")}]`;
  const same = schema.minItems !== undefined && schema.minItems === schema.maxItems && schema.minItems <= 8;
  if (same) return `[${Array(schema.minItems).fill(type(schema.items)).join(", ")}]`;
  return `${wrap(type(schema.items ?? {}))}[]`;
}

const wrap = (text) => (/[|&]/.test(text) ? `(${text})` : text);

function object(schema) {
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties ?? {}).map(
    ([name, value]) => `${JSON.stringify(name)}${required.has(name) ? "" : "?"}: ${type(value)}`,
  );
  if (lines.length > 0) return `{ ${lines.join("; ")} }`;
  const rest = schema.additionalProperties;
  return `Record<string, ${rest && rest !== true ? type(rest) : "unknown"}>`;
}

// The first part is the general frame, the second narrows some of its fields.
function narrowed([general, narrow]) {
  const names = Object.keys(narrow.properties);
  const fields = object({ ...narrow, required: names });
  return `Omit<${type(general)}, ${names.map((name) => JSON.stringify(name)).join(" | ")}> & ${fields}`;
}

function type(schema) {
  if (schema.$ref) return refName(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.oneOf) return schema.oneOf.map(type).join(" | ");
  if (schema.allOf) return narrowed(schema.allOf);
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one })).join(" | ");
  if (schema.type === "array") return tuple(schema);
  if (schema.type === "object" || schema.properties) return object(schema);
  return { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" }[schema.type] ?? "unknown";
}

const resolve = (thing) =>
  thing.$ref ? thing.$ref.slice(2).split("/").reduce((at, part) => at[part], api) : thing;

function parameters(operation, shared, where) {
  const found = [...(shared ?? []), ...(operation.parameters ?? [])].map(resolve).filter((one) => one.in === where);
  if (found.length === 0) return "Record<string, never>";
  return `{ ${found.map((one) => `${JSON.stringify(one.name)}${one.required ? "" : "?"}: ${type(one.schema)}`).join("; ")} }`;
}

function answer(operation) {
  const good = Object.keys(operation.responses).find((code) => code.startsWith("2"));
  const content = good && resolve(operation.responses[good]).content?.["application/json"];
  return content ? type(content.schema) : "undefined";
}

const out = [
  "// Generated from api/openapi.yaml and api/events.schema.json; do not edit.",
  ...Object.entries(api.components.schemas).map(([name, schema]) => `export type ${name} = ${type(schema)};`),
  ...Object.entries(events.$defs)
    .filter(([, schema]) => !schema.$ref || !refName(schema.$ref).startsWith("Live"))
    .filter(([name]) => !["time", "alarm", "incident"].includes(name))
    .map(([name, schema]) => `export type ${frameName(name)} = ${type(schema)};`),
];

const operations = [];
const routes = [];
for (const [path, item] of Object.entries(api.paths)) {
  for (const method of ["get", "post", "patch", "delete"]) {
    const operation = item[method];
    if (!operation) continue;
    const body = operation.requestBody?.content?.["application/json"];
    operations.push(
      `  ${operation.operationId}: { params: ${parameters(operation, item.parameters, "path")}; query: ${parameters(operation, item.parameters, "query")}; ` +
        `body: ${body ? type(body.schema) : "undefined"}; answer: ${answer(operation)} };`,
    );
    routes.push(`  ${operation.operationId}: ["${method.toUpperCase()}", ${JSON.stringify(path)}],`);
  }
}
out.push("export interface Operations {", ...operations, "}");
out.push("export const routes = {", ...routes, "} as const satisfies Record<keyof Operations, readonly [string, string]>;");
out.push("export const words = {");
for (const [name, schema] of Object.entries(api.components.schemas)) {
  if (schema.enum) out.push(`  ${name}: ${JSON.stringify(schema.enum)},`);
}
out.push("} as const;", "");

writeFileSync(
  new URL("../src/shared/api/contract.gen.ts", import.meta.url),
  out.join("\n"),
);
